import type { CompiledRule } from '../../alerts/compiled-rule.ts';
import type { FactTable } from '../../model/facts.ts';
import { backtestPast } from './backtest.ts';
import type { Past } from './past.ts';
import { ruleInText } from './rule-files.ts';

/** A rule that could be, and what it would have done. */
export interface Candidate {
	/** As it stands in a rule's file. */
	readonly text: string;
	/** How often it would have fired, with how many of the orders, and for how long. */
	readonly fired: number;
	readonly orders: number;
	readonly firingSeconds: number;
	/** The first, from the mildest on, that would have fired once a week and order at most. */
	isProposed: boolean;
}

/** What the past says of one kind of value. */
export interface Suggestion {
	readonly kind: 'loss' | 'median';
	/** Of all known slots of all orders: shares or seconds, as `quantileShares` says. */
	readonly quantiles: readonly number[];
	readonly candidates: readonly Candidate[];
}

export const quantileShares = [0.5, 0.9, 0.99, 0.999, 1] as const;

const weekSeconds = 7 * 86_400;
const lossPercents = [5, 10, 20, 30, 50, 99];
const weekPercents = [125, 150, 200, 300];
const lossFor = 'for: 3 of 5 slots';
const medianFor = 'for: 8 of 10 slots';

/** Values of slots, collected order by order. */
export class Suggesting {
	readonly #facts: FactTable;
	readonly #pasts: Past[] = [];
	readonly #values: Record<Suggestion['kind'], number[]> = { loss: [], median: [] };

	constructor(facts: FactTable) {
		this.#facts = facts;
	}

	add(past: Past): void {
		this.#pasts.push(past);
		for (const { sights } of past.slots()) {
			for (const { lossShare, medianSeconds } of sights.values()) {
				if (lossShare !== null) this.#values.loss.push(lossShare);
				if (medianSeconds !== null) this.#values.median.push(medianSeconds);
			}
		}
	}

	/** Slots that are known, and seconds of all orders together. */
	get reach(): { readonly orders: number; readonly slots: number; readonly seconds: number } {
		const seconds = this.#pasts.reduce((sum, past) => sum + past.untilSeconds - past.fromSeconds, 0);
		return { orders: this.#pasts.length, slots: this.#values.loss.length, seconds };
	}

	suggest(): readonly Suggestion[] {
		return [
			this.#suggestion('loss', lossPercents.map(lossRule)),
			this.#suggestion('median', [...this.#medianRules(), ...this.#weekRules()]),
		].filter(({ quantiles }) => quantiles.length > 0);
	}

	#suggestion(kind: Suggestion['kind'], texts: readonly string[]): Suggestion {
		const quantiles = quantilesOf(this.#values[kind]);
		if (quantiles.length === 0) return { kind, quantiles, candidates: [] };
		const candidates = texts.map((text) => this.#tried(text));
		const most = Math.max(1, this.reach.seconds / weekSeconds);
		// Absolute limits and those against last week are proposed apart.
		for (const isWeek of [false, true]) {
			const first = candidates.find(
				({ text, fired }) => text.includes('of last week') === isWeek && fired <= most,
			);
			if (first !== undefined) first.isProposed = true;
		}
		return { kind, quantiles, candidates };
	}

	#tried(text: string): Candidate {
		const compiled: CompiledRule = ruleInText(text, 'suggested', text, this.#facts);
		let [fired, orders, firingSeconds] = [0, 0, 0];
		for (const past of this.#pasts) {
			const tested = backtestPast(compiled, past);
			fired += tested.fired.length;
			firingSeconds += tested.firingSeconds;
			if (tested.fired.length > 0) orders++;
		}
		return { text, fired, orders, firingSeconds, isProposed: false };
	}

	#medianRules(): string[] {
		const [median = 0, ...others] = quantilesOf(this.#values.median);
		const limits = new Set(others.map(twoDigitsUp).filter((limit) => limit > median));
		return [...limits].map((limit) => {
			const clear = twoDigitsUp((median + limit) / 2);
			const good = clear < limit ? `, clear: 10 slots under ${ms(clear)}` : '';
			return `median: {over: ${ms(limit)}, ${medianFor}${good}}`;
		});
	}

	/** Only where there is a week to compare with. */
	#weekRules(): string[] {
		const isKnown = this.#pasts.some(
			({ lastWeek, untilSeconds }) => lastWeek('local', untilSeconds) !== null,
		);
		if (!isKnown) return [];
		return weekPercents.map((percent) => {
			const clear = 100 + (percent - 100) / 2;
			return `median: {over: ${percent}% of last week, ${medianFor}, clear: 10 slots under ${clear}% of last week}`;
		});
	}
}

function lossRule(percent: number): string {
	return `loss: {over: ${percent}%, ${lossFor}, clear: 5 slots under ${percent <= 10 ? percent / 2 : 5}%}`;
}

/** Empty where there is nothing. */
function quantilesOf(values: readonly number[]): readonly number[] {
	const sorted = Float64Array.from(values).sort();
	if (sorted.length === 0) return [];
	return quantileShares.map(
		(share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0,
	);
}

/** Rounded up to two digits: people write such limits. */
function twoDigitsUp(seconds: number): number {
	if (seconds <= 0) return 0;
	const unit = 10 ** (Math.floor(Math.log10(seconds)) - 1);
	return Math.ceil(seconds / unit - 1e-9) * unit;
}

function ms(seconds: number): string {
	return `${Number((seconds * 1000).toPrecision(6))}ms`;
}
