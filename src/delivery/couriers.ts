import type { Clock } from '../model/clock.ts';
import type { FactTable } from '../model/facts.ts';
import type { Log } from '../model/log.ts';
import type { OrderIdentity, Outcome } from '../model/outcome.ts';
import type { AnySink, SinkTable } from '../model/sink.ts';
import type { SinkEntry } from '../model/sink-entry.ts';
import type { PackedOutcome } from '../outcomes/packed.ts';
import { readStrict } from '../reading/strict-section.ts';
import type { AtDisk } from './backlog.ts';
import { Courier } from './courier.ts';
import { orderTest, type Wanted } from './order-filter.ts';
import { addCounts, type Counts, type SinkStats } from './sink-stats.ts';
import { messageOf } from './tries.ts';

export interface CouriersParts {
	readonly sinks: SinkTable;
	/** Holds a folder for each sink that has a spool. */
	readonly spoolFolder: string;
	readonly version: string;
	/** What the probes declare. */
	readonly facts: FactTable;
	readonly clock: Clock;
	readonly log: Log;
	/** From 0 to 1. */
	random(): number;
	readonly atDisk?: AtDisk;
}

interface Post {
	readonly entry: SinkEntry;
	readonly courier: Courier;
	takes(order: OrderIdentity): Wanted;
}

/** A courier that takes an order, or what these points of presence measure of it. */
interface Taker {
	readonly courier: Courier;
	readonly wanted: Exclude<Wanted, false>;
}

/** How long a sink that is taken out of the config, or changed, may go on sending. */
const changeGraceMs = 1000;

/** One courier for each sink that is configured. */
export class Couriers {
	readonly #parts: CouriersParts;
	/** By name. */
	#posts = new Map<string, Post>();
	/** By name: what was counted under other settings. */
	readonly #former = new Map<string, Counts>();
	/** The same of those that are being closed, and may still send. */
	readonly #leaving = new Map<Courier, string>();
	/** By name: sinks that are being closed. A new one of that name has to wait for them. */
	readonly #closing = new Map<string, Promise<void>>();
	/** Who takes an order is found out once. */
	#takers = new WeakMap<OrderIdentity, readonly Taker[]>();

	constructor(parts: CouriersParts) {
		this.#parts = parts;
	}

	/** From now on there are these sinks. What has not changed is left alone. */
	configure(entries: readonly SinkEntry[]): void {
		const before = this.#posts;
		this.#posts = new Map();
		this.#takers = new WeakMap();
		const wanted = new Map(entries.map((entry) => [entry.name, entry]));
		for (const [name, post] of before) {
			const entry = wanted.get(name);
			if (entry !== undefined && isSame(entry, post.entry)) this.#posts.set(name, post);
			else this.#close(name, post, entry === undefined);
		}
		for (const entry of entries) {
			if (!this.#posts.has(entry.name)) this.#open(entry);
		}
		for (const name of this.#former.keys()) if (!wanted.has(name)) this.#former.delete(name);
	}

	/** Whether any sink takes this order. */
	isWanted(order: OrderIdentity): boolean {
		return this.#takersOf(order).length > 0;
	}

	/** `packed`: the same, if it is at hand. */
	accept(outcome: Outcome, packed?: PackedOutcome): void {
		for (const { courier, wanted } of this.#takersOf(outcome.order))
			if (wanted === true || wanted(outcome.pop)) courier.accept(outcome, packed);
	}

	/** To be called about twice a second. */
	tick(): void {
		for (const { courier } of this.#posts.values()) courier.tick();
	}

	stats(): SinkStats[] {
		const former = new Map(this.#former);
		for (const [courier, name] of this.#leaving)
			former.set(name, addCounts(courier.stats(), former.get(name)));
		return [...this.#posts].map(([name, { courier }]) => {
			const stats = courier.stats();
			return { ...stats, ...addCounts(stats, former.get(name)) };
		});
	}

	async close(graceMs: number): Promise<void> {
		const ending = [...this.#posts.values()].map(({ courier }) => courier.close(graceMs));
		await Promise.all([...ending, ...this.#closing.values()]);
	}

	#open(entry: SinkEntry): void {
		const { sinks, log } = this.#parts;
		try {
			const sink = sinks.get(entry.type);
			if (sink === undefined) throw new Error(`there is no sink of the type ${entry.type}`);
			const settings = settingsOf(sink, entry);
			const courier = new Courier({ ...this.#parts, entry, sink, settings });
			this.#posts.set(entry.name, { entry, courier, takes: orderTest(sink, settings, entry.filter) });
			courier.start(this.#closing.get(entry.name));
		} catch (error) {
			// The config was checked, so the sink itself has a fault. The others shall not suffer from it.
			log.error(`sink ${entry.name}: cannot be set up: ${messageOf(error)}`);
		}
	}

	#close(name: string, { courier }: Post, isGone: boolean): void {
		if (!isGone) this.#leaving.set(courier, name);
		const closed: Promise<void> = courier.close(changeGraceMs).then(() => {
			if (this.#leaving.delete(courier) && this.#posts.has(name))
				this.#former.set(name, addCounts(courier.stats(), this.#former.get(name)));
			// A later one of that name may be closing by now, and have results in the spool.
			if (this.#closing.get(name) === closed) this.#closing.delete(name);
			const { spooled } = courier.stats();
			const kept = spooled === 0 ? '' : `; ${spooled} results stay in its spool`;
			if (isGone) this.#parts.log.info(`sink ${name}: closed${kept}`);
		});
		this.#closing.set(name, closed);
	}

	#takersOf(order: OrderIdentity): readonly Taker[] {
		const known = this.#takers.get(order);
		if (known !== undefined) return known;
		const takers: Taker[] = [];
		for (const post of this.#posts.values()) {
			const wanted = this.#wantedBy(post, order);
			if (wanted !== false) takers.push({ courier: post.courier, wanted });
		}
		this.#takers.set(order, takers);
		return takers;
	}

	#wantedBy({ entry, takes }: Post, order: OrderIdentity): Wanted {
		try {
			return takes(order);
		} catch (error) {
			this.#parts.log.error(
				`sink ${entry.name}: cannot tell whether it takes ${order.id}: ${messageOf(error)}`,
			);
			return false;
		}
	}
}

function settingsOf(sink: AnySink, entry: SinkEntry): unknown {
	const read = readStrict<unknown>(sink.settings, entry.settings, '');
	if ('value' in read) return read.value;
	throw new Error(read.findings.map(({ key, message }) => `${key}: ${message}`).join(' | '));
}

function isSame(one: SinkEntry, other: SinkEntry): boolean {
	return JSON.stringify(one) === JSON.stringify(other);
}
