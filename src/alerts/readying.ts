import { localPop } from '../model/alert.ts';
import type { CompiledRule } from './compiled-rule.ts';
import { roundOf } from './evaluate.ts';
import { type RuleRecord, readStates } from './order-file-lines.ts';
import type { Bound, OrderWatch } from './order-watch.ts';
import type { Pattern, Round } from './pattern.ts';
import type { AlertTools } from './room-parts.ts';
import { slotSight, unknownSight } from './sight.ts';

export interface ReadyingParts {
	readonly tools: Pick<AlertTools, 'load' | 'slots' | 'watch' | 'clock' | 'log'>;
	/** It is met for the first time. */
	met(watch: OrderWatch): void;
	/** A rule that stood so with an order is not for it any more. */
	ended(watch: OrderWatch, rule: string, record: RuleRecord): void;
	/** A rule stood so with an order before the daemon was started. */
	restored(watch: OrderWatch, bound: Bound): void;
}

const missingMost = 1000;

/**
 * Finds the rules for each order, and how they stood: when an order is met first, and again when it or the rules have
 * changed. A few at a time, or as soon as there is a result.
 */
export class Readying {
	readonly #parts: ReadyingParts;
	readonly #all = new Set<OrderWatch>();
	#pending = new Set<OrderWatch>();
	#rules: readonly CompiledRule[] = [];
	#unread: ReadonlySet<string> = new Set();
	/** Of rules that can be understood, and of others. */
	#names: ReadonlySet<string> = new Set();
	#version = 0;
	/** Rules that orders name and that are not there, of which people were told. */
	readonly #missing = new Set<string>();

	constructor(parts: ReadyingParts) {
		this.#parts = parts;
	}

	/** `unread`: rules whose files cannot be understood; how they stood is kept. */
	rules(rules: readonly CompiledRule[], unread: ReadonlySet<string>): void {
		this.#rules = rules;
		this.#unread = unread;
		this.#version++;
		this.#names = new Set([...rules.map(({ rule }) => rule.name), ...unread]);
		for (const name of this.#names) this.#missing.delete(name);
		this.#pending = new Set(this.#all);
	}

	add(watch: OrderWatch): void {
		this.#all.add(watch);
		this.#pending.add(watch);
	}

	/** It was changed. */
	again(watch: OrderWatch): void {
		watch.version = -1;
		this.#pending.add(watch);
	}

	remove(watch: OrderWatch): void {
		this.#all.delete(watch);
		this.#pending.delete(watch);
		this.#watchEarly(watch, false);
	}

	/** Whether all orders have the rules of now. */
	get isDone(): boolean {
		return this.#pending.size === 0;
	}

	/** Until then and at least one, milliseconds of the monotonic clock. */
	work(untilMs: number): void {
		for (const watch of this.#pending) {
			this.ready(watch);
			if (this.#parts.tools.clock.monotonicMs() >= untilMs) return;
		}
	}

	ready(watch: OrderWatch): void {
		if (watch.version === this.#version) return;
		const known = watch.isLoaded
			? watch.parked
			: readStates(this.#parts.tools.load(watch.id) ?? '', watch.order.identity);
		if (!watch.isLoaded) this.#parts.met(watch);
		const before = new Set(watch.bound.map(({ compiled }) => compiled.rule.name));
		watch.isLoaded = true;
		watch.version = this.#version;
		this.#pending.delete(watch);
		const left = new Map(known);
		for (const { compiled, record } of watch.bind(this.#rules, known)) left.set(compiled.rule.name, record);
		for (const bound of watch.bound) {
			const { name } = bound.compiled.rule;
			left.delete(name);
			this.#fillRounds(watch, bound);
			if (!before.has(name)) this.#parts.restored(watch, bound);
		}
		watch.parked = new Map([...left].filter(([name]) => this.#unread.has(name)));
		for (const [name, record] of left) {
			if (!this.#unread.has(name)) this.#parts.ended(watch, name, record);
		}
		this.#watchEarly(watch, watch.bound.some(isScore));
		this.#tellMissing(watch);
	}

	/** Each rule once, however many orders name it. */
	#tellMissing({ id, order: { alerts } }: OrderWatch): void {
		if (this.#version === 0) return;
		for (const name of alerts) {
			if (this.#names.has(name) || this.#missing.has(name) || this.#missing.size >= missingMost) continue;
			this.#missing.add(name);
			this.#parts.tools.log.warn(
				`${id}: alerts: there is no rule ${name} in alerts/. Write one, or take it out of the order`,
			);
		}
	}

	#watchEarly(watch: OrderWatch, isWanted: boolean): void {
		if (watch.isWatched === isWanted) return;
		watch.isWatched = isWanted;
		this.#parts.tools.watch([watch.id], isWanted);
	}

	/** What a pattern remembers is in the files of the order. */
	#fillRounds(watch: OrderWatch, bound: Bound): void {
		const { pattern } = bound.compiled;
		const { state } = bound.record;
		if (pattern === null || state.rounds !== undefined) return;
		const rounds = this.#storedRounds(watch, pattern);
		if (rounds.length === 0) return;
		bound.record = { ...bound.record, state: { ...state, rounds: { [localPop]: rounds } } };
	}

	#storedRounds(watch: OrderWatch, { kind, roundsMax }: Pattern): readonly Round[] {
		const { clock, slots } = this.#parts.tools;
		const { stepSeconds } = watch.order;
		const nowSeconds = clock.wallMs() / 1000;
		const from = Math.floor(nowSeconds / stepSeconds - roundsMax - 1) * stepSeconds;
		const rounds: Round[] = [];
		let last: number | null = null;
		for (const slot of slots(watch.order, localPop, from, Math.ceil(nowSeconds))) {
			const gap = last === null ? 0 : Math.round((slot.startSeconds - last) / stepSeconds) - 1;
			for (let at = 0; at < Math.min(gap, roundsMax); at++) rounds.push('unknown');
			const { lossShare, medianSeconds } = slot;
			rounds.push(roundOf(kind, lossShare === null ? unknownSight() : slotSight(lossShare, medianSeconds)));
			last = slot.startSeconds;
		}
		if (last !== null && watch.gate.lastSeconds < last) watch.gate.lastSeconds = last;
		return rounds.slice(-roundsMax);
	}
}

function isScore({ compiled }: Bound): boolean {
	return compiled.rule.condition.kind === 'score';
}
