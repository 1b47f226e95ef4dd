import type { KeyObject } from 'node:crypto';
import { type Envelope, type News, sealed, type Told } from '../envelope.ts';
import { listDigest } from '../list-digest.ts';

/** So many orders that have ended are remembered; who was away for longer gets all that there is. */
const endsMax = 1000;

export interface NewsBookParts {
	readonly pop: string;
	readonly key: KeyObject;
	readonly validForSeconds: number;
	nowSeconds(): number;
	/** Rises with each call, over restarts too. */
	nextSeq(): number;
}

interface Sealed {
	readonly seq: number;
	readonly envelope: Envelope;
	readonly issuedSeconds: number;
}

/** What one point of presence is to know: an envelope for each of its orders, and the list of them. */
export class NewsBook {
	readonly #parts: NewsBookParts;
	readonly #orders = new Map<string, { readonly seq: number; readonly text: string }>();
	/** By rising number: the newest of each order, sealed when somebody asks. */
	readonly #news = new Map<number, { readonly told: Told; sealed: Sealed | null }>();
	readonly #ends: number[] = [];
	/** What came up to this number is not all known any more. */
	#floor = 0;
	#last = 0;
	#list: Sealed | null = null;

	constructor(parts: NewsBookParts) {
		this.#parts = parts;
		this.#floor = parts.nextSeq();
		this.#last = this.#floor;
	}

	/** How many orders it is asked for. */
	get size(): number {
		return this.#orders.size;
	}

	/** False: it is told so already. */
	put(id: string, text: string): boolean {
		const before = this.#orders.get(id);
		if (before?.text === text) return false;
		const seq = this.#tell({ kind: 'order', id, text });
		if (before !== undefined) this.#news.delete(before.seq);
		this.#orders.set(id, { seq, text });
		return true;
	}

	/** False: it was not told of it. */
	end(id: string): boolean {
		const before = this.#orders.get(id);
		if (before === undefined) return false;
		this.#orders.delete(id);
		this.#news.delete(before.seq);
		this.#ends.push(this.#tell({ kind: 'end', id }));
		while (this.#ends.length > endsMax) {
			const oldest = this.#ends.shift() ?? 0;
			this.#news.delete(oldest);
			this.#floor = Math.max(this.#floor, oldest);
		}
		return true;
	}

	/** Up to which number it is told all. */
	get seq(): number {
		return this.#currentList().seq;
	}

	after(seq: number): { readonly isWhole: boolean; readonly news: readonly Envelope[] } {
		const list = this.#currentList();
		if (seq === list.seq) return { isWhole: false, news: [] };
		const isWhole = seq < this.#floor || seq > list.seq;
		const news: Envelope[] = [];
		for (const [number, one] of this.#news) {
			if (isWhole ? one.told.kind !== 'order' : number <= seq) continue;
			if (one.sealed === null || this.#isOld(one.sealed)) one.sealed = this.#seal(number, one.told);
			news.push(one.sealed.envelope);
		}
		news.push(list.envelope);
		return { isWhole, news };
	}

	/** Signed anew when it is not of now, or a quarter of its time is over. */
	#currentList(): Sealed {
		if (this.#list !== null && this.#list.seq > this.#last && !this.#isOld(this.#list)) return this.#list;
		const seq = this.#parts.nextSeq();
		const seqs = new Map([...this.#orders].map(([id, order]) => [id, order.seq]));
		const told: Told = { kind: 'list', count: seqs.size, digest: listDigest(seqs) };
		this.#list = this.#seal(seq, told);
		return this.#list;
	}

	/** A quarter of its time is over, or the clock was set. */
	#isOld({ issuedSeconds }: Sealed): boolean {
		const ageSeconds = this.#parts.nowSeconds() - issuedSeconds;
		return ageSeconds > this.#parts.validForSeconds / 4 || ageSeconds < 0;
	}

	#tell(told: Told): number {
		const seq = this.#parts.nextSeq();
		this.#last = seq;
		this.#news.set(seq, { told, sealed: null });
		return seq;
	}

	#seal(seq: number, told: Told): Sealed {
		const { pop, key, validForSeconds, nowSeconds } = this.#parts;
		const issuedSeconds = nowSeconds();
		const body: News = { v: 1, pop, seq, issued: issuedSeconds, valid_for: validForSeconds, ...told };
		return { seq, envelope: sealed(body, key), issuedSeconds };
	}
}
