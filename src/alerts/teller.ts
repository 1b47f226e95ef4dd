import { createHash } from 'node:crypto';
import type { Alert, AlertSlot, HeldWhy } from '../model/alert.ts';
import type { Notification, NotifiedAlert } from '../model/notifier.ts';
import type { Live, TellerParts } from './teller-parts.ts';

/** How long a message waits for a route at most. */
const routeWaitMs = 5000;
/** Of what is urgent, how long a message waits for others and for a route, unless it is wished that it waits for long. */
const urgentWaitMs = 1500;
const usualWaitMs = 3000;
/** When it is looked again for what will be known soon. */
const againMs = 1000;
/** So many routes are looked for at a time: 500 orders that are lost at once have one cause. */
const routesMost = 20;
/** More alerts make another message. */
const membersMost = 1000;
const stateEveryMs = 60_000;
/** Alerts that are over are among the state for so long. */
const overKeptMs = 5 * 60_000;

/** Decides when alerts are told, and to whom: grouped, held, reminded of. */
export class Teller {
	/** How long a message waits for others to share it. */
	groupWaitMs = usualWaitMs;
	readonly #parts: TellerParts;
	readonly #live = new Map<string, Live>();
	/** Cleared ones that wait to be told. */
	#clears: Live[] = [];
	/** Cleared ones that were told. */
	#over: { readonly live: Live; readonly atMs: number }[] = [];
	/** When those that wait are told at the soonest, and whether routes are known or not; null: nobody waits. */
	#due: { readonly soonestMs: number; readonly latestMs: number } | null = null;
	#stateAtMs = 0;
	#routesRunning = 0;
	#isHeldChanged = false;

	constructor(parts: TellerParts) {
		this.#parts = parts;
	}

	get live(): ReadonlyMap<string, Live> {
		return this.#live;
	}

	/**
	 * It fires. `toldSeconds`: it was told before a restart. `isToBeSeen`: whether it is to be told is known with its next
	 * bad slot only, after a restart, when what it depends on was measured too.
	 */
	raise(alert: Alert, slots: readonly AlertSlot[], toldSeconds: number | null, isToBeSeen = false): void {
		const live: Live = {
			...{ alert, slots, toldSeconds, held: null, freedAtMs: null, waitsSinceMs: null, route: undefined },
		};
		this.#live.set(alert.id, live);
		if (toldSeconds !== null) live.route = null;
		else if (isToBeSeen) live.freedAtMs = this.#nowMs;
		else this.#wait(live);
	}

	/**
	 * It is over. Who was told of it is told of that, who was not is not. True when it is to be told: `told` says when
	 * that has happened, and until then it must not be forgotten.
	 *
	 * @param wasTold somebody was told of it, though it does not fire here
	 */
	clear(alert: Alert, slots: readonly AlertSlot[], wasTold: boolean): boolean {
		const live = this.#live.get(alert.id);
		this.#live.delete(alert.id);
		if (live === undefined && !wasTold) return false;
		const route = live?.route ?? null;
		const over: Live = {
			...{ alert, slots, held: null, freedAtMs: null, route },
			...{ toldSeconds: live?.toldSeconds ?? 0, waitsSinceMs: this.#nowMs },
		};
		if (live !== undefined && live.toldSeconds === null) {
			// A run that was killed may have told it, and not come to write that down.
			const isHeard = this.#parts.queue.toldOf(alert.id) === 'raise';
			const isToBeSeen = live.freedAtMs !== null && this.#parts.hold(alert) === null;
			const isWaiting = live.held === null && (live.waitsSinceMs !== null || isToBeSeen);
			if (!isHeard && !isWaiting) return false;
			// It waits for others still: it is told, and that it is over.
			if (isWaiting) this.#tell('raise', [live]);
		}
		this.#clears.push(over);
		this.#dueIn(this.groupWaitMs, routeWaitMs);
		return true;
	}

	/** Whether it is over, and that is about to be told. */
	isClearing(id: string): boolean {
		return this.#clears.some(({ alert }) => alert.id === id);
	}

	/** Whether what is held has changed since this was asked. */
	takeHeldChanged(): boolean {
		const isChanged = this.#isHeldChanged;
		this.#isHeldChanged = false;
		return isChanged;
	}

	/** To be called every second or so. */
	tick(): void {
		for (const live of this.#live.values()) this.#look(live);
		this.#flushDue();
		this.#remind();
		this.#tellState();
	}

	/** The daemon ends: what waits for others goes. */
	flush(): void {
		this.#flush();
	}

	get #nowMs(): number {
		return this.#parts.clock.monotonicMs();
	}

	#wait(live: Live): void {
		live.waitsSinceMs = this.#nowMs;
		const isUrgent = this.#parts.isUrgent(live.alert) && this.groupWaitMs <= usualWaitMs;
		const routesMs = isUrgent ? urgentWaitMs : routeWaitMs;
		this.#dueIn(isUrgent ? Math.min(this.groupWaitMs, urgentWaitMs) : this.groupWaitMs, routesMs);
		this.#findRoute(live, routesMs);
	}

	/** Those that wait wait so long for others, and for routes, or less if another is in a hurry. */
	#dueIn(othersMs: number, routesMs: number): void {
		const nowMs = this.#nowMs;
		this.#due = {
			soonestMs: Math.min(this.#due?.soonestMs ?? Number.POSITIVE_INFINITY, nowMs + othersMs),
			latestMs: Math.min(this.#due?.latestMs ?? Number.POSITIVE_INFINITY, nowMs + routesMs),
		};
	}

	#findRoute(live: Live, withinMs: number): void {
		const { order } = live.alert;
		const finding =
			order === null || this.#routesRunning >= routesMost ? null : this.#parts.route(order.id, withinMs);
		if (finding === null) {
			live.route = null;
			return;
		}
		this.#routesRunning++;
		const over = (route: readonly (string | null)[] | null) => {
			this.#routesRunning--;
			live.route = route;
		};
		finding.then(over, () => over(null));
	}

	/** What was held and is not any more is told with the next slot that is bad still. */
	#look(live: Live): void {
		if (live.toldSeconds !== null || live.waitsSinceMs !== null) return;
		if (live.held === null && live.freedAtMs === null) return;
		const why = this.#parts.hold(live.alert);
		if (why !== null) {
			if (why !== 'soon') this.#hold(live, why);
			if (live.held !== null) live.freedAtMs = null;
			return;
		}
		live.freedAtMs ??= this.#nowMs;
		if (!this.#parts.isBadSince(live.alert, live.freedAtMs)) return;
		this.#hold(live, null);
		this.#wait(live);
	}

	#hold(live: Live, why: HeldWhy | null): void {
		this.#isHeldChanged ||= JSON.stringify(live.held) !== JSON.stringify(why);
		live.held = why;
	}

	#flushDue(): void {
		if (this.#due === null || this.#nowMs < this.#due.soonestMs) return;
		if (this.#nowMs < this.#due.latestMs && this.#waiting().some(({ route }) => route === undefined)) return;
		this.#flush();
	}

	#waiting(): Live[] {
		return [...this.#live.values()].filter(({ waitsSinceMs }) => waitsSinceMs !== null);
	}

	#flush(): void {
		this.#due = null;
		const raised: Live[] = [];
		for (const live of this.#waiting()) {
			const why = this.#parts.hold(live.alert);
			if (why === 'soon') {
				this.#dueIn(againMs, againMs);
				continue;
			}
			live.waitsSinceMs = null;
			this.#hold(live, why);
			if (why === null) raised.push(live);
		}
		if (raised.length > 0) this.#tell('raise', raised);
		const clears = this.#clears;
		this.#clears = [];
		if (clears.length === 0) return;
		this.#tell('clear', clears);
		for (const live of clears) this.#over.push({ live, atMs: this.#nowMs });
	}

	#tell(about: 'raise' | 'clear' | 'reminder', lives: readonly Live[]): void {
		this.#send(about, lives);
		for (const live of lives) {
			if (about !== 'clear') live.toldSeconds = this.#nowSeconds;
			live.waitsSinceMs = null;
			this.#parts.told(live.alert, about);
		}
	}

	get #nowSeconds(): number {
		return this.#parts.clock.wallMs() / 1000;
	}

	#send(
		about: Notification['about'],
		lives: readonly Live[],
		only: (notifier: string) => boolean = () => true,
	) {
		const { queue } = this.#parts;
		for (const notifier of queue.names()) {
			if (!only(notifier)) continue;
			const members = lives
				.filter(({ alert }) => alert.notify === null || alert.notify.includes(notifier))
				.sort((a, b) => (a.alert.id < b.alert.id ? -1 : 1));
			for (let at = 0; at < members.length; at += membersMost)
				queue.send(notifier, this.#notification(about, members.slice(at, at + membersMost)));
		}
	}

	#notification(about: Notification['about'], lives: readonly Live[]): Notification {
		const members = lives.map((live) => this.#member(live));
		const severities = members.map(({ severity }) => severity);
		const severity = severities.includes('critical')
			? 'critical'
			: severities.includes('warning')
				? 'warning'
				: 'info';
		const atSeconds = this.#nowSeconds;
		// The same after a kill, when it is told again.
		const turn = about === 'raise' || about === 'clear' ? '' : `|${Math.floor(atSeconds)}`;
		const ids = members.map(({ id }) => id).join('\n');
		const key = `${about}-${createHash('sha256').update(`${ids}${turn}`).digest('hex').slice(0, 24)}`;
		return { key, about, severity, atSeconds, members };
	}

	#member({ alert, slots, route }: Live): NotifiedAlert {
		const { id, rule, severity, order, part, what, sinceSeconds, raisedSeconds, clearedSeconds, pops } =
			alert;
		const mute = this.#parts.mute(alert);
		const words = mute?.alert === undefined ? null : [mute.by, mute.why].filter((one) => one !== undefined);
		return {
			...{ id, rule, severity, order, what, sinceSeconds, raisedSeconds },
			...(part === undefined ? {} : { part }),
			...(clearedSeconds === undefined ? {} : { clearedSeconds }),
			...{ slots, lossReasons: [], pops, route: route ?? null },
			...this.#parts.details(alert),
			...(words === null ? {} : { acknowledged: words.join(': ') }),
		};
	}

	#remind(): void {
		const nowSeconds = this.#nowSeconds;
		const due = [...this.#live.values()].filter(
			({ alert, toldSeconds }) =>
				toldSeconds !== null &&
				alert.remindSeconds !== null &&
				nowSeconds - toldSeconds >= alert.remindSeconds &&
				this.#parts.hold(alert) === null,
		);
		if (due.length > 0) this.#tell('reminder', due);
	}

	/** For notifiers that forget. */
	#tellState(): void {
		const { queue } = this.#parts;
		if (this.#nowMs < this.#stateAtMs) return;
		this.#stateAtMs = this.#nowMs + stateEveryMs;
		this.#over = this.#over.filter(({ atMs }) => this.#nowMs - atMs < overKeptMs);
		if (!queue.names().some((name) => queue.wantsState(name))) return;
		const firing = [...this.#live.values()].filter(({ toldSeconds }) => toldSeconds !== null);
		const all = [...firing, ...this.#over.map(({ live }) => live)];
		if (all.length > 0) this.#send('state', all, (name) => queue.wantsState(name));
	}
}
