import type { Alert, OwnRule, PartStanding } from '../model/alert.ts';
import { anyOf } from '../orders/glob.ts';
import { keyOf, type OwnRecords } from './own-records.ts';
import { spanInWords } from './span-words.ts';
import type { Teller } from './teller.ts';
import type { Verdict } from './verdict.ts';

export interface PartAlertsParts {
	readonly records: OwnRecords;
	readonly teller: Teller;
}

interface Watched {
	readonly rule: OwnRule;
	readonly isNamed: (name: string) => boolean;
}

/** What is good again: so much of the limit. */
const clearShare = 0.5;

/** Holds the rules about pingmachine itself against how its parts are: sinks, notifiers, points of presence, clocks. */
export class PartAlerts {
	readonly #parts: PartAlertsParts;
	#watched: readonly Watched[] = [];
	#unread: ReadonlySet<string> = new Set();
	/** By key, when it was last bad, on the monotonic clock. */
	readonly #badAtMs = new Map<string, number>();
	/** Null: nothing has been heard of the parts yet. */
	#standings: readonly PartStanding[] | null = null;

	constructor(parts: PartAlertsParts) {
		this.#parts = parts;
	}

	/** `unread`: rules whose files cannot be understood; what fires by them does so still. */
	rules(rules: readonly OwnRule[], unread: ReadonlySet<string>): void {
		this.#watched = rules.map((rule) => ({ rule, isNamed: anyOf(rule.condition.names ?? null) }));
		this.#unread = unread;
	}

	hear(standings: readonly PartStanding[]): void {
		this.#standings = standings;
	}

	isBadSince({ rule, part }: Alert, sinceMs: number): boolean {
		return (this.#badAtMs.get(keyOf(rule, part)) ?? 0) > sinceMs;
	}

	/** True when something was raised or has cleared. */
	look(nowSeconds: number, nowMs: number): boolean {
		if (this.#standings === null) return false;
		const left = new Set(
			[...this.#parts.records.all].flatMap(([key, { alert }]) => (alert?.part === undefined ? [] : [key])),
		);
		let isChanged = false;
		for (const { rule, isNamed } of this.#watched) {
			for (const standing of this.#standings) {
				const { kind, name } = standing;
				if (kind !== rule.condition.kind || !isNamed(name)) continue;
				const key = keyOf(rule.name, { kind, name });
				left.delete(key);
				isChanged = this.#hold(key, rule, standing, nowSeconds, nowMs) || isChanged;
			}
		}
		// The rule or the part is gone.
		for (const key of left) {
			const { alert } = this.#parts.records.get(key);
			if (alert === null || this.#unread.has(alert.rule)) continue;
			this.#clear(key, nowSeconds);
			isChanged = true;
		}
		return isChanged;
	}

	#hold(key: string, rule: OwnRule, standing: PartStanding, nowSeconds: number, nowMs: number): boolean {
		const { alert } = this.#parts.records.get(key);
		const { verdict, sinceSeconds } = judgePart(rule.condition, standing, nowSeconds);
		if (verdict === 'bad') this.#badAtMs.set(key, nowMs);
		if (alert === null && verdict === 'bad') this.#raise(key, rule, standing, sinceSeconds, nowSeconds);
		else if (alert !== null && verdict === 'good') this.#clear(key, nowSeconds);
		else return false;
		return true;
	}

	#raise(key: string, rule: OwnRule, standing: PartStanding, sinceSeconds: number, nowSeconds: number): void {
		const { records, teller } = this.#parts;
		const { kind, name } = standing;
		const { severity, notify, remindSeconds } = rule;
		const since = Math.floor(sinceSeconds);
		const alert: Alert = {
			...{ id: `${keyOf(rule.name, { kind, name })}|${since}`, rule: rule.name, severity, order: null },
			...{ part: { kind, name }, what: whatIsWrong(rule.condition, standing) },
			...{ sinceSeconds: since, raisedSeconds: Math.floor(nowSeconds), pops: [], notify, remindSeconds },
		};
		const record = { ...records.get(key), alert, toldSeconds: null };
		records.set(key, record, { about: 'raise', alert, slots: [] });
		teller.raise(alert, [], null);
	}

	#clear(key: string, nowSeconds: number): void {
		const { records, teller } = this.#parts;
		const { alert, closing, ...record } = records.get(key);
		if (alert === null) return;
		this.#badAtMs.delete(key);
		const cleared: Alert = { ...alert, clearedSeconds: Math.floor(nowSeconds) };
		const owed = teller.clear(cleared, [], false) ? [...closing, cleared] : closing;
		const transition = { about: 'clear' as const, alert: cleared, slots: [] };
		records.set(key, { ...record, alert: null, toldSeconds: null, closing: owed }, transition);
	}
}

/** What a part says to a rule, and since when it is so. Where nothing is known it says nothing. */
function judgePart(
	{ of, overSeconds }: OwnRule['condition'],
	{ isKnown, badSinceSeconds, lagSeconds, offsetSeconds }: PartStanding,
	nowSeconds: number,
): { readonly verdict: Verdict; readonly sinceSeconds: number } {
	if (of === 'lag') {
		const verdict = compared(lagSeconds, overSeconds);
		return { verdict, sinceSeconds: nowSeconds - lagSeconds };
	}
	if (of === 'offset') {
		const verdict = offsetSeconds === null ? 'none' : compared(Math.abs(offsetSeconds), overSeconds);
		return { verdict, sinceSeconds: nowSeconds };
	}
	if (badSinceSeconds === null) return { verdict: isKnown ? 'good' : 'none', sinceSeconds: nowSeconds };
	const isLong = nowSeconds - badSinceSeconds >= overSeconds;
	return { verdict: isLong ? 'bad' : 'between', sinceSeconds: badSinceSeconds };
}

function compared(value: number, limit: number): Verdict {
	if (value > limit) return 'bad';
	return value <= limit * clearShare ? 'good' : 'between';
}

function whatIsWrong({ of, overSeconds }: OwnRule['condition'], standing: PartStanding): string {
	const { lagSeconds, offsetSeconds, problem } = standing;
	const limit = spanInWords(overSeconds);
	const why = problem === null ? '' : `: ${problem}`;
	switch (of) {
		case 'failing':
			return `has failed for ${limit}${why}`;
		case 'silent':
			return `has not been heard of for ${limit}`;
		case 'lag':
			return `what waits there is ${spanInWords(lagSeconds)} old (over ${limit})${why}`;
		default: {
			const ahead = offsetSeconds ?? 0;
			return `is ${spanInWords(Math.abs(ahead))} ${ahead < 0 ? 'behind' : 'ahead'} (over ${limit})${why}`;
		}
	}
}
