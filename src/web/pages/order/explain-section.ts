import { withoutPasswords } from '../../../model/printable.ts';
import { type Html, html } from '../html.ts';
import type { PageContext, Section } from '../page.ts';
import { type Explained, shownOrder } from './shown-order.ts';
import { counted, spanText, time } from './words.ts';

/** What `pingmachine explain` knows. Who may see pages alone is not told command lines and files. */
export const explainSection: Section = {
	...{ id: 'explain', page: 'order', order: 80, title: 'How it is measured' },
	render: async (context) => {
		const { told } = await shownOrder(context);
		if (told === null || !mayKnow(context)) return null;
		const { memory, silence } = told.daemon;
		const options = Object.entries(told.order?.options ?? {});
		return html`<dl class="facts" id="explain-now" data-refresh="30">
${options.map(([name, value]) => entry(name, withoutPasswords(String(value))))}
${told.expires === null ? null : entry('archived unless refreshed', time(told.expires))}
${told.archived === null ? null : entry('archived', html`${told.archived.why}${told.archived.time === null ? null : html`, ${time(told.archived.time)}`}`)}
${silence === undefined ? null : entry('daemon', `no answer: ${silence}`)}
${memory === null || memory === undefined ? null : memoryEntries(memory)}
${told.files.filter(({ path }) => !path.includes('/.')).map(({ path, bytes, modified }) => entry('file', html`${path}, ${bytes} bytes, ${time(modified)}`))}</dl>`;
	},
};

function mayKnow({ asked, parts: { settings } }: PageContext): boolean {
	if (asked.who !== null || settings.public.includes('api')) return true;
	return settings.tokensFile === null && !settings.public.includes('pages');
}

function entry(name: string, value: Html | string): Html {
	return html`<dt>${name}</dt><dd><bdi>${value}</bdi></dd>\n`;
}

function memoryEntries(memory: NonNullable<Explained['daemon']['memory']>): Html[] {
	const { slots, last_failure, last_skip, last_loss, next_due, batch, last_run, since } = memory;
	const counts = Object.entries(slots).map(([name, count]) => `${count} ${name}`);
	const why = (name: string, what: typeof last_loss) =>
		what === null ? [] : [entry(name, html`${time(what.time)}: ${what.reason}`)];
	return [
		entry('slots', html`${counts.join(', ')}, since ${time(since)}`),
		...why('last failure', last_failure),
		...why('last skipped', last_skip),
		...why('last loss', last_loss),
		entry('next', time(next_due)),
		entry('batch', `${counted(batch.targets, 'target')}, ${counted(batch.orders.count, 'order')}`),
		...(last_run === null ? [] : runEntries(last_run)),
	];
}

function runEntries({ started, took, window, targets, address, commands, notes }: Run): Html[] {
	const length = took === null ? 'still running' : `took ${spanText(took)}`;
	const words = `${length} of ${spanText(window)}, ${counted(targets, 'target')}`;
	return [
		entry('last run', html`${time(started)}, ${words}`),
		...(address === null || address === undefined ? [] : [entry('address', address)]),
		...commands.map(({ program, args }) =>
			entry('command', html`<code>${[program, ...args].join(' ')}</code>`),
		),
		...notes.map((note) => entry('note', note)),
	];
}

type Run = NonNullable<NonNullable<Explained['daemon']['memory']>['last_run']>;
