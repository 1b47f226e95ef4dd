import type { KeyObject } from 'node:crypto';
import type { Accepted } from '../../model/accepted.ts';
import type { Clock } from '../../model/clock.ts';
import type { Log } from '../../model/log.ts';
import type { Order } from '../../model/order.ts';
import { hubFolder } from '../../model/pop.ts';
import { printable } from '../../model/printable.ts';
import { wrongWithId } from '../../orders/names.ts';
import type { PopDesk } from '../link.ts';
import { whyNotAccepted } from './acceptance.ts';
import { hashOfText, readHeld, writeHeld } from './held-orders.ts';
import { HubFiles } from './hub-files.ts';
import { NewsReader } from './news-reader.ts';

export interface SiteParts {
	readonly clock: Clock;
	readonly log: Log;
	readonly baseDir: string;
	/** How the hub calls this point of presence. */
	readonly name: string;
	readonly hubKey: KeyObject;
	/** The same as text, so that orders of another hub are not taken for its own. */
	readonly hubKeyText: string;
	readonly accept: Accepted;
	/** An order, or why it is none. */
	read(id: string, text: string): { readonly order: Order } | { readonly wrong: string };
}

interface Holding {
	seq: number;
	readonly text: string;
	readonly hash: string;
	/** Pings a second; null: it is not accepted, or done with. */
	rate: number | null;
	/** It is measured once. */
	isOnce: boolean;
	/** It was. */
	isDone: boolean;
}

/** A point of presence: writes what its hub signs for it as files below `orders/@hub/`, as far as it accepts that. */
export class Site implements PopDesk {
	readonly #parts: SiteParts;
	readonly #path: string;
	readonly #files: HubFiles;
	readonly #held = new Map<string, Holding>();
	/** Why orders are not measured, by id. */
	readonly #reasons = new Map<string, string>();
	/** Files that are not there any more though we did not remove them. */
	readonly #missing = new Set<string>();
	readonly #reader: NewsReader;
	#accepted = 0;
	#pingsPerSecond = 0;
	/** There is room that there was not when orders were refused. */
	#hasRoom = false;
	readonly #seqs = new Map<string, number>();
	readonly refusals = new Map<string, number>();
	reasonsVersion = 0;

	constructor(parts: SiteParts) {
		this.#parts = parts;
		this.#path = `${parts.baseDir}/state/hub-orders`;
		this.#files = new HubFiles(parts.baseDir);
		this.#reader = new NewsReader({
			...{ pop: parts.name, hubKey: parts.hubKey, nowSeconds: () => this.#nowSeconds() },
			seqs: () => this.#seqs,
			hold: (id, seq, text) => this.#hold(id, seq, text),
			end: (id) => this.#end(id),
			followed: () => this.#followed(),
			refused: (why) => this.#refuse(why),
		});
	}

	/** Takes up the orders of the run before, as far as they are still valid. */
	start(): void {
		const { hubKeyText, name, log } = this.#parts;
		try {
			const held = readHeld(this.#path, `${name} ${hubKeyText}`);
			if (held === null) return;
			const done = new Set(held.done);
			this.#reader.listSeq = held.seq;
			this.#reader.untilSeconds = held.until;
			for (const [id, { seq, hash }] of held.orders) {
				const isDone = done.has(id);
				const text = hash === null ? null : isDone ? '' : this.#files.textOf(id, hash);
				if (hash === null || text === null) continue;
				const holding: Holding = { seq, text, hash, rate: null, isOnce: isDone, isDone };
				this.#held.set(id, holding);
				this.#seqs.set(id, seq);
				if (!isDone && !this.#judge(id, holding)) this.#files.remove(id, hash);
			}
			if (this.#held.size === held.orders.size) this.#reader.cursor = held.seq;
		} catch (error) {
			log.warn(`${this.#path}: ${(error as Error).message}. The hub is asked for its orders anew`);
		}
	}

	get seq(): number {
		return this.#reader.cursor;
	}

	/** How many orders of the hub are measured. */
	get measured(): number {
		return this.#accepted;
	}

	get reasons(): ReadonlyMap<string, string> {
		return this.#reasons;
	}

	/** Whether a file below `orders/@hub/` is as the hub sent it. `id` without `@hub/`. */
	isOurs(id: string, text: string): boolean {
		const held = this.#held.get(id);
		return held !== undefined && held.rate !== null && held.hash === hashOfText(text);
	}

	/** Why the daemon does not measure an order that was accepted; null: it does. */
	told(id: string, message: string | null): void {
		const held = this.#held.get(id);
		if (held === undefined || held.rate === null) return;
		this.#reason(id, message);
	}

	/** A file below `orders/@hub/` is gone. */
	fileRemoved(id: string): void {
		const held = this.#held.get(id);
		if (held?.isOnce !== true) {
			if (held !== undefined) this.#missing.add(id);
			return;
		}
		if (held.isDone || this.#files.textOf(id, held.hash) !== null) return;
		held.isDone = true;
		this.#setRate(held, null);
		this.#save();
	}

	reached(problem: string | null): void {
		if (problem === null) this.#parts.log.info('the hub is reached');
		else this.#parts.log.warn(`the hub is not reached: ${problem}`);
	}

	/** To be called each second or so. */
	look(): void {
		if (this.#held.size > 0 && this.#nowSeconds() >= this.#reader.untilSeconds) {
			this.#parts.log.warn(
				`the hub was not heard of for so long that its ${this.#held.size} orders have ended: they come back with it`,
			);
			for (const id of [...this.#held.keys()]) this.#end(id);
			this.#reader.cursor = 0;
			this.#save();
		}
		for (const id of this.#missing) {
			this.#missing.delete(id);
			const held = this.#held.get(id);
			if (held !== undefined && held.rate !== null) this.#write(id, held, null);
		}
	}

	news(envelopes: readonly unknown[], isWhole: boolean): void {
		this.#reader.take(envelopes, isWhole);
	}

	#followed(): void {
		if (this.#hasRoom) this.#judgeAgain();
		this.#hasRoom = false;
		this.#save();
	}

	#hold(id: string, seq: number, text: string): void {
		const before = this.#held.get(id);
		const hash = hashOfText(text);
		this.#seqs.set(id, seq);
		if (before?.hash === hash) {
			before.seq = seq;
			return;
		}
		const wasThere = before !== undefined && before.rate !== null;
		if (before !== undefined) this.#setRate(before, null);
		const held: Holding = { seq, text, hash, rate: null, isOnce: false, isDone: false };
		this.#held.set(id, held);
		if (this.#judge(id, held)) this.#write(id, held, before?.hash ?? null);
		else if (wasThere) this.#files.remove(id, before.hash);
	}

	/** Whether it is measured; says why not. */
	#judge(id: string, held: Holding): boolean {
		const wrongName = wrongWithId(id);
		const read =
			wrongName === null ? this.#parts.read(`${hubFolder}/${id}`, held.text) : { wrong: wrongName };
		const wrong = 'wrong' in read ? read.wrong : this.#whyNot(read.order);
		if (wrong === null && 'order' in read) {
			held.isOnce = read.order.once === true;
			this.#setRate(held, rateOf(read.order));
		}
		this.#reason(id, wrong);
		return wrong === null;
	}

	#setRate(held: Holding, rate: number | null): void {
		if (held.rate !== null) {
			this.#accepted--;
			this.#pingsPerSecond -= held.rate;
			this.#hasRoom = true;
		}
		held.rate = rate;
		if (rate === null) return;
		this.#accepted++;
		this.#pingsPerSecond += rate;
	}

	#whyNot(order: Order): string | null {
		const { accept } = this.#parts;
		const wrong = whyNotAccepted(order, accept);
		if (wrong !== null) return wrong;
		if (this.#accepted >= accept.ordersMax)
			return `the point of presence measures ${accept.ordersMax} orders for the hub already. Raise pop.accept.orders there`;
		return this.#pingsPerSecond + rateOf(order) > accept.pingsPerSecondMax
			? `with it the point of presence would send more than ${accept.pingsPerSecondMax} pings a second for the hub. Raise pop.accept.pings_per_second there`
			: null;
	}

	/** There may be room now for what was too much. */
	#judgeAgain(): void {
		for (const [id, held] of this.#held) {
			if (held.rate === null && !held.isDone && this.#judge(id, held)) this.#write(id, held, null);
		}
	}

	#write(id: string, held: Holding, hashBefore: string | null): void {
		try {
			this.#files.put(id, held.text, hashBefore);
		} catch (error) {
			this.#setRate(held, null);
			this.#reason(id, `its file cannot be written at the point of presence: ${(error as Error).message}`);
		}
	}

	#end(id: string): void {
		const held = this.#held.get(id);
		if (held === undefined) return;
		this.#held.delete(id);
		this.#seqs.delete(id);
		const isThere = held.rate !== null;
		this.#setRate(held, null);
		this.#reason(id, null);
		try {
			// An id that was not accepted may be no path of ours.
			if (isThere) this.#files.remove(id, held.hash);
		} catch (error) {
			this.#parts.log.warn(`cannot remove ${hubFolder}/${printable(id)}: ${(error as Error).message}`);
		}
	}

	#reason(id: string, message: string | null): void {
		if (message === (this.#reasons.get(id) ?? null)) return;
		if (message === null) this.#reasons.delete(id);
		else this.#reasons.set(id, message);
		this.reasonsVersion++;
	}

	#refuse(why: string): void {
		const count = (this.refusals.get(why) ?? 0) + 1;
		this.refusals.set(why, count);
		if (count === 1)
			this.#parts.log.warn(`news that came as the hub's is refused: ${why}. See to who speaks for the hub`);
	}

	#save(): void {
		const orders = new Map(
			[...this.#held].map(([id, { seq, hash, rate, isDone }]) => [
				id,
				{ seq, hash: rate === null && !isDone ? null : hash },
			]),
		);
		const done = [...this.#held].flatMap(([id, { isDone }]) => (isDone ? [id] : []));
		const { hubKeyText, name, log } = this.#parts;
		try {
			writeHeld(this.#path, `${name} ${hubKeyText}`, {
				seq: this.#reader.listSeq,
				until: this.#reader.untilSeconds,
				orders,
				done,
			});
		} catch (error) {
			log.warn(`${this.#path}: ${(error as Error).message}. After a restart the hub is asked anew`);
		}
	}

	#nowSeconds(): number {
		return this.#parts.clock.wallMs() / 1000;
	}
}

function rateOf({ pings, stepSeconds }: Order): number {
	return pings / stepSeconds;
}
