import { Tally, tallyOf } from '../history/tally.ts';
import { type FactDeclaration, numberOfFact } from '../model/facts.ts';
import type { Measured, Outcome } from '../model/outcome.ts';

/** What counters need to go on from, and no file of an order has: JSON, for the file of counts and for sockets. */
export interface CountsJson {
	readonly failed?: number;
	readonly skipped?: number;
	readonly unknown?: Readonly<Record<string, number>>;
	readonly facts?: Readonly<Record<string, number>>;
	/** Start of the last slot that is counted, since the epoch. */
	readonly last: number;
	readonly tally?: object;
	readonly tally_last?: number;
}

/** More names than any order has of reasons or facts. */
const namesMax = 100;

/** What was counted of one order since it began that its `histograms` and main.rrd do not tell. */
export class OrderCounts {
	/** Slots that were not measured: there was a job, or none. */
	failed = 0;
	skipped = 0;
	/** The same slots by reason. */
	readonly unknown = new Map<string, number>();
	/** Sums of facts that count, by name. */
	readonly facts = new Map<string, number>();
	/** Start of the last slot that is counted, seconds since the epoch. */
	lastSlotSeconds = Number.NEGATIVE_INFINITY;
	/** What was measured while the order had no main.rrd; null: nothing. */
	tally: Tally | null = null;
	/** Start of the last slot in it. */
	tallyLastSeconds = Number.NEGATIVE_INFINITY;

	/**
	 * Counts an outcome. False: there was nothing to count.
	 *
	 * @param counted the facts of its probe that are counts
	 */
	add(outcome: Outcome, counted: readonly FactDeclaration[]): boolean {
		if (outcome.kind === 'measured') {
			if (!this.#addFacts(outcome, counted)) return false;
		} else {
			if (outcome.kind === 'failed') this.failed++;
			else this.skipped++;
			add(this.unknown, outcome.code, 1);
		}
		this.lastSlotSeconds = Math.max(this.lastSlotSeconds, outcome.slot.startSeconds);
		return true;
	}

	#addFacts({ measurement: { facts, samples } }: Measured, counted: readonly FactDeclaration[]): boolean {
		let isNews = false;
		for (const declaration of counted) {
			const { name } = declaration;
			const value = Object.hasOwn(facts, name) ? facts[name] : undefined;
			const number = value === undefined ? 0 : (numberOfFact(declaration, value, samples) ?? 0);
			if (number <= 0) continue;
			add(this.facts, name, number);
			isNews = true;
		}
		return isNews;
	}

	/** Counts a measurement of an order without main.rrd. */
	addUnfiled({ slot, measurement }: Measured): void {
		this.tally ??= new Tally();
		this.tally.addMeasured(measurement.samples);
		this.tallyLastSeconds = Math.max(this.tallyLastSeconds, slot.startSeconds);
		this.lastSlotSeconds = Math.max(this.lastSlotSeconds, slot.startSeconds);
	}

	/** Takes over what another one counted more: of two that count the same order none is to go back. */
	adopt(other: OrderCounts): void {
		this.failed = Math.max(this.failed, other.failed);
		this.skipped = Math.max(this.skipped, other.skipped);
		for (const [name, count] of other.unknown)
			this.unknown.set(name, Math.max(this.unknown.get(name) ?? 0, count));
		for (const [name, count] of other.facts) this.facts.set(name, Math.max(this.facts.get(name) ?? 0, count));
		this.lastSlotSeconds = Math.max(this.lastSlotSeconds, other.lastSlotSeconds);
	}

	toJSON(): CountsJson {
		const { failed, skipped, unknown, facts, tally } = this;
		return {
			...(failed === 0 ? {} : { failed }),
			...(skipped === 0 ? {} : { skipped }),
			...(unknown.size === 0 ? {} : { unknown: Object.fromEntries(unknown) }),
			...(facts.size === 0 ? {} : { facts: Object.fromEntries(facts) }),
			last: this.lastSlotSeconds,
			...(tally === null ? {} : { tally: tally.toJSON(), tally_last: this.tallyLastSeconds }),
		};
	}
}

function add(counts: Map<string, number>, name: string, count: number): void {
	counts.set(name, (counts.get(name) ?? 0) + count);
}

/** Reads what `toJSON` gave. Null when it is nothing of the kind. */
export function countsOf(json: unknown): OrderCounts | null {
	if (!isMapping(json)) return null;
	const { failed = 0, skipped = 0, unknown = {}, facts = {}, last, tally, tally_last: tallyLast } = json;
	if (!isCount(failed) || !isCount(skipped) || !isTime(last)) return null;
	const counts = new OrderCounts();
	Object.assign(counts, { failed, skipped, lastSlotSeconds: last });
	if (!readInto(counts.unknown, unknown) || !readInto(counts.facts, facts)) return null;
	if (tally === undefined) return counts;
	counts.tally = isMapping(tally) ? tallyOf(tally) : null;
	if (counts.tally === null || !isTime(tallyLast)) return null;
	counts.tallyLastSeconds = tallyLast;
	return counts;
}

function readInto(counts: Map<string, number>, json: unknown): boolean {
	if (!isMapping(json)) return false;
	const entries = Object.entries(json);
	if (entries.length > namesMax) return false;
	for (const [name, count] of entries) {
		if (!/^[a-z0-9_]{1,100}$/.test(name) || typeof count !== 'number' || !(count >= 0)) return false;
		counts.set(name, count);
	}
	return true;
}

function isMapping(json: unknown): json is Readonly<Record<string, unknown>> {
	return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function isCount(value: unknown): value is number {
	return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isTime(value: unknown): value is number {
	return typeof value === 'number' && Number.isFinite(value);
}
