import type { KeyObject } from 'node:crypto';
import type { Clock } from '../../model/clock.ts';
import type { Log } from '../../model/log.ts';
import type { Order } from '../../model/order.ts';
import type { Outcome } from '../../model/outcome.ts';
import { type Pop, popFolderIn, popFolderOf } from '../../model/pop.ts';
import { lostAfterMs } from '../heartbeat.ts';
import type { HubDesk, HubLink, OutcomeTally } from '../link.ts';
import { Assignments } from './assignments.ts';
import { type Asked, Intake } from './intake.ts';
import { NewsBook } from './news-book.ts';
import { OnceOrders } from './once-orders.ts';
import { type Heard, Presences } from './presences.ts';
import { Reasons } from './reasons.ts';
import { type Registered, Registry } from './registry.ts';

export interface HubParts {
	readonly clock: Clock;
	readonly log: Log;
	/** `state/` of the base directory. */
	readonly stateDir: string;
	readonly key: KeyObject;
	readonly validForSeconds: number;
	/** Other points of presence measure an order now: it is to be told to all. */
	moved(order: Order): void;
	outcomes(outcomes: readonly Outcome[]): void;
	/** Resolves when all outcomes are on disk. */
	flush(): Promise<void>;
	/** All have measured an order that were asked to do so once. */
	measuredOnce(id: string): void;
	/** Why a point of presence does not measure an order; null: it does. `folder`: `ID/@POP`. */
	reason(folder: string, message: string | null): void;
}

interface Entry extends Asked {
	readonly text: string;
}

/** The hub: knows its points of presence, tells each what to measure, and takes what they measured. */
export class Hub implements HubDesk {
	readonly #parts: HubParts;
	readonly registry: Registry;
	readonly intake: Intake;
	readonly assignments: Assignments;
	readonly #orders = new Map<string, Entry>();
	readonly #books = new Map<string, NewsBook>();
	readonly #presences: Presences;
	readonly #once = new OnceOrders();
	readonly #reasons: Reasons;
	readonly #links: HubLink[] = [];
	#isReady = false;
	#lastSeq = 0;

	/** Throws `StartError`. */
	constructor(parts: HubParts) {
		this.#parts = parts;
		this.registry = new Registry(parts.stateDir);
		this.intake = new Intake({
			askedOf: (id) => this.#orders.get(id) ?? null,
			nowSeconds: () => parts.clock.wallMs() / 1000,
		});
		this.#reasons = new Reasons(parts.reason);
		this.#presences = new Presences(parts.clock);
		this.assignments = new Assignments(this.registry, (name) => this.isLost(name), parts.log);
		for (const { name } of this.registry.pops) this.#presences.meet(name, false);
	}

	async open(link: HubLink): Promise<void> {
		await link.start(this);
		this.#links.push(link);
	}

	async close(): Promise<void> {
		await Promise.all(this.#links.map((link) => link.close()));
	}

	/** All orders there are have been told: from now on it is known what a point of presence is to measure. */
	ready(): void {
		if (this.#isReady) return;
		this.#isReady = true;
		const isGone = (id: string) => !this.#orders.has(id);
		for (const id of [...this.registry.assigned.keys()].filter(isGone)) this.registry.assigned.delete(id);
		for (const { name } of this.registry.pops) this.#publish(name);
	}

	/** An order is new or was edited; `text`: its file. Returns it with who measures it. */
	asked(order: Order, text: string): Order {
		const { where } = order;
		if (where === undefined) {
			this.gone(order.id);
			return order;
		}
		const pops = this.assignments.choose(order, this.#orders.get(order.id)?.pops);
		const told: Order = { ...order, pops };
		this.#put(told, pops, text);
		return told;
	}

	/** An order is measured no more. */
	gone(id: string): void {
		const before = this.#orders.get(id);
		if (before === undefined) return;
		this.#orders.delete(id);
		this.registry.assigned.delete(id);
		this.#once.gone(id);
		for (const pop of before.pops) this.#end(pop, id);
	}

	/** This machine has measured an order that is to be measured once. False: others are still to do so. */
	measuredHere(id: string): boolean {
		const asked = this.#orders.get(id);
		if (asked === undefined) return true;
		this.#once.heardHere(id);
		return this.#once.isOver(asked.order, asked.pops);
	}

	/** The store has made room for what a point of presence measures. */
	enrolled(folder: string, lastSlotSeconds: number | null): void {
		const named = popFolderIn(folder);
		if (named !== null && this.#orders.get(named.id)?.pops.includes(named.pop))
			this.intake.knows(folder, lastSlotSeconds);
	}

	/** To be called each second or so. */
	look(): void {
		const lost = this.#presences.takeLost();
		for (const name of lost)
			this.#parts.log.warn(`the point of presence ${name} was not heard of for ${lostAfterMs / 1000} s`);
		if (lost.length > 0) this.chooseAgain((pops) => pops.some((pop) => lost.includes(pop)));
	}

	heard(name: string): Heard {
		return this.#presences.heard(name);
	}

	isLost(name: string): boolean {
		return this.#presences.isLost(name);
	}

	/** How many orders it is asked for. */
	askedOf(name: string): number {
		return this.#books.get(name)?.size ?? 0;
	}

	// ---- Who there is ----

	/** Returns its token. */
	add(pop: Pop): string {
		const token = this.registry.add(pop);
		this.#presences.meet(pop.name, true);
		this.chooseAgain(() => true);
		// It is told that there is nothing, too, and heard from now on.
		this.#publish(pop.name);
		this.#parts.log.info(`added the point of presence ${pop.name}`);
		return token;
	}

	/** False: there is none of that name. */
	remove(name: string): boolean {
		if (!this.registry.remove(name)) return false;
		this.#presences.forget(name);
		this.chooseAgain(() => true);
		this.#books.delete(name);
		this.#reasons.forget(name);
		for (const link of this.#links) link.removed(name);
		this.#parts.log.info(`removed the point of presence ${name}`);
		return true;
	}

	/** Another hub has added or changed it; null: has taken it out. */
	know(name: string, pop: Registered | null): void {
		if (pop === null) this.remove(name);
		if (pop === null) return;
		const before = this.registry.get(name);
		if (JSON.stringify(before) === JSON.stringify(pop)) return;
		this.registry.put(pop);
		if (before === null) this.#presences.meet(name, true);
		this.chooseAgain(() => true);
		this.#publish(name);
	}

	/** The highest number of news. */
	get toldSeq(): number {
		return this.#lastSeq;
	}

	/** From now on it is we who tell points of presence, with numbers above this: they are told all anew. */
	speak(seq: number): void {
		this.#lastSeq = Math.max(this.#lastSeq, seq);
		this.#books.clear();
		this.chooseAgain(() => true);
		for (const { order, pops, text } of this.#orders.values())
			for (const pop of pops) this.#book(pop).put(order.id, text);
		for (const { name } of this.registry.pops) this.#publish(name);
	}

	// ---- What links ask ----

	admit(token: string): string | null {
		return this.registry.admit(token);
	}

	isKnown(pop: string): boolean {
		return this.registry.get(pop) !== null;
	}

	seqFor(pop: string): number | null {
		return this.#isReady ? this.#book(pop).seq : null;
	}

	newsFor(pop: string, seq: number): ReturnType<HubDesk['newsFor']> {
		return this.#isReady ? this.#book(pop).after(seq) : { isWhole: false, news: [] };
	}

	async outcomes(pop: string, json: readonly unknown[]): Promise<OutcomeTally | null> {
		const taken = this.#isReady ? this.intake.take(pop, json) : null;
		if (taken === null) return null;
		const { outcomes, tally } = taken;
		if (tally.future > 0)
			this.#parts.log.warn(
				`${tally.future} results of the point of presence ${pop} are from the future: its clock is ahead, set it`,
			);
		this.#parts.outcomes(outcomes);
		await this.#parts.flush();
		for (const outcome of outcomes) this.#once.heard(outcome);
		for (const { order } of outcomes) this.#lookOnce(order.id);
		return tally;
	}

	heartbeat(pop: string, json: unknown): string | null {
		const heard = this.#presences.hear(pop, json);
		if (heard === null) return 'it is not understood: it is of another version';
		if (heard.reasons !== undefined) {
			const isAsked = (id: string) => this.#orders.get(id)?.pops.includes(pop) === true;
			this.#reasons.hear(pop, heard.reasons, isAsked);
		}
		if (!heard.wasLost) return null;
		this.#parts.log.info(`the point of presence ${pop} is heard of`);
		// Orders that any may measure and nobody could are its own from now on.
		this.chooseAgain((pops, { any = 0 }) => pops.some((name) => this.isLost(name)) || pops.length < any);
		return null;
	}

	// ---- Who measures what ----

	/** Who measures may have changed. */
	chooseAgain(
		isWanted: (pops: readonly string[], where: NonNullable<Order['where']>, id: string) => boolean,
	): void {
		for (const { order, pops, text } of [...this.#orders.values()]) {
			if (order.where === undefined || !isWanted(pops, order.where, order.id)) continue;
			const chosen = this.assignments.choose(order, pops);
			if (chosen.join() === pops.join()) continue;
			const told: Order = { ...order, pops: chosen };
			this.#put(told, chosen, text);
			this.#parts.moved(told);
			this.#lookOnce(order.id);
		}
	}

	#lookOnce(id: string): void {
		const asked = this.#orders.get(id);
		if (asked !== undefined && this.#once.isOver(asked.order, asked.pops)) this.#parts.measuredOnce(id);
	}

	#put(order: Order, pops: readonly string[], text: string): void {
		const before = this.#orders.get(order.id)?.pops ?? [];
		this.#orders.set(order.id, { order, pops, text });
		this.#once.asked(order);
		for (const pop of before) if (!pops.includes(pop)) this.#end(pop, order.id);
		for (const pop of pops) if (this.#book(pop).put(order.id, text)) this.#publish(pop);
	}

	#end(pop: string, id: string): void {
		this.intake.forget(popFolderOf(id, pop));
		if (this.#books.get(pop)?.end(id) === true) this.#publish(pop);
	}

	#publish(pop: string): void {
		if (this.#isReady) for (const link of this.#links) link.published(pop);
	}

	#book(pop: string): NewsBook {
		let book = this.#books.get(pop);
		if (book === undefined) {
			const { key, validForSeconds, clock } = this.#parts;
			const nowSeconds = () => clock.wallMs() / 1000;
			book = new NewsBook({ pop, key, validForSeconds, nowSeconds, nextSeq: () => this.#nextSeq() });
			this.#books.set(pop, book);
		}
		return book;
	}

	/** Microseconds since the epoch or more, so that it rises over restarts too. */
	#nextSeq(): number {
		this.#lastSeq = Math.max(this.#lastSeq + 1, Math.floor(this.#parts.clock.wallMs() * 1000));
		return this.#lastSeq;
	}
}
