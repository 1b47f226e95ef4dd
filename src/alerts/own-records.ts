import { type Alert, type Part, partKinds, partName, type Transition } from '../model/alert.ts';
import type { Clock } from '../model/clock.ts';
import type { OrderIdentity } from '../model/outcome.ts';
import {
	alertOf,
	isObject,
	jsonOf,
	type RuleRecord,
	stateLine,
	transitionLine,
	wellRecord,
} from './order-file-lines.ts';
import { withoutClosing } from './records.ts';

export interface OwnRecordsParts {
	readonly clock: Clock;
	/** Text of `state/alerts`; null: there is none. */
	loadOwn(): string | null;
	/** Appends lines to it. They are on the disk when it returns. */
	saveOwn(lines: readonly string[]): void;
}

/**
 * How the rules about pingmachine itself stand, and what is still to be told of orders that are gone: kept in a file, in
 * the form of those of the orders.
 */
export class OwnRecords {
	readonly #parts: OwnRecordsParts;
	readonly #records = new Map<string, RuleRecord>();
	/** By id: alerts of orders that are gone, of which is still to be told that they are over. */
	readonly #owed = new Map<string, Alert>();

	constructor(parts: OwnRecordsParts) {
		this.#parts = parts;
		for (const line of (parts.loadOwn() ?? '').split('\n')) this.#read(line);
	}

	/** All that fire or are to be told to be over, by key. */
	get all(): ReadonlyMap<string, RuleRecord> {
		return this.#records;
	}

	get owed(): readonly Alert[] {
		return [...this.#owed.values()];
	}

	get(key: string): RuleRecord {
		return this.#records.get(key) ?? wellRecord;
	}

	set(key: string, record: RuleRecord, transition: Transition | null = null): void {
		if (record.alert === null && record.closing.length === 0) this.#records.delete(key);
		else this.#records.set(key, record);
		const history = transition === null ? [] : [transitionLine(transition, Math.round(this.#nowSeconds))];
		this.#parts.saveOwn([...history, stateLine(key, record)]);
	}

	/** It is to be remembered that it is over until that was told. */
	owe(alert: Alert): void {
		this.#owed.set(alert.id, alert);
		this.#parts.saveOwn([JSON.stringify({ about: 'state', rule: owedKey(alert.id), owed: alert })]);
	}

	/** It has been told, or that it is over. */
	told(alert: Alert, about: 'raise' | 'clear' | 'reminder'): void {
		if (about === 'clear' && this.#owed.delete(alert.id))
			this.#parts.saveOwn([JSON.stringify({ about: 'state', rule: owedKey(alert.id) })]);
		if (alert.order !== null) return;
		const key = keyOf(alert.rule, alert.part);
		const record = this.get(key);
		if (about === 'clear') {
			const left = withoutClosing(record, alert.id);
			if (left !== record) this.set(key, left);
		} else if (record.alert?.id === alert.id) this.set(key, { ...record, toldSeconds: this.#nowSeconds });
	}

	get #nowSeconds(): number {
		return this.#parts.clock.wallMs() / 1000;
	}

	/** What is not understood is left out, a torn end too; the last line of each key holds. */
	#read(line: string): void {
		if (!line.startsWith('{"about":"state"')) return;
		const json = jsonOf(line);
		const key = json?.['rule'];
		if (json === null || typeof key !== 'string') return;
		this.#records.delete(key);
		if (key.startsWith(owedKey(''))) {
			const order = identityOf(isObject(json['owed']) ? json['owed']['order'] : null);
			const alert = order === null ? null : alertOf(json['owed'], order);
			if (alert === null) this.#owed.delete(key.slice(owedKey('').length));
			else this.#owed.set(alert.id, alert);
			return;
		}
		const alert = ownAlertOf(json['alert']);
		const closing = (Array.isArray(json['closing']) ? json['closing'] : [])
			.map(ownAlertOf)
			.filter((one) => one !== null);
		const told = json['told'];
		const toldSeconds = typeof told === 'number' && Number.isFinite(told) ? told : null;
		if (alert !== null || closing.length > 0)
			this.#records.set(key, { ...wellRecord, alert, toldSeconds, closing });
	}
}

/** No rule is called so: a name of a file does not begin with a bar. */
function owedKey(id: string): string {
	return `|owed|${id}`;
}

/** What a rule and a part are called together. */
export function keyOf(rule: string, part: Part | undefined): string {
	return part === undefined ? rule : `${rule}|${partName(part)}`;
}

function ownAlertOf(json: unknown): Alert | null {
	const alert = alertOf(json, null);
	const part = isObject(json) ? json['part'] : undefined;
	if (alert === null || part === undefined) return alert;
	const kind = isObject(part) ? partKinds.find((one) => one === part['kind']) : undefined;
	const name = isObject(part) ? part['name'] : undefined;
	return kind === undefined || typeof name !== 'string' ? null : { ...alert, part: { kind, name } };
}

function identityOf(json: unknown): OrderIdentity | null {
	if (!isObject(json)) return null;
	const { id, user, probe, target, tags, title, task } = json;
	if (typeof id !== 'string' || typeof user !== 'string') return null;
	if (typeof probe !== 'string' || typeof target !== 'string' || !isObject(tags)) return null;
	const texts = Object.entries(tags).filter((tag): tag is [string, string] => typeof tag[1] === 'string');
	return {
		...{ id, user, probe, target, tags: Object.fromEntries(texts) },
		...(typeof title === 'string' ? { title } : {}),
		...(typeof task === 'string' ? { task } : {}),
	};
}
