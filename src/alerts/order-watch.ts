import type { Alert, AlertSlot, Rule, Transition } from '../model/alert.ts';
import type { OrderIdentity } from '../model/outcome.ts';
import { namesPops } from '../orders/selector.ts';
import type { CompiledRule } from './compiled-rule.ts';
import { describeAlert } from './describe.ts';
import { type Evaluated, evaluate, fresh, type RuleState } from './evaluate.ts';
import { type RuleRecord, stateLine, wellRecord } from './order-file-lines.ts';
import { type ClosedSlot, SlotGate } from './slot-gate.ts';

/** What the rules have to know of an order. */
export interface WatchedOrder {
	readonly identity: OrderIdentity;
	readonly stepSeconds: number;
	readonly pings: number;
	/** The rules that it names. */
	readonly alerts: readonly string[];
	/** The orders that it depends on. */
	readonly parents: readonly string[];
	/** The host that its packets go to, where that is not its target: the one of a URL. */
	readonly host?: string;
	/** By which family they go; null: by either. */
	readonly family?: 4 | 6 | null;
	/** It measures the way to its target. */
	readonly traces?: boolean;
	/** A way was measured for it, perhaps. */
	readonly hasRoute?: boolean;
	readonly note?: string;
	readonly link?: string;
}

/** One rule with one order. */
export interface Bound {
	readonly compiled: CompiledRule;
	record: RuleRecord;
	/** Its line in the file, as it was written last; empty: there is none. */
	written: string;
	/** When a slot was last bad, on the monotonic clock; while it fires. */
	badAtMs: number;
}

/** What came of a slot with one rule. */
export interface Happened {
	readonly bound: Bound;
	readonly transition: Transition;
}

export interface SlotContext {
	lastWeek(pop: string): number | null;
	recent(): readonly AlertSlot[];
	readonly nowMs: number;
}

/** An order that is measured, with the rules that are for it. */
export class OrderWatch {
	order: WatchedOrder;
	bound: Bound[] = [];
	readonly gate = new SlotGate();
	/** Which set of rules it has; -1: none yet, or one that is out of date. */
	version = -1;
	/** Its file has been read. */
	isLoaded = false;
	/** Its pings are told early. */
	isWatched = false;
	/** Of rules that cannot be read at the moment: how they stood. */
	parked: ReadonlyMap<string, RuleRecord> = new Map();
	/** Pings of the slot that runs which were told early: their places. */
	early: { readonly startSeconds: number; readonly told: Set<number> } | null = null;
	/** Its place among the recent slots. */
	readonly place: number;
	/** Why pings of the last slot were lost. */
	lossReason: string | null = null;
	/** Whether all pings of its last known slot were lost. */
	isDown = false;

	constructor(order: WatchedOrder, place: number) {
		this.order = order;
		this.place = place;
	}

	get id(): string {
		return this.order.identity.id;
	}

	/** Has these rules from now on. Returns those that it had and has no more. */
	bind(rules: readonly CompiledRule[], known: ReadonlyMap<string, RuleRecord>): readonly Bound[] {
		const before = new Map(this.bound.map((one) => [one.compiled.rule.name, one]));
		const { identity, alerts } = this.order;
		this.bound = rules
			.filter((compiled) => compiled.isFor(identity, alerts))
			.map((compiled) => {
				const had = before.get(compiled.rule.name);
				before.delete(compiled.rule.name);
				const own = compiled.of(identity.id);
				return rebound(own, had, known.get(compiled.rule.name));
			});
		return [...before.values()];
	}

	/** Holds all rules against a slot. */
	evaluate(slot: ClosedSlot, context: SlotContext): readonly Happened[] {
		let happened: Happened[] | null = null;
		const sighted = { ...slot, lastWeek: context.lastWeek };
		for (const bound of this.bound) {
			const evaluated = evaluate(bound.compiled, bound.record.state, sighted);
			if (evaluated.verdict === 'bad') bound.badAtMs = context.nowMs;
			if (evaluated.state === bound.record.state && evaluated.change === null) continue;
			const transition = this.apply(bound, evaluated, slot, context);
			if (transition === null) continue;
			happened ??= [];
			happened.push({ bound, transition });
		}
		return happened ?? [];
	}

	/** Makes a raise or a clear of what a slot came to. */
	apply(
		bound: Bound,
		{ state, change, bad }: Evaluated,
		slot: Pick<ClosedSlot, 'startSeconds' | 'stepSeconds' | 'sights'>,
		context: SlotContext,
	): Transition | null {
		const { record, compiled } = bound;
		if (change === null) {
			bound.record = record === wellRecord && state === fresh ? record : { ...record, state };
			return null;
		}
		const atSeconds = slot.startSeconds + slot.stepSeconds;
		if (change.about === 'raise') {
			const seen = [...slot.sights].filter(([pop]) => bad.includes(pop)).map(([, sight]) => sight);
			const what = describeAlert(compiled.rule, seen, context.lastWeek(bad[0] ?? ''));
			const alert = alertOf(this.order.identity, compiled, change.sinceSeconds, atSeconds, bad, what);
			bound.record = { ...record, state, alert, toldSeconds: null };
			return { about: 'raise', alert, slots: context.recent() };
		}
		return this.#clear(bound, state, atSeconds, context.recent());
	}

	#clear(bound: Bound, state: RuleState, atSeconds: number, recent: readonly AlertSlot[]): Transition | null {
		const { alert, closing } = bound.record;
		if (alert === null) {
			bound.record = { ...bound.record, state };
			return null;
		}
		const cleared: Alert = { ...alert, clearedSeconds: atSeconds };
		// Whoever tells it says when it need not be remembered any more.
		bound.record = { state, alert: null, toldSeconds: null, closing: [...closing, cleared] };
		return { about: 'clear', alert: cleared, slots: recent };
	}

	/** The line of a rule, if it has changed since it was written; null when not. */
	unwritten(bound: Bound): string | null {
		const { record, compiled, written } = bound;
		if (record === wellRecord && written === '') return null;
		const line = stateLine(compiled.rule.name, record);
		const isPlain = line === stateLine(compiled.rule.name, wellRecord);
		if (line === written || (isPlain && written === '')) return null;
		bound.written = isPlain ? '' : line;
		return line;
	}
}

function rebound(compiled: CompiledRule, had: Bound | undefined, known: RuleRecord | undefined): Bound {
	if (had === undefined) {
		const written = known === undefined ? '' : stateLine(compiled.rule.name, known);
		return { compiled, record: known ?? wellRecord, written, badAtMs: -1 };
	}
	if (had.compiled.rule === compiled.rule) return had;
	const isSame = placesOf(had.compiled.rule) === placesOf(compiled.rule);
	if (isSame) return { ...had, compiled };
	// What was counted by another condition means nothing to this one. What fires does until this one says otherwise.
	const { isFiring } = had.record.state.run;
	return { ...had, compiled, record: { ...had.record, state: { run: { isFiring, marks: null } } } };
}

/** What is judged, and what of whom. */
function placesOf({ condition, match: { pops, orders } }: Rule): string {
	return JSON.stringify([condition, pops, orders?.filter(namesPops) ?? []]);
}

function alertOf(
	order: OrderIdentity,
	{ rule }: CompiledRule,
	sinceSeconds: number,
	raisedSeconds: number,
	pops: readonly string[],
	what: string,
): Alert {
	const { name, severity, notify, remindSeconds } = rule;
	const id = `${name}|${order.id}|${sinceSeconds}`;
	return { id, rule: name, severity, order, what, sinceSeconds, raisedSeconds, pops, notify, remindSeconds };
}
