import type { Message } from './client.ts';

/** A message, and its place in the batch. */
export interface Item {
	readonly index: number;
	readonly message: Message;
}

/** What the brokers add to a message, about. Bytes. */
const overheadBytes = 70;
/** Of a partition at once: a broker takes 1 MB unless told otherwise. */
const partMaxBytes = 900_000;
/** Of all partitions at once: it is all in memory. */
const requestMaxBytes = 8_000_000;

/** What one partition is still to get, in its order. */
export class Lane {
	readonly items: Item[] = [];
	/** How many at a time, at most. */
	#count = Number.POSITIVE_INFINITY;
	#next = 0;
	/** So many have been given out. */
	#given = 0;

	get isDone(): boolean {
		return this.#next >= this.items.length;
	}

	/** Those that are next, and their bytes; one at least. */
	give(maxBytes: number): { readonly items: readonly Item[]; readonly bytes: number } {
		let bytes = 0;
		let end = this.#next;
		for (; end < this.items.length && end - this.#next < this.#count; end++) {
			const more = bytesOf(this.items[end]);
			if (end > this.#next && bytes + more > maxBytes) break;
			bytes += more;
		}
		this.#given = end - this.#next;
		return { items: this.items.slice(this.#next, end), bytes };
	}

	/** Those that were given out are dealt with. */
	done(): void {
		this.#next += this.#given;
		this.#count *= 2;
	}

	/** One of those that were given out is at fault: fewer are given out, until it is alone. */
	halve(): void {
		this.#count = Math.max(1, Math.floor(this.#given / 2));
	}
}

function bytesOf(item: Item | undefined): number {
	return item === undefined ? 0 : item.message.key.length + item.message.value.length + overheadBytes;
}

/** What is next of each partition, within what may be sent at once. `partBytes`: of one partition at most. */
export function nextRequest(lanes: ReadonlyMap<number, Lane>, partBytes = partMaxBytes) {
	const request = new Map<number, readonly Item[]>();
	let room = requestMaxBytes;
	for (const [partition, lane] of lanes) {
		if (lane.isDone || room <= 0) continue;
		const { items, bytes } = lane.give(Math.min(partBytes, room));
		request.set(partition, items);
		room -= bytes;
	}
	return request;
}
