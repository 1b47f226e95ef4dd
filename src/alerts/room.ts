import {
	type Alert,
	type AlertSlot,
	isOrderRule,
	isOwnRule,
	localPop,
	type PartStanding,
	type Rule,
} from '../model/alert.ts';
import type { Mute } from '../model/mute.ts';
import type { NotifiedAlert } from '../model/notifier.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Slot } from '../model/slot.ts';
import { detailsOf, firingOf } from './alert-details.ts';
import { compileRule } from './compiled-rule.ts';
import { DeadHops } from './dead-hops.ts';
import { type EarlyLoss, newPings, withoutEarly } from './early-pings.ts';
import { evaluateEarly } from './evaluate.ts';
import { Guard } from './guard.ts';
import { type HoldingParts, holdingOf } from './holding.ts';
import { KnownRoutes } from './known-routes.ts';
import { LearnedRoutes } from './learned-routes.ts';
import { MuteList } from './mute-list.ts';
import { transitionLine } from './order-file-lines.ts';
import { type Bound, type Happened, OrderWatch, type SlotContext, type WatchedOrder } from './order-watch.ts';
import { OwnAlerts } from './own-alerts.ts';
import { Readying } from './readying.ts';
import { RecentSlots } from './recent-slots.ts';
import { Records, withoutClosing } from './records.ts';
import type { AlertSettings, AlertTools, FiringAlert } from './room-parts.ts';
import { sightOf, unknownSight } from './sight.ts';
import type { ClosedSlot } from './slot-gate.ts';
import { SlotRounds } from './slot-rounds.ts';
import { Teller } from './teller.ts';
import { WeekMedians } from './week-medians.ts';

/** Of each tick, what reading files and rules may take. */
const readSliceMs = 20;
/** Holds all rules against all that is measured, and has people told. Nothing in it waits for anything. */
export class AlertRoom {
	readonly #tools: AlertTools;
	readonly #watches = new Map<string, OrderWatch>();
	readonly #recent = new RecentSlots();
	readonly #guard = new Guard();
	readonly #known = new KnownRoutes();
	readonly #routes = new LearnedRoutes(this.#known);
	readonly #deadHops: DeadHops;
	readonly #mutes = new MuteList();
	readonly #week: WeekMedians;
	readonly #readying: Readying;
	readonly #teller: Teller;
	readonly #records: Records;
	readonly #own: OwnAlerts;
	readonly #holding: HoldingParts;
	readonly #rounds = new SlotRounds(this.#watches, (watch, slot) => this.#evaluate(watch, slot, null));
	#settings: AlertSettings = { guard: [], pagesUrl: null, groupWaitMs: 3000 };
	#isReported = true;

	constructor(tools: AlertTools) {
		this.#tools = tools;
		this.#week = new WeekMedians((id, pop) => tools.lastWeek(id, pop));
		const watchOf = (id: string) => this.#watches.get(id);
		this.#deadHops = new DeadHops({ routes: this.#known, mutes: this.#mutes, watchOf });
		this.#holding = { mutes: this.#mutes, guard: this.#guard, deadHops: this.#deadHops, watchOf };
		this.#teller = new Teller({
			...{ clock: tools.clock, queue: tools.queue },
			hold: (alert) => holdingOf(alert, this.#nowSeconds, this.#holding),
			isBadSince: (alert, sinceMs) => this.#isBadSince(alert, sinceMs),
			isUrgent: (alert) => this.#boundOf(alert)?.compiled.rule.condition.kind === 'score',
			route: (id, withinMs) => tools.route(id, withinMs),
			mute: (alert) => this.#mutes.muting(alert, this.#nowSeconds),
			details: (alert) => this.#details(alert),
			told: (alert, about) => {
				this.#isReported = false;
				this.#records.told(alert, about);
				this.#own.told(alert, about);
			},
		});
		this.#records = new Records({
			...{ tools, teller: this.#teller, watchOf },
			recent: (watch) => this.#recentOf(watch),
			dependsOnOthers: ({ id, order }) => order.parents.length > 0 || this.#known.way(id).length > 0,
			owe: (alert) => this.#own.owe(alert),
		});
		this.#readying = new Readying({
			tools,
			met: (watch) => this.#learnRoute(watch, watch.order.hasRoute ? tools.lastRoute(watch.id) : null),
			ended: (watch, rule, record) => {
				this.#isReported = false;
				this.#records.ruleGone(watch, rule, record);
			},
			restored: (watch, bound) => {
				if (this.#records.restored(watch, bound)) this.#isReported = false;
			},
		});
		this.#own = new OwnAlerts({ tools, guard: this.#guard, teller: this.#teller });
	}

	// ---- What there is ----

	/** These rules hold from now on. `unread`: names of those whose files cannot be understood at the moment. */
	rules(rules: readonly Rule[], unread: readonly string[] = []): void {
		this.#readying.rules(rules.filter(isOrderRule).map(compileRule), new Set(unread));
		this.#own.rules(rules.filter(isOwnRule), new Set(unread));
		this.#isReported = false;
	}

	/** How the parts of pingmachine itself are. */
	standings(standings: readonly PartStanding[]): void {
		this.#own.hear(standings);
	}

	mutes(mutes: readonly Mute[]): void {
		this.#mutes.set(mutes);
		this.#isReported = false;
	}

	configure(settings: AlertSettings): void {
		this.#settings = settings;
		this.#guard.configure(settings.guard);
		this.#teller.groupWaitMs = settings.groupWaitMs;
	}

	/** An order is there, or was changed. */
	order(order: WatchedOrder): void {
		const { id } = order.identity;
		const known = this.#watches.get(id);
		if (known === undefined) {
			const watch = new OrderWatch(order, this.#recent.take());
			this.#watches.set(id, watch);
			this.#readying.add(watch);
			this.#routes.add(order);
			return;
		}
		this.#routes.add(order, known.order);
		known.order = order;
		this.#readying.again(known);
	}

	/** It is not measured any more: what fires for it is over. */
	gone(id: string): void {
		const watch = this.#watches.get(id);
		if (watch === undefined) return;
		this.#isReported = false;
		this.#records.orderGone(watch);
		this.#watches.delete(id);
		this.#rounds.remove(watch);
		this.#readying.remove(watch);
		this.#recent.giveBack(watch.place);
		this.#guard.gone(id);
		this.#routes.remove(watch.order);
		this.#week.forget(id);
	}

	accept(outcome: Outcome): void {
		const watch = this.#watches.get(outcome.order.id);
		if (watch === undefined) return;
		this.#readying.ready(watch);
		const { pop = localPop, slot } = outcome;
		const nowSeconds = this.#nowSeconds;
		const sight = withoutEarly(watch, slot.startSeconds, sightOf(outcome, this.#tools.facts));
		for (const closed of watch.gate.take(pop, slot, sight, nowSeconds))
			this.#evaluate(watch, closed, outcome);
		this.#rounds.look(watch);
	}

	/** Pings of a slot that runs: their places, and whether they were lost. */
	early(id: string, slot: Slot, pings: readonly EarlyLoss[]): void {
		const watch = this.#watches.get(id);
		if (watch === undefined || watch.gate.lastSeconds >= slot.startSeconds) return;
		this.#readying.ready(watch);
		const lost = newPings(watch, slot.startSeconds, pings);
		const sighted = { ...slot, sights: new Map([[localPop, unknownSight()]]) };
		for (const bound of watch.bound) {
			const evaluated = evaluateEarly(bound.compiled, bound.record.state, localPop, lost, slot);
			if (evaluated.verdict === 'bad') bound.badAtMs = this.#nowMs;
			const transition = watch.apply(bound, evaluated, sighted, this.#contextOf(watch, slot));
			if (transition !== null) this.#happened(watch, { bound, transition });
		}
	}

	get isReadying(): boolean {
		return !this.#readying.isDone;
	}

	/** To be called every second or so. */
	tick(): void {
		const untilMs = this.#nowMs + readSliceMs;
		this.#readying.work(untilMs);
		if (this.#week.isWaiting) this.#week.work(untilMs, () => this.#nowMs);
		this.#rounds.work(this.#nowSeconds);
		this.#deadHops.renew(this.#nowSeconds);
		if (this.#own.look(this.#watches.size)) this.#isReported = false;
		this.#teller.tick();
		this.#tools.removeMutes(this.#readying.isDone ? this.#mutes.over((id) => this.#teller.live.has(id)) : []);
		if (this.#teller.takeHeldChanged() || !this.#isReported) this.#tools.report(this.firing());
		this.#isReported = true;
	}

	/** The daemon ends. What waits for others is told; what is held is kept in the files. */
	close(): void {
		this.#deadHops.renew(this.#nowSeconds);
		this.#teller.flush();
	}

	/** All alerts that fire. */
	firing(): readonly FiringAlert[] {
		return firingOf(this.#teller.live.values(), (alert) => this.#mutes.muting(alert, this.#nowSeconds));
	}

	get #nowMs(): number {
		return this.#tools.clock.monotonicMs();
	}

	get #nowSeconds(): number {
		return this.#tools.clock.wallMs() / 1000;
	}

	#evaluate(watch: OrderWatch, slot: ClosedSlot, outcome: Outcome | null): void {
		this.#note(watch, slot, outcome);
		const happened = watch.bound.length === 0 ? [] : watch.evaluate(slot, this.#contextOf(watch, slot));
		for (const one of happened) this.#happened(watch, one);
		this.#records.save(watch, []);
	}

	#contextOf(watch: OrderWatch, slot: Pick<ClosedSlot, 'startSeconds' | 'stepSeconds'>): SlotContext {
		return {
			lastWeek: (pop) => this.#week.get(watch.id, pop, this.#nowMs),
			recent: () => this.#recent.read(watch.place, slot.startSeconds, slot.stepSeconds),
			nowMs: this.#nowMs,
		};
	}

	/** What is remembered of each slot, whatever the rules are. */
	#note(
		watch: OrderWatch,
		{ startSeconds, stepSeconds, sights, missed }: ClosedSlot,
		outcome: Outcome | null,
	): void {
		let loss: number | null = null;
		let median: number | null = null;
		for (const sight of sights.values()) {
			if (sight.lossShare !== null) loss = Math.max(loss ?? 0, sight.lossShare);
			if (sight.medianSeconds !== null) median = Math.max(median ?? 0, sight.medianSeconds);
		}
		this.#recent.note(watch.place, Math.round(startSeconds / stepSeconds), missed, loss, median);
		if (loss === null) return;
		watch.isDown = loss === 1;
		const facts = outcome?.kind === 'measured' ? outcome.measurement.facts : {};
		const reason = facts['loss_reason'];
		watch.lossReason = typeof reason === 'string' ? reason : null;
		const { address } = facts;
		const { target } = watch.order.identity;
		this.#guard.note(watch.id, loss, typeof address === 'string' ? address : target, startSeconds);
		if (loss < 1) this.#learnRoute(watch, sights.get(localPop)?.route() ?? null);
	}

	#learnRoute({ order }: OrderWatch, route: readonly (string | null)[] | null): void {
		if (route !== null) this.#routes.learn(order, route);
	}

	#happened(watch: OrderWatch, { bound, transition }: Happened): void {
		const { about, alert, slots } = transition;
		this.#isReported = false;
		if (about === 'clear' && !this.#teller.clear(alert, slots, false))
			bound.record = withoutClosing(bound.record, alert.id);
		this.#records.save(watch, [transitionLine(transition, Math.round(this.#nowSeconds))]);
		if (about === 'raise') this.#teller.raise(alert, slots, null);
	}

	#recentOf({ place, gate }: OrderWatch): readonly AlertSlot[] {
		return gate.lastSeconds < 0 ? [] : this.#recent.read(place, gate.lastSeconds, gate.stepSeconds);
	}

	#isBadSince(alert: Alert, sinceMs: number): boolean {
		if (alert.order === null) return this.#own.isBadSince(alert, sinceMs);
		const bound = this.#boundOf(alert);
		if (bound === undefined) return false;
		return bound.compiled.rule.condition.kind === 'route' || bound.badAtMs > sinceMs;
	}

	#boundOf({ order, rule }: Alert): Bound | undefined {
		const watch = this.#watches.get(order?.id ?? '');
		return watch?.bound.find(({ compiled }) => compiled.rule.name === rule);
	}

	#details(alert: Alert): Partial<NotifiedAlert> {
		const watch = this.#watches.get(alert.order?.id ?? '');
		if (watch === undefined) return this.#own.details(alert);
		const deadHop = watch.isDown ? (this.#deadHops.of(watch.id)?.hop ?? null) : null;
		return detailsOf(alert, watch, deadHop, this.#settings.pagesUrl);
	}
}
