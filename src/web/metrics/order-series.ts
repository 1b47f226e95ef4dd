import { Tally } from '../../history/tally.ts';
import { declarationsFor, type FactDeclaration, type Facts, numberOfFact } from '../../model/facts.ts';
import type { Measured, Outcome } from '../../model/outcome.ts';
import type { CountedBefore } from './counted-before.ts';

/** So many slots are remembered, to count none twice: what was measured elsewhere may come again. */
const rememberedSlots = 64;

/** What is counted of one order as one machine measured it: everything that its series say. */
export class OrderSeries {
	/** All since the order began. */
	readonly total: Tally;
	failed = 0;
	skipped = 0;
	/** Slots that were not measured, by reason. */
	readonly unknown = new Map<string, number>();
	/** Of the last slot that was measured. */
	last: Measured | null = null;
	/** Of the last slot, whatever came of it: its start, seconds since the epoch. */
	lastSlotSeconds: number | null = null;
	/** Facts that count, summed up; by name. */
	readonly counts = new Map<string, number>();
	/** Other facts that are numbers, of the last slot that had them; by name. */
	readonly gauges = new Map<string, number>();
	/** The same of facts that its probe has not declared. */
	undeclared: ReadonlyMap<string, number> = new Map();
	readonly #declared: readonly FactDeclaration[];
	readonly #seen: number[] = [];
	/** Slots that begin earlier are counted in what was counted before. */
	readonly #countedUntilSeconds: number;

	/**
	 * @param declared the facts that the order's probe may tell
	 * @param before what was counted before we began
	 */
	constructor(declared: readonly FactDeclaration[], before: CountedBefore | null = null) {
		this.#declared = declared;
		this.total = new Tally();
		if (before !== null) this.total.merge(before.tally);
		this.#countedUntilSeconds = before?.untilSeconds ?? Number.NEGATIVE_INFINITY;
	}

	/** Counts an outcome. False: it was counted already. */
	add(outcome: Outcome): boolean {
		const { startSeconds } = outcome.slot;
		if (startSeconds < this.#countedUntilSeconds || this.#seen.includes(startSeconds)) return false;
		if (this.#seen.push(startSeconds) > rememberedSlots) this.#seen.shift();
		this.lastSlotSeconds = Math.max(this.lastSlotSeconds ?? 0, startSeconds);
		if (outcome.kind === 'measured') this.#addMeasured(outcome);
		else {
			if (outcome.kind === 'failed') this.failed++;
			else this.skipped++;
			this.total.addUnknown();
			this.unknown.set(outcome.code, (this.unknown.get(outcome.code) ?? 0) + 1);
		}
		return true;
	}

	#addMeasured(outcome: Measured): void {
		const { samples, facts } = outcome.measurement;
		this.total.addMeasured(samples);
		const isNewest = this.last === null || outcome.slot.startSeconds > this.last.slot.startSeconds;
		if (isNewest) this.last = outcome;
		for (const declaration of this.#declared) {
			const { name, kind } = declaration;
			if (kind === 'text' || kind === 'path' || !Object.hasOwn(facts, name)) continue;
			const value = facts[name];
			const number = value === undefined ? null : numberOfFact(declaration, value, samples);
			if (number === null) continue;
			if (kind === 'count') this.counts.set(name, (this.counts.get(name) ?? 0) + number);
			else if (isNewest) this.gauges.set(name, number);
		}
		if (isNewest) this.undeclared = undeclaredNumbers(this.#declared, facts);
	}
}

const none: ReadonlyMap<string, number> = new Map();

function undeclaredNumbers(declared: readonly FactDeclaration[], facts: Facts): ReadonlyMap<string, number> {
	const all = declarationsFor(declared, facts);
	if (all.length === declared.length) return none;
	const numbers = new Map<string, number>();
	for (const declaration of all.slice(declared.length)) {
		const value = numberOfFact(declaration, facts[declaration.name] ?? '', []);
		if (value !== null) numbers.set(declaration.name, value);
	}
	return numbers;
}
