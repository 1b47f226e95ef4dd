import { type Alert, severities, type Transition } from '../model/alert.ts';
import type { OrderIdentity } from '../model/outcome.ts';
import { fresh, type RuleState } from './evaluate.ts';
import { healthy, type Run } from './run.ts';

/**
 * The lines of `output/<order id>/alerts`, JSON each: `raise` and `clear` are the history, `state` is how a rule stands
 * with the order, where it is not simply well, and the last one of each rule holds.
 */

/** How a rule stands with an order. */
export interface RuleRecord {
	readonly state: RuleState;
	/** It fires. */
	readonly alert: Alert | null;
	/** When the alert was told last, seconds since the epoch; null: not yet. */
	readonly toldSeconds: number | null;
	/** They have cleared, and that is still to be told. */
	readonly closing: readonly Alert[];
}

export const wellRecord: RuleRecord = { state: fresh, alert: null, toldSeconds: null, closing: [] };

/** An alert as the file has it: whose it is goes without saying. */
type StoredAlert = Omit<Alert, 'order'>;

function stored({ order: _order, ...alert }: Alert): StoredAlert {
	return alert;
}

export function transitionLine({ about, alert }: Transition, timeSeconds: number): string {
	return JSON.stringify({ time: timeSeconds, about, ...stored(alert) });
}

/** The line of a rule; rounds are left out, which the file `slots` has. */
export function stateLine(rule: string, record: RuleRecord): string {
	const { run, pings, routes } = record.state;
	const { alert, toldSeconds, closing } = record;
	return JSON.stringify({
		about: 'state',
		rule,
		...(run === healthy || isWell(run) ? {} : { run }),
		...(hasLoss(pings) ? { pings } : {}),
		...(routes === undefined ? {} : { routes }),
		...(alert === null ? {} : { alert: stored(alert) }),
		...(toldSeconds === null ? {} : { told: toldSeconds }),
		...(closing.length === 0 ? {} : { closing: closing.map(stored) }),
	});
}

function isWell({ isFiring, marks }: Run): boolean {
	return !isFiring && marks === null;
}

function hasLoss(pings: RuleState['pings']): boolean {
	return pings !== undefined && Object.values(pings).some((marks) => marks.includes('x'));
}

/** By rule, how each stood. What is not understood is left out, a torn end too. */
export function readStates(text: string, order: OrderIdentity): Map<string, RuleRecord> {
	const states = new Map<string, RuleRecord>();
	for (const line of text.split('\n')) {
		// Most lines are history.
		if (line.startsWith('{"about":"gone"')) states.clear();
		if (!line.startsWith('{"about":"state"')) continue;
		const json = jsonOf(line);
		if (json === null || typeof json['rule'] !== 'string') continue;
		states.set(json['rule'], recordOf(json, order));
	}
	return states;
}

type Json = Readonly<Record<string, unknown>>;

export function jsonOf(line: string): Json | null {
	try {
		const json: unknown = JSON.parse(line);
		return isObject(json) ? json : null;
	} catch {
		return null;
	}
}

export function isObject(json: unknown): json is Json {
	return typeof json === 'object' && json !== null && !Array.isArray(json);
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

function recordOf(json: Json, order: OrderIdentity): RuleRecord {
	const { run, pings, routes, alert, told, closing } = json;
	const firing = alertOf(alert, order);
	const stood = runOf(run);
	return {
		state: {
			// One cannot be without the other.
			run: firing === null ? { ...stood, isFiring: false } : { ...stood, isFiring: true },
			...(isTexts(pings) ? { pings } : {}),
			...(isRoutes(routes) ? { routes } : {}),
		},
		alert: firing,
		toldSeconds: isNumber(told) ? told : null,
		closing: (Array.isArray(closing) ? closing : [closing])
			.map((one) => alertOf(one, order))
			.filter((one) => one !== null),
	};
}

function runOf(json: unknown): Run {
	if (!isObject(json) || typeof json['isFiring'] !== 'boolean') return healthy;
	const { isFiring, marks } = json;
	if (!isObject(marks)) return { isFiring, marks: null };
	const { first, last, count, each } = marks;
	if (!isNumber(first) || !isNumber(last) || !isNumber(count)) return { isFiring, marks: null };
	const known = Array.isArray(each) && each.every(isNumber) ? { each } : {};
	return { isFiring, marks: { first, last, count, ...known } };
}

/** Null when it is not understood. */
export function alertOf(json: unknown, order: OrderIdentity | null): Alert | null {
	if (!isObject(json)) return null;
	const { id, rule, severity, what, sinceSeconds, raisedSeconds, clearedSeconds } = json;
	const { pops, notify, remindSeconds } = json;
	const known = severities.find((one) => one === severity);
	if (typeof id !== 'string' || typeof rule !== 'string' || typeof what !== 'string') return null;
	if (known === undefined || !isNumber(sinceSeconds) || !isNumber(raisedSeconds)) return null;
	return {
		...{ id, rule, severity: known, order, what, sinceSeconds, raisedSeconds },
		...(isNumber(clearedSeconds) ? { clearedSeconds } : {}),
		pops: isTextList(pops) ? pops : [],
		notify: isTextList(notify) ? notify : null,
		remindSeconds: isNumber(remindSeconds) ? remindSeconds : null,
	};
}

function isTextList(value: unknown): value is readonly string[] {
	return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
	return isObject(value) && Object.values(value).every((one) => typeof one === 'string');
}

function isHops(value: unknown): value is readonly (string | null)[] {
	return Array.isArray(value) && value.every((hop) => hop === null || typeof hop === 'string');
}

function isRoutes(value: unknown): value is NonNullable<RuleState['routes']> {
	return (
		isObject(value) &&
		Object.values(value).every(
			(one) => isObject(one) && isHops(one['known']) && (one['seen'] === null || isHops(one['seen'])),
		)
	);
}

/** A line of the history, for people and programs; null when it is none. */
export function historyOf(line: string): (Json & { readonly about: 'raise' | 'clear' }) | null {
	const json = jsonOf(line);
	if (json === null || (json['about'] !== 'raise' && json['about'] !== 'clear')) return null;
	return isNumber(json['time']) && typeof json['rule'] === 'string'
		? (json as Json & { readonly about: 'raise' | 'clear' })
		: null;
}
