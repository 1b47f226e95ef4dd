import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Clock } from '../../model/clock.ts';
import type { Log } from '../../model/log.ts';
import type { PopsAnswer } from '../../model/pops-answer.ts';
import { printable } from '../../model/printable.ts';
import { heartbeatMs, lostAfterMs } from '../heartbeat.ts';
import type { Registered } from '../hub/registry.ts';
import { type HubRecord, type HubTold, keyOfRecord, openRecord, sealRecord } from './record.ts';
import { TakenOrders } from './taken-orders.ts';

/** A topic that hubs share: the newest of each key. */
export interface HubsTopic {
	/** All that there is, and then what is new. `caughtUp`: all there was has been told. */
	start(heard: { begins(): void; record(value: string, ageMs: number): void; caughtUp(): void }): void;
	write(messages: readonly { readonly key: string; readonly value: string | null }[]): Promise<void>;
	close(): Promise<void>;
}

export interface HubsParts {
	/** How the others call this hub. */
	readonly name: string;
	readonly key: KeyObject;
	readonly clock: Clock;
	readonly log: Log;
	readonly baseDir: string;
	readonly topic: HubsTopic;
	/** The highest number of news that we have told. */
	toldSeq(): number;
	/** Null: it was taken out. */
	pop(name: string, pop: Registered | null): void;
	pops(): readonly Registered[];
	/** The first hub that lives has chosen others to measure an order. */
	picked(id: string): void;
	/**
	 * We are the first that lives, or we are not. What we tell has higher numbers than `seq`; up to `toldUntilMs` since the
	 * epoch another has told people.
	 */
	leads(isLeading: boolean, before: { readonly seq: number; readonly toldUntilMs: number }): void;
}

/** News of the one before may be so much further than its last heartbeat said. Microseconds. */
const seqGap = 60_000_000;
/** At the start it is waited for others so long. */
const patienceMs = 1.5 * heartbeatMs;

/** What waits for others to share a message, and is on its way. */
const newestMs = 10_000;

interface Peer {
	heardMs: number;
	told: number;
}

/** Several hubs with one key: each has all orders and points of presence, and the first by name that lives speaks. */
export class Hubs {
	readonly #parts: HubsParts;
	readonly #publicKey: KeyObject;
	readonly taken: TakenOrders;
	readonly #own = new Map<string, string>();
	/** By id and hub: what was written there. */
	readonly #orders = new Map<string, Map<string, string>>();
	readonly #picks = new Map<string, readonly string[]>();
	readonly #peers = new Map<string, Peer>();
	/** By key the number of the newest. */
	readonly #seqs = new Map<string, number>();
	/** What there was of ours in the topic when we began. */
	readonly #stale = new Set<string>();
	#popsThere = new Set<string>();
	#toWrite = new Map<string, HubTold>();
	#writing: Promise<void> | null = null;
	#isReady = false;
	#isCaughtUp = false;
	#isLeading = false;
	#startedMs = 0;
	#lastSeq = 0;
	#highestTold = 0;

	constructor(parts: HubsParts) {
		this.#parts = parts;
		this.#publicKey = createPublicKey(parts.key);
		this.taken = new TakenOrders(parts);
	}

	get isLeading(): boolean {
		return this.#isLeading;
	}

	/** Names of the hubs that live, this one among them. */
	get alive(): readonly string[] {
		const nowMs = this.#parts.clock.monotonicMs();
		const peers = [...this.#peers].filter(([, { heardMs }]) => nowMs - heardMs <= lostAfterMs);
		return [this.#parts.name, ...peers.map(([name]) => name)].sort();
	}

	/** The hubs that are known, this one among them. */
	get answer(): NonNullable<PopsAnswer['hubs']> {
		const nowMs = this.#parts.clock.monotonicMs();
		const { name } = this.#parts;
		const [speaker] = this.alive;
		const known = [
			{ name, silent: 0 },
			...[...this.#peers].map(([peer, { heardMs }]) => ({ name: peer, silent: (nowMs - heardMs) / 1000 })),
		];
		return known
			.map((one) => ({ ...one, speaks: one.name === speaker }))
			.sort((a, b) => (a.name < b.name ? -1 : 1));
	}

	start(): void {
		this.#startedMs = this.#parts.clock.monotonicMs();
		this.#parts.topic.start({
			begins: () => {},
			record: (value, ageMs) => this.#hear(value, ageMs),
			caughtUp: () => this.#caughtUp(),
		});
	}

	async close(): Promise<void> {
		await this.#parts.topic.close();
	}

	/** Tells that we live. */
	beat(): void {
		this.#tell({ kind: 'beat', told: this.#parts.toldSeq() });
	}

	/** To be called each second or so. */
	look(): void {
		const hasWaited = this.#parts.clock.monotonicMs() - this.#startedMs >= patienceMs;
		const isLeading = this.#isCaughtUp && hasWaited && this.alive[0] === this.#parts.name;
		if (isLeading === this.#isLeading) return;
		this.#isLeading = isLeading;
		const { log, name, leads } = this.#parts;
		log.info(isLeading ? `this hub, ${name}, speaks for all` : `the hub ${this.alive[0]} speaks for all`);
		leads(isLeading, { seq: this.#highestTold + seqGap, toldUntilMs: this.#toldUntilMs() });
		if (isLeading) for (const [id, pops] of this.#picks) this.#tell({ kind: 'pick', id, pops: [...pops] });
	}

	/** When the one before us was heard of last, it had told all but the newest. 0: there was none. */
	#toldUntilMs(): number {
		const { clock, name } = this.#parts;
		const heard = [...this.#peers].flatMap(([peer, { heardMs }]) => (peer < name ? [heardMs] : []));
		if (heard.length === 0) return 0;
		return clock.wallMs() - (clock.monotonicMs() - Math.max(...heard)) - newestMs;
	}

	/** All files below `orders/` are known. */
	ready(): void {
		this.#isReady = true;
		this.#endStale();
	}

	/** An order that asks for points of presence was written here, or changed. */
	asked(id: string, text: string): void {
		if (this.#own.get(id) === text) return;
		this.#own.set(id, text);
		this.#stale.delete(id);
		this.#tell({ kind: 'order', id, text });
	}

	/** An order of ours is there no more. What another hub has by that name is taken again. */
	gone(id: string): void {
		if (this.#own.delete(id)) this.#tell({ kind: 'end', id });
		this.#take(id);
	}

	/** Who measures an order that any may measure; undefined: nobody has said. */
	pickOf(id: string): readonly string[] | undefined {
		return this.#isLeading ? undefined : this.#picks.get(id);
	}

	/** We have chosen. */
	pick(id: string, pops: readonly string[]): void {
		if (!this.#isLeading || this.#picks.get(id)?.join() === pops.join()) return;
		this.#picks.set(id, pops);
		this.#tell({ kind: 'pick', id, pops: [...pops] });
	}

	/** A point of presence was added or changed here; null: it was taken out. */
	changedPop(name: string, pop: Registered | null): void {
		this.#tell({ kind: 'pop', name, pop });
	}

	// ---- What the others say ----

	#hear(value: string, ageMs: number): void {
		const said = openRecord(value, this.#publicKey);
		if (said === null) {
			this.#parts.log.warn('the topic of hubs has what no hub with our key has written: it is passed over');
			return;
		}
		const key = keyOfRecord(said);
		if (said.seq <= (this.#seqs.get(key) ?? 0)) return;
		this.#seqs.set(key, said.seq);
		this.#lastSeq = Math.max(this.#lastSeq, said.seq);
		this.#follow(said, ageMs);
	}

	#follow(said: HubRecord, ageMs: number): void {
		const isOurs = said.hub === this.#parts.name;
		if (said.kind === 'beat') {
			this.#highestTold = Math.max(this.#highestTold, said.told);
			const heardMs = this.#parts.clock.monotonicMs() - Math.max(0, ageMs);
			if (!isOurs) this.#peers.set(said.hub, { heardMs, told: said.told });
		} else if (said.kind === 'order' || said.kind === 'end') this.#followOrder(said, isOurs);
		else if (said.kind === 'pop') {
			this.#popsThere.add(said.name);
			this.#parts.pop(said.name, said.pop);
		} else if (!isOurs) {
			this.#picks.set(said.id, said.pops);
			if (this.#isCaughtUp) this.#parts.picked(said.id);
		}
	}

	#followOrder(said: HubRecord & { readonly kind: 'order' | 'end' }, isOurs: boolean): void {
		const { id, hub } = said;
		if (isOurs) {
			if (said.kind === 'order' && !this.#own.has(id)) this.#stale.add(id);
			return;
		}
		const texts = this.#orders.get(id) ?? new Map<string, string>();
		this.#orders.set(id, texts);
		if (said.kind === 'order') texts.set(hub, said.text);
		else texts.delete(hub);
		if (texts.size === 0) this.#orders.delete(id);
		if (this.#isCaughtUp) this.#take(id);
	}

	/** As a file, unless it was written here. Of several hubs the first by name counts. */
	#take(id: string): void {
		if (this.#own.has(id)) return;
		const [first] = [...(this.#orders.get(id) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
		if (first === undefined) this.taken.end(id);
		else this.taken.put(id, first[1]);
	}

	#caughtUp(): void {
		this.#isCaughtUp = true;
		for (const id of new Set([...this.#orders.keys(), ...this.taken.ids])) this.#take(id);
		for (const pop of this.#parts.pops()) if (!this.#popsThere.has(pop.name)) this.changedPop(pop.name, pop);
		for (const id of this.#picks.keys()) this.#parts.picked(id);
		this.#endStale();
		this.beat();
	}

	#endStale(): void {
		if (!this.#isReady || !this.#isCaughtUp) return;
		for (const id of this.#stale) if (!this.#own.has(id)) this.#tell({ kind: 'end', id });
		this.#stale.clear();
	}

	// ---- What we say ----

	/** The newest of each is written, and again until it is. */
	#tell(told: HubTold): void {
		const { name } = this.#parts;
		this.#toWrite.set(keyOfRecord({ ...told, hub: name }), told);
		this.#writing ??= this.#writeAll().finally(() => {
			this.#writing = null;
		});
	}

	async #writeAll(): Promise<void> {
		const { topic, name, key, clock, log } = this.#parts;
		// What is told together is written together.
		await new Promise((resolve) => setImmediate(resolve));
		while (this.#toWrite.size > 0) {
			const some = this.#toWrite;
			this.#toWrite = new Map();
			const messages = [...some].map(([messageKey, told]) => {
				this.#lastSeq = Math.max(this.#lastSeq + 1, Math.floor(clock.wallMs() * 1000));
				const body = { v: 1 as const, hub: name, seq: this.#lastSeq, ...told } as HubRecord;
				return { key: messageKey, value: sealRecord(body, key) };
			});
			try {
				await topic.write(messages);
				const ended = [...some].filter(([, { kind }]) => kind === 'end');
				if (ended.length > 0)
					await topic.write(ended.map(([messageKey]) => ({ key: messageKey, value: null })));
			} catch (error) {
				for (const [messageKey, told] of some)
					if (!this.#toWrite.has(messageKey)) this.#toWrite.set(messageKey, told);
				log.debug(`the topic of hubs: ${printable((error as Error).message)}`);
				return;
			}
		}
	}
}
