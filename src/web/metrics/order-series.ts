import { OrderCounts } from '../../counts/order-counts.ts';
import { Tally } from '../../history/tally.ts';
import { declarationsFor, type FactDeclaration, type Facts, numberOfFact } from '../../model/facts.ts';
import type { Sample } from '../../model/measurement.ts';
import type { Measured, Outcome } from '../../model/outcome.ts';
import type { Beginning } from './beginning.ts';

/** So many slots are remembered, to count none twice: what was measured elsewhere may come again. */
const rememberedSlots = 64;

/** What a slot came to that was measured: all that is served of it. */
export interface LastSlot {
	/** Seconds since the epoch. */
	readonly startSeconds: number;
	readonly stepSeconds: number;
	readonly sent: number;
	readonly loss: number;
	/** Seconds; null when no answer came. */
	readonly medianSeconds: number | null;
	readonly facts: Facts;
}

/** What is counted of one order as one machine measured it: everything that its series say. */
export class OrderSeries {
	/** All since the order began. */
	total = new Tally();
	/** Slots that were not measured, and sums of facts, since the order began or since they are kept. */
	readonly counts = new OrderCounts();
	/** Of the last slot that was measured. */
	last: LastSlot | null = null;
	/** Facts that are numbers and no counts, of the last slot that had them; by name. */
	readonly gauges = new Map<string, number>();
	/** The same of facts that its probe has not declared. */
	undeclared: ReadonlyMap<string, number> = new Map();
	/** Grows with whatever changes here. */
	version = 0;
	/** Slots that only the files know to be unknown: nobody counted them by reason. */
	#unexplained = 0;
	readonly #declared: readonly FactDeclaration[];
	readonly #counted: readonly FactDeclaration[];
	#seen: number[] = [];
	/** Slots that begin earlier are in what was counted before. */
	#totalFromSeconds = Number.NEGATIVE_INFINITY;
	/** The same of what only `counts` has. */
	#countsFromSeconds = Number.NEGATIVE_INFINITY;

	/** @param declared the facts that the order's probe may tell */
	constructor(declared: readonly FactDeclaration[]) {
		this.#declared = declared;
		this.#counted = declared.filter(({ kind }) => kind === 'count');
	}

	/** Slots that were not measured: those that were told with a reason, and those that only the files know of. */
	get unknownSlots(): number {
		return this.counts.failed + this.counts.skipped + this.#unexplained;
	}

	/**
	 * Goes on from what was counted elsewhere: in the files, by the daemon. Nothing that was counted here goes back, and
	 * what was missed here is in it.
	 */
	begin({ before, counts, last, recent }: Beginning): void {
		this.version++;
		const total = new Tally();
		if (before !== null) total.merge(before.tally);
		if (counts?.tally) total.merge(counts.tally);
		const fromSeconds = Math.max(before?.untilSeconds ?? -Infinity, afterSlot(counts?.tallyLastSeconds));
		const later = recent.filter(({ slot }) => slot.startSeconds >= fromSeconds);
		for (const { measurement } of later) total.addMeasured(measurement.samples);
		if (total.sent >= this.total.sent) {
			this.total = total;
			this.#seen = later.map(({ slot }) => slot.startSeconds);
			this.#totalFromSeconds = fromSeconds;
		} else for (const outcome of later) this.add(outcome);
		if (counts !== null) {
			this.counts.adopt(counts);
			this.#countsFromSeconds = Math.max(this.#countsFromSeconds, afterSlot(counts.lastSlotSeconds));
		}
		this.#unexplained = Math.max(this.#unexplained, before?.unexplained ?? 0);
		if (last !== null) this.#note(last, null);
		for (const outcome of recent) this.#noteMeasured(outcome);
	}

	/** Counts an outcome. False: it was counted already. */
	add(outcome: Outcome): boolean {
		const { startSeconds } = outcome.slot;
		if (this.#seen.includes(startSeconds)) return false;
		if (this.#seen.push(startSeconds) > rememberedSlots) this.#seen.shift();
		const isInTotal = startSeconds < this.#totalFromSeconds;
		const isInCounts = startSeconds < this.#countsFromSeconds;
		if (isInTotal && isInCounts) return false;
		this.version++;
		if (!isInCounts) this.counts.add(outcome, this.#counted);
		if (outcome.kind === 'measured') {
			if (!isInTotal) this.total.addMeasured(outcome.measurement.samples);
			this.#noteMeasured(outcome);
		} else if (!isInTotal) this.total.addUnknown();
		return true;
	}

	#noteMeasured({ slot, measurement }: Measured): void {
		const { samples, loss, medianSeconds, facts } = measurement;
		this.#note({ ...slot, sent: samples.length, loss, medianSeconds, facts }, samples);
	}

	#note(slot: LastSlot, samples: readonly Sample[] | null): void {
		if (this.last !== null && slot.startSeconds <= this.last.startSeconds) return;
		this.last = slot;
		for (const declaration of this.#declared) {
			const { name, kind } = declaration;
			if (kind === 'text' || kind === 'path' || kind === 'count' || !Object.hasOwn(slot.facts, name))
				continue;
			const value = slot.facts[name];
			const number = value === undefined ? null : numberOfFact(declaration, value, samples);
			if (number !== null) this.gauges.set(name, number);
		}
		this.undeclared = undeclaredNumbers(this.#declared, slot.facts);
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

/** Slots that begin later than this one, whose start it is. */
function afterSlot(startSeconds: number | undefined): number {
	return startSeconds === undefined || startSeconds === -Infinity ? -Infinity : startSeconds + 1;
}
