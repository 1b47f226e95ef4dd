import { dump } from 'js-yaml';
import type { AnyProbe } from '../../../model/probe.ts';
import { isMapping, type Mapping } from '../../../reading/yaml-mapping.ts';
import type { CheckedOrder, OrderChanges } from '../../api/order-changes.ts';
import { RequestFault } from '../../server/route.ts';
import type { FormFinding } from '../page.ts';
import { type OptionField, optionFields, valueTyped } from './option-fields.ts';
import { topFields, topValue } from './order-fields.ts';
import { targetsIn, targetsMax } from './targets.ts';

/** The name of the field of an option. */
export function optionName(key: string): string {
	return `option.${key}`;
}

/** Orders that can be written, or what is wrong. */
export type MadeOrders =
	| { readonly orders: readonly CheckedOrder[] }
	| { readonly findings: readonly FormFinding[] };

/** The orders that a form asks for; all of them are looked through before any is written. */
export function ordersIn(
	form: URLSearchParams,
	probe: AnyProbe,
	changes: OrderChanges,
	user: string,
): MadeOrders {
	const findings = new Findings();
	const fields = optionFields(probe).filter(({ key }) => key !== probe.target);
	const top = topOf(form, findings);
	const options = optionsOf(form, probe, fields, findings);
	const wanted = targetsIn((form.get('targets') ?? '').replaceAll('\r', ''), (form.get('name') ?? '').trim());
	if (wanted.length === 0) findings.add('targets', 'is missing. Write what is to be measured');
	if (wanted.length > targetsMax)
		findings.add('targets', `has ${wanted.length} lines. Write ${targetsMax} at most`);
	if (findings.list.length > 0) return { findings: findings.list };
	const orders: CheckedOrder[] = [];
	const ids = new Set<string>();
	for (const { line, target, id } of wanted) {
		const where = wanted.length === 1 ? '' : `line ${line}: `;
		const section = Object.fromEntries([[probe.target, target], ...options]);
		const text = textOf({ ...top, probe: probe.name, [probe.name]: section });
		if (ids.has(id))
			findings.add('targets', `${where}there is another one called ${id}. Write a name behind it`);
		else if (isThere(changes, id))
			findings.add(
				wanted.length === 1 ? 'name' : 'targets',
				`${where}there is an order ${id} already. Choose another name`,
			);
		ids.add(id);
		checkInto(findings, probe, where, () => {
			const checked = changes.check({ id, body: Buffer.from(text), isJson: false, user });
			orders.push(checked);
			return checked.notes;
		});
		if (findings.list.length >= findingsMax) break;
	}
	return findings.list.length > 0 ? { findings: findings.list } : { orders };
}

/** The text of an order with what a form says; what the form does not have stays as it is. Null when something is wrong. */
export function editedText(
	form: URLSearchParams,
	probe: AnyProbe,
	{ old, shown }: { readonly old: Mapping; readonly shown: ReadonlyMap<string, string> },
): { readonly text: string } | { readonly findings: readonly FormFinding[] } {
	const findings = new Findings();
	const changed = (name: string) => normal(form.get(name) ?? '') !== normal(shown.get(name) ?? '');
	const top = new Map(Object.entries(old));
	// Whose order it is, and what made it, is said anew.
	for (const key of ['user', 'made_by']) top.delete(key);
	for (const { key } of topFields)
		if (changed(key))
			put(
				top,
				key,
				findings.of(key, () => topValue(key, form.get(key) ?? '')),
			);
	const written = old[probe.name];
	const section = new Map(Object.entries(isMapping(written) ? written : {}));
	for (const field of optionFields(probe)) {
		const name = optionName(field.key);
		if (!changed(name)) continue;
		put(
			section,
			field.key,
			findings.of(name, () => valueTyped(probe, field, form.get(name) ?? '')),
		);
	}
	top.set(probe.name, Object.fromEntries(section));
	if (findings.list.length > 0) return { findings: findings.list };
	return { text: textOf(Object.fromEntries(top)) };
}

function put(map: Map<string, unknown>, key: string, value: unknown): void {
	if (value === undefined) map.delete(key);
	else map.set(key, value);
}

function normal(typed: string): string {
	return typed.replaceAll('\r\n', '\n').trim();
}

/** What is wrong with an order that was edited, at its fields. */
export function findingsOf(probe: AnyProbe | null, check: () => void): readonly FormFinding[] {
	const findings = new Findings();
	checkInto(findings, probe, '', () => {
		check();
		return [];
	});
	return findings.list;
}

const findingsMax = 20;

class Findings {
	readonly list: FormFinding[] = [];

	add(field: string | undefined, message: string): void {
		const isTold = this.list.some((one) => one.field === field && one.message === message);
		if (!isTold) this.list.push({ ...(field === undefined ? {} : { field }), message });
	}

	/** What is read, or undefined and a finding at this field. */
	of<T>(field: string, read: () => T): T | undefined {
		try {
			return read();
		} catch (error) {
			this.add(field, (error as Error).message);
			return undefined;
		}
	}
}

function topOf(form: URLSearchParams, findings: Findings): Mapping {
	const values = topFields.map(
		({ key }) => [key, findings.of(key, () => topValue(key, form.get(key) ?? ''))] as const,
	);
	return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

function optionsOf(
	form: URLSearchParams,
	probe: AnyProbe,
	fields: readonly OptionField[],
	findings: Findings,
): [string, unknown][] {
	return fields.flatMap((field) => {
		const name = optionName(field.key);
		const value = findings.of(name, () => valueTyped(probe, field, form.get(name) ?? ''));
		return value === undefined ? [] : [[field.key, value]];
	});
}

function textOf(mapping: Mapping): string {
	return dump(mapping, { lineWidth: -1, noRefs: true });
}

function isThere(changes: OrderChanges, id: string): boolean {
	try {
		return changes.textOf(id) !== null;
	} catch {
		return true;
	}
}

function checkInto(
	findings: Findings,
	probe: AnyProbe | null,
	where: string,
	check: () => readonly { readonly key?: string; readonly message: string }[],
): void {
	try {
		for (const note of check()) findings.add(fieldOfKey(note.key, probe), note.message);
	} catch (error) {
		if (!(error instanceof RequestFault)) throw error;
		const found = error.details['findings'] as
			| readonly { readonly key?: string; readonly message: string }[]
			| undefined;
		for (const { key, message } of found ?? [{ message: error.message }]) {
			const field = fieldOfKey(key, probe);
			const isOfTarget = field === 'targets' || field === undefined;
			findings.add(
				field ?? (message.startsWith('the order id') ? (where === '' ? 'name' : 'targets') : undefined),
				`${isOfTarget ? where : ''}${message}`,
			);
		}
	}
}

/** `icmp.host` is the list of targets, `icmp.ttl` a field of its own; `tags.a` belongs to all tags. */
function fieldOfKey(key: string | undefined, probe: AnyProbe | null): string | undefined {
	if (key === undefined) return undefined;
	if (probe !== null && key === `${probe.name}.${probe.target}`) return 'targets';
	if (probe !== null && key.startsWith(`${probe.name}.`))
		return optionName(key.slice(probe.name.length + 1).split('.')[0] ?? '');
	return key.split('.')[0];
}
