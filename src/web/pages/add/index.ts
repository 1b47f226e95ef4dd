import type { AnyProbe } from '../../../model/probe.ts';
import { OrderChanges } from '../../api/order-changes.ts';
import { RequestFault } from '../../server/route.ts';
import type { WebParts } from '../../web-parts.ts';
import { type Html, html } from '../html.ts';
import type { PageContext, PageRoom } from '../page.ts';
import { secretInput } from '../secret-input.ts';
import { editForm, editPage } from './edit.ts';
import { type Filled, faultsAbove, fieldOf, optionForm, topForm } from './form.ts';
import { optionName, ordersIn } from './make-orders.ts';
import { optionFields } from './option-fields.ts';
import { topFields } from './order-fields.ts';
import { wayToRight } from './rights.ts';
import { targetsMax } from './targets.ts';

/** Of many pasted targets. */
const bodyMax = 512 * 1024;
/** After so many orders others have their turn. */
const sliceOrders = 20;

/** `/add`, and `/orders/ID/edit`, which also removes. */
export function addRoom(parts: WebParts): PageRoom {
	const changes = new OrderChanges(parts);
	return {
		pages: [
			{
				...{ name: 'add', path: '/add', nav: { label: 'Add', order: 50 }, title: () => 'Add orders' },
				form: { scope: 'order', bodyMax, take: (context, form) => take(context, form, changes) },
			},
			editPage(changes),
		],
		sections: [
			{
				...{
					id: 'add',
					page: 'add',
					order: 10,
					title: 'New orders',
					isTitleHidden: true,
					style: 'forms.css',
				},
				script: 'forms.js',
				render: (context) => wayToRight(context) ?? addForm(context),
			},
			{
				...{ id: 'edit', page: 'edit', order: 10, title: 'Order', isTitleHidden: true, style: 'forms.css' },
				render: (context) => wayToRight(context) ?? editForm(context, changes),
			},
		],
	};
}

const usualProbe = 'icmp';

function probeIn({ parts: { probes } }: PageContext, query: URLSearchParams): AnyProbe {
	const name = query.get('probe') ?? usualProbe;
	const probe = probes.get(name);
	if (probe === undefined) throw new RequestFault(400, `there is no probe called ${name.slice(0, 60)}`);
	return probe;
}

async function take(context: PageContext, form: URLSearchParams, changes: OrderChanges) {
	const user = changes.changerOf(context.asked);
	const made = ordersIn(form, probeIn(context, form), changes, user);
	if ('findings' in made) return made;
	for (const [at, order] of made.orders.entries()) {
		try {
			changes.write(order, user, (old) => {
				if (old !== null) throw new RequestFault(412, 'there is such an order already');
			});
		} catch (error) {
			if (!(error instanceof RequestFault)) throw error;
			const before = at === 0 ? 'none' : `${at} of ${made.orders.length}`;
			return { findings: [{ message: `${order.id}: ${error.message}. Written before that: ${before}` }] };
		}
		if (at % sliceOrders === sliceOrders - 1) await new Promise(setImmediate);
	}
	const [first] = made.orders;
	if (made.orders.length === 1) return { goTo: `/orders/${encodeURIComponent(first?.id ?? '')}` };
	const folder = (form.get('name') ?? '').trim().replace(/(?<!\/)\/+$/, '');
	return { goTo: folder === '' ? '/' : `/?folder=${encodeURIComponent(folder)}` };
}

function addForm(context: PageContext): Html {
	const { asked, sent, parts } = context;
	const query = sent?.form ?? asked.query;
	const probe = probeIn(context, query);
	const usual = new Map(topFields.map(({ key, usual }) => [key, usual]));
	const filled: Filled = {
		valueOf: (name) => query.get(name) ?? (sent === null ? (usual.get(name) ?? '') : ''),
		findings: sent?.findings ?? [],
	};
	const target = optionFields(probe).find(({ key }) => key === probe.target);
	const shown = new Set([
		...['name', 'targets', ...topFields.map(({ key }) => key)],
		...optionFields(probe).map(({ key }) => optionName(key)),
	]);
	return html`${faultsAbove(filled, shown)}
<form class="bar" method="get" action="/add" id="choose-probe"><label>Probe <select name="probe">${[
		...parts.probes.keys(),
	].map(
		(name) => html`<option${name === probe.name && html` selected`}>${name}</option>`,
	)}</select></label> <button>Choose</button></form>
<form class="fields" method="post" action="/add">${secretInput(asked)}<input type="hidden" name="probe" value="${probe.name}">
${fieldOf(
	'targets',
	'Targets',
	filled,
	(
		attributes,
	) => html`<textarea${attributes} rows="5" cols="50" required spellcheck="false" autocomplete="off">
${filled.valueOf('targets')}</textarea>`,
	`${target?.key ?? 'target'}, one a line, ${targetsMax} at most; a name of its own may stand behind each`,
)}${fieldOf(
	'name',
	'Name',
	filled,
	(attributes) =>
		html`<input${attributes} value="${filled.valueOf('name')}" size="40" autocomplete="off" spellcheck="false">`,
	'of the order, such as core/gateway; of several targets their folder',
)}${topForm(filled, true)}${optionForm(probe, filled, probe.target)}
<p class="lasting">An order that is made here does not expire: it is measured until somebody removes it. It belongs to <strong>${asked.who?.name ?? ''}</strong>, and stands in <code>orders/</code> as a file.</p>
<p><button class="main">Add</button></p></form>`;
}
