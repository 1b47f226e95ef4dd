import type { AnyProbe } from '../../../model/probe.ts';
import { wrongWithId } from '../../../orders/names.ts';
import { isMapping, type Mapping, readMapping } from '../../../reading/yaml-mapping.ts';
import type { OrderChanges } from '../../api/order-changes.ts';
import { etagOf } from '../../api/order-text.ts';
import { type Asked, RequestFault } from '../../server/route.ts';
import { type Html, html } from '../html.ts';
import type { Page, PageContext } from '../page.ts';
import { secretInput } from '../secret-input.ts';
import { type Filled, faultsAbove, optionForm, topForm } from './form.ts';
import { editedText, findingsOf, optionName } from './make-orders.ts';
import { optionFields, typedFor } from './option-fields.ts';
import { topFields, topTyped } from './order-fields.ts';
import { wayToRight } from './rights.ts';

/** An order is 64 kB at most, and three times as much in a form. */
const bodyMax = 256 * 1024;

/** `/orders/ID/edit`: changes an order by its fields or as text, and removes it. */
export function editPage(changes: OrderChanges): Page {
	return {
		...{ name: 'edit', path: '/orders/:id/edit' },
		title: (context) => {
			const id = idOf(context.asked);
			// Whoever may not write learns nothing of it.
			if (wayToRight(context) === null) textOf(changes, id);
			return `Edit ${id}`;
		},
		form: {
			...{ scope: 'order', bodyMax },
			take: async (context, form) => {
				const { asked } = context;
				const id = idOf(asked);
				const user = changes.changerOf(asked);
				const isSame = (old: string | null) => {
					if (old === null || etagOf(old) !== form.get('etag'))
						throw new RequestFault(412, 'the order is another one by now. Load the page again');
				};
				if (form.get('act') === 'remove') {
					changes.remove(id, user, isSame);
					return { goTo: '/' };
				}
				const old = readFields(context, textOf(changes, id));
				const made = form.get('act') === 'text' ? { text: form.get('text') ?? '' } : fieldsText(form, old);
				if ('findings' in made) return made;
				const findings = findingsOf(old?.probe ?? null, () => {
					const sent = { id, body: Buffer.from(made.text.replaceAll('\r\n', '\n')), isJson: false, user };
					changes.write(changes.check(sent), user, isSame);
				});
				return findings.length > 0 ? { findings } : { goTo: `/orders/${encodeURIComponent(id)}` };
			},
		},
	};
}

function idOf({ path }: Asked): string {
	return path['id'] ?? '';
}

function textOf(changes: OrderChanges, id: string): string {
	const text = changes.textOf(id);
	if (text === null || wrongWithId(id) !== null) throw new RequestFault(404, 'there is no such order');
	return text;
}

/** What the fields of an order are filled with. */
interface OrderInFields {
	readonly old: Mapping;
	readonly probe: AnyProbe;
	/** By name of the field. */
	readonly shown: ReadonlyMap<string, string>;
}

/** Null when it cannot be shown in fields: it is no order, or of a probe that there is not. */
function readFields({ parts: { probes } }: PageContext, text: string): OrderInFields | null {
	const read = readMapping(text);
	const old = 'mapping' in read ? read.mapping : null;
	const probe = probes.get(String(old?.['probe'] ?? ''));
	if (old === null || probe === undefined) return null;
	const section = old[probe.name];
	const options = isMapping(section) ? section : {};
	const shown = new Map(topFields.map(({ key }) => [key, topTyped(key, old[key])]));
	for (const field of optionFields(probe))
		shown.set(optionName(field.key), typedFor(field, options[field.key]));
	return { old, probe, shown };
}

function fieldsText(form: URLSearchParams, order: OrderInFields | null) {
	if (order === null) return { findings: [{ message: 'this order can be changed as text alone' }] };
	return editedText(form, order.probe, order);
}

/** The form of an order that is there. */
export function editForm(context: PageContext, changes: OrderChanges): Html {
	const { asked, sent } = context;
	const id = idOf(asked);
	const text = textOf(changes, id);
	const order = readFields(context, text);
	const user = String(order?.old['user'] ?? '');
	const ownName = asked.who?.name ?? '';
	const hidden = html`${secretInput(asked)}<input type="hidden" name="etag" value="${sent?.form.get('etag') ?? etagOf(text)}">`;
	const action = `/orders/${encodeURIComponent(id)}/edit`;
	const typed = sent?.form.get('act') === 'text' ? sent.form.get('text') : null;
	return html`${order === null || typed !== null ? faultsAbove({ valueOf: () => '', findings: sent?.findings ?? [] }, new Set()) : null}
${user !== '' && user !== ownName && html`<p class="trouble">This order belongs to <bdi>${user}</bdi>. Changed here, it belongs to <strong>${ownName}</strong>.</p>`}
<p>${lastingOf(order?.old ?? {})} <a href="/orders/${encodeURIComponent(id)}">To its page</a></p>
${order !== null && fieldsForm(context, order, hidden, action, /(?:^|\s)#/m.test(text))}
<details class="more"${(order === null || typed !== null) && html` open`}><summary>As text</summary>
<form class="fields" method="post" action="${action}">${hidden}<input type="hidden" name="act" value="text">
<p><label for="text">The file, as YAML</label></p>
<p><textarea id="text" name="text" rows="16" cols="80" spellcheck="false" class="mono">
${typed ?? text}</textarea></p><p><button>Save the text</button></p></form></details>
<details class="more"><summary>Remove</summary>
<form method="post" action="${action}">${hidden}<input type="hidden" name="act" value="remove">
<p>It is no longer measured. Its results go to the archive, and come back with an order of this name.</p>
<p><button class="danger">Remove <bdi>${id}</bdi></button></p></form></details>`;
}

function fieldsForm(
	{ sent }: PageContext,
	{ probe, shown }: OrderInFields,
	hidden: Html,
	action: string,
	hasComments: boolean,
): Html {
	const isSent = sent !== null && sent.form.get('act') === 'fields';
	const filled: Filled = {
		valueOf: (name) => (isSent ? sent.form.get(name) : shown.get(name)) ?? '',
		// The target is a field like the others here.
		findings: (isSent ? sent.findings : []).map((one) =>
			one.field === 'targets' ? { ...one, field: optionName(probe.target) } : one,
		),
	};
	return html`${faultsAbove(filled, new Set(shown.keys()))}
<form class="fields" method="post" action="${action}">${hidden}<input type="hidden" name="act" value="fields">
<p class="field"><span>Probe</span><span>${probe.name}</span></p>
${optionForm(probe, filled, null)}${topForm(filled, false)}
${hasComments && html`<p class="hint">Comments in its file are lost when it is saved from these fields; as text, below, they stay.</p>`}
<p><button class="main">Save</button></p></form>`;
}

function lastingOf({ expires }: Mapping): string {
	return expires === undefined || expires === null || expires === 'never'
		? 'An order that is saved here does not expire: it is measured until somebody removes it.'
		: `It expires: ${String(expires).slice(0, 60)} after it was last written.`;
}
