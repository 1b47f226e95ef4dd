import { printable } from '../../model/printable.ts';
import { counted, size, valueText } from '../shared/words.ts';
import { painter, stateColours } from '../terminal/paint.ts';
import { duration, lossPercent, milliseconds, padEnd, padStart, widthOf } from '../terminal/text.ts';
import type { DaemonFacts, Explanation, OrderMemory } from './facts.ts';
import { clock, entry, heading, indent, type PageOptions, type Pen, sentence } from './pen.ts';
import { routeLines } from './route.ts';
import { runLines } from './run.ts';
import { measurementLines } from './samples.ts';
import { factLines } from './told-facts.ts';

/** The explanation as a page: lines that fit into the columns wherever they can be broken. */
export function explainPage(told: Explanation, options: PageOptions): string[] {
	const pen: Pen = { ...options, paint: painter(options.colours) };
	const daemon = 'silence' in told.daemon ? null : told.daemon;
	const memory = daemon?.memory ?? null;
	const sections = [
		headLines(told, daemon, pen),
		popLines(told, pen),
		orderLines(told, pen),
		...(memory === null ? [] : [batchLines(memory, pen), runLines(memory, pen)]),
		measurementLines(told.measurements, pen),
		factLines(told, pen),
		routeLines(told.id, told.route, told.facts, pen),
		...(memory === null ? [] : [slotLines(memory, pen)]),
		fileLines(told, pen),
		archiveLines(told, pen),
	];
	return sections
		.filter((lines) => lines.length > 0)
		.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
}

// ---- The sections ----

function headLines(told: Explanation, daemon: DaemonFacts | null, pen: Pen): string[] {
	const { paint } = pen;
	const colour = told.state === 'archived' ? 'dim' : stateColours[told.state];
	const title = `${paint('bold', printable(told.id))}  ${paint(colour, told.state)}`;
	const reason = told.reason ?? pickUpText(told, daemon);
	// Findings stand in one line where there is only one.
	const reasons = told.state === 'rejected' ? (reason?.split(' | ') ?? []) : [reason ?? ''];
	const why = reasons
		.filter((one) => one !== '')
		.flatMap((one) => sentence(printable(one), pen))
		.map((line) => paint('red', line));
	return [title, ...why, ...(told.result === null ? [] : resultLines(told, pen))];
}

/** What the state alone does not say. */
function pickUpText({ state }: Explanation, daemon: DaemonFacts | null): string | null {
	if (daemon === null) return null;
	if (state === 'archived') return null;
	switch (daemon.state) {
		case 'unseen':
			return 'the daemon has not picked it up yet: within a second, or half a minute after a burst';
		case 'unsettled':
			return 'the file may be half written: the daemon looks again a second after its last change';
		case 'expiring':
			return 'it was not refreshed in time: the daemon is archiving it';
		default:
			return null;
	}
}

function resultLines({ result }: Explanation, pen: Pen): string[] {
	if (result === null) return [];
	const { min, median, max } = result;
	const rtts =
		median === null ? '' : `, median ${milliseconds(median)} ms (${milliseconds(min)}-${milliseconds(max)})`;
	const loss = `loss ${lossPercent(result.loss, result.pings)}`;
	return [`${indent}${loss}${rtts} in the slot of ${clock(result.time, pen)}`];
}

function popLines({ id, pops = [] }: Explanation, pen: Pen): string[] {
	if (pops.length === 0) return [];
	return [
		heading('POINTS OF PRESENCE', pen, printable(`explain ${id}/@POP tells more of one`)),
		...pops.flatMap(({ pop, state, reason, result }) => {
			const median = result === null ? null : `median ${milliseconds(result.median)} ms`;
			const loss = result === null ? null : `loss ${lossPercent(result.loss, result.pings)}`;
			const told = [state, loss, median, reason === null ? null : printable(reason)];
			return entry(pop, told.filter((part) => part !== null).join(', '), pen);
		}),
	];
}

function orderLines({ order }: Explanation, pen: Pen): string[] {
	if (order === null) return [];
	const isDefault = new Set(order.defaults);
	const mark = (key: string, value: string) => (isDefault.has(key) ? `${value} (default)` : value);
	const line = (label: string, value: string) => entry(label, value, pen);
	const tags = Object.entries(order.tags).map(([name, value]) => `${name}=${value}`);
	return [
		heading('ORDER', pen),
		...line('user', valueText(order.user)),
		...(order.task === null ? [] : line('task', valueText(order.task))),
		...(['title', 'note', 'link'] as const).flatMap((key) => {
			const said = order[key];
			return said === null ? [] : line(key, printable(said));
		}),
		...(order.objective === null ? [] : line('objective', `${order.objective}%`)),
		...line('step', `${order.step} s`),
		...line('pings', String(order.pings)),
		...line('probe', order.probe),
		...Object.entries(order.options).flatMap(([key, value]) =>
			line(`  ${key}`, mark(`${order.probe}.${key}`, valueText(value))),
		),
		...(order.not_set.length === 0 ? [] : line('  not set', order.not_set.join(', '))),
		...line('rrd_template', mark('rrd_template', order.rrd_template)),
		...(order.measurement_name === null ? [] : line('measurement', valueText(order.measurement_name))),
		...(tags.length === 0 ? [] : line('tags', valueText(tags.join(', ')))),
	];
}

function batchLines({ batch }: OrderMemory, pen: Pen): string[] {
	const most = batch.targets_max === null ? '' : `, ${batch.targets_max} at most`;
	return [
		heading('BATCH', pen, 'orders with equal probe, step, pings and options share a run'),
		...entry('targets', `${batch.targets}${most}`, pen),
		...entry(counted(batch.orders.count, 'order'), named(batch.orders), pen),
		...(batch.same_target.count === 0 ? [] : entry('same target', named(batch.same_target), pen)),
	];
}

function named({ count, ids }: OrderMemory['batch']['orders']): string {
	const more = count - ids.length;
	return `${ids.map(printable).join(', ')}${more > 0 ? ` … and ${more} more` : ''}`;
}

function slotLines(memory: OrderMemory, pen: Pen): string[] {
	const { since, slots, last_failure, last_skip, last_loss } = memory;
	const { measured, failed, skipped, overrun, late } = slots;
	const parts = [...(failed > 0 ? [`${failed} failed`] : []), ...(skipped > 0 ? [`${skipped} skipped`] : [])];
	const why = (label: string, unknown: typeof last_failure) =>
		unknown === null ? [] : entry(label, `${clock(unknown.time, pen)}: ${printable(unknown.reason)}`, pen);
	return [
		heading('SLOTS', pen, `since ${clock(since, pen)}, when the daemon took it up`),
		...entry('measured', String(measured), pen),
		...why('  last loss', last_loss),
		...entry('unknown', `${failed + skipped}${parts.length === 0 ? '' : `: ${parts.join(', ')}`}`, pen),
		...why('  last failed', last_failure),
		...why('  last skipped', last_skip),
		...(overrun === 0 ? [] : entry('cut short', `${overrun}, at the end of the slot`, pen)),
		...(late === 0 ? [] : entry('late', `${late} began too late`, pen)),
	];
}

function fileLines({ files }: Explanation, pen: Pen): string[] {
	if (files.length === 0) return [];
	const shown = files.map(({ path, bytes, modified }) => ({
		path: printable(path),
		rest: `${padStart(size(bytes), 8)}  ${clock(modified, pen)}`,
	}));
	const width = Math.max(...shown.map(({ path }) => widthOf(path)));
	// A name that leaves no room for the rest has a line of its own.
	const isNarrow = indent.length + width + 2 + 8 + 2 + 18 <= pen.columns;
	const lines = shown.flatMap(({ path, rest }) =>
		isNarrow ? [`${padEnd(path, width)}  ${rest}`] : [path, `    ${rest}`],
	);
	return [heading('FILES', pen, `in ${printable(pen.baseDir)}`), ...lines.map((line) => indent + line)];
}

function archiveLines({ id, state, archived, expires }: Explanation, pen: Pen): string[] {
	const text = (words: string) => sentence(words, pen);
	const shownId = printable(id);
	if (archived !== null) {
		const when = archived.time === null ? '' : `, ${clock(archived.time, pen)}`;
		const why = {
			expired: `It was not refreshed for too long${when}.`,
			measured: `It was measured once, as it asked for${when}.`,
			removed: `Its file was deleted${when}.`,
			pending: 'Its file was deleted: its results go to archive/ as soon as the daemon sees it.',
		}[archived.why];
		return [
			heading('ARCHIVED', pen),
			...text(`${why} Write orders/${shownId} again, and it goes on where it stopped.`),
		];
	}
	if (state === 'rejected' || expires === null) {
		const why =
			state === 'rejected' || state === 'unreadable'
				? 'A file that is no valid order never expires'
				: 'It never expires, as it is set to';
		return [heading('ARCHIVING', pen), ...text(`When its file is deleted. ${why}.`)];
	}
	const overdue = expires < pen.nowSeconds ? `; that was due ${duration(pen.nowSeconds - expires)} ago` : '';
	return [
		heading('ARCHIVING', pen),
		...text(`When its file is deleted, or not refreshed until ${clock(expires, pen)}${overdue}.`),
	];
}
