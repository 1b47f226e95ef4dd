import type { KeyObject } from 'node:crypto';
import { type News, opened } from '../envelope.ts';
import { listDigest } from '../list-digest.ts';

export interface NewsReaderParts {
	/** For whom it has to be. */
	readonly pop: string;
	readonly hubKey: KeyObject;
	nowSeconds(): number;
	/** By id the number of the news that brought each order that is held. */
	seqs(): ReadonlyMap<string, number>;
	hold(id: string, seq: number, text: string): void;
	end(id: string): void;
	/** All is as the hub's list says. */
	followed(): void;
	/** Each time that news is not followed. */
	refused(why: string): void;
}

/** What is told of an order until the list says that it is among those of now. */
type Staged = Map<string, { readonly seq: number; readonly text: string }>;

/** Characters. */
const stagedMaxLength = 256 * 1024 * 1024;

/** Follows what the hub has signed, each thing once, and nothing that is older than what was followed. */
export class NewsReader {
	readonly #parts: NewsReaderParts;
	/** Of the list that was followed last. */
	listSeq = 0;
	/** Up to when its orders are valid, seconds since the epoch by our clock. */
	untilSeconds = 0;
	/** All news up to this number was seen. 0: all of it is to be told again. */
	cursor = 0;
	#staged: Staged | null = null;
	#stagedLength = 0;

	constructor(parts: NewsReaderParts) {
		this.#parts = parts;
	}

	/** `isWhole`: what is not told up to the list has ended. */
	take(envelopes: readonly unknown[], isWhole: boolean): void {
		if (isWhole) {
			this.#staged = new Map();
			this.#stagedLength = 0;
		}
		const reader = { pop: this.#parts.pop, nowSeconds: this.#parts.nowSeconds() };
		for (const envelope of envelopes) {
			const read = opened(envelope, this.#parts.hubKey, reader);
			if ('refusal' in read) this.#parts.refused(read.refusal);
			else if (read.news.kind === 'list') this.#followList(read.news);
			else this.#follow(read.news);
		}
	}

	#follow(news: News & { kind: 'order' | 'end' }): void {
		const { id, seq } = news;
		this.cursor = Math.max(this.cursor, seq);
		if (this.#staged !== null) {
			if (news.kind === 'order') this.#stage(this.#staged, id, seq, news.text);
			else if ((this.#staged.get(id)?.seq ?? 0) < seq) this.#staged.delete(id);
		} else if (seq <= Math.max(this.listSeq, this.#parts.seqs().get(id) ?? 0))
			this.#parts.refused('replayed');
		else if (news.kind === 'order') this.#parts.hold(id, seq, news.text);
		else this.#parts.end(id);
	}

	#stage(staged: Staged, id: string, seq: number, text: string): void {
		this.#stagedLength += text.length;
		if (this.#stagedLength > stagedMaxLength) this.#parts.refused('too much');
		else if ((staged.get(id)?.seq ?? 0) < seq) staged.set(id, { seq, text });
	}

	#followList(list: News & { kind: 'list' }): void {
		const staged = this.#staged;
		this.#staged = null;
		if (list.seq < this.listSeq || (staged === null && list.seq === this.listSeq)) {
			this.#parts.refused('replayed');
			return;
		}
		const told =
			staged === null ? this.#parts.seqs() : new Map([...staged].map(([id, { seq }]) => [id, seq]));
		if (told.size !== list.count || listDigest(told) !== list.digest) {
			// Something is missing: all of it is asked for again.
			this.cursor = 0;
			return;
		}
		if (staged !== null) {
			for (const id of [...this.#parts.seqs().keys()]) if (!staged.has(id)) this.#parts.end(id);
			for (const [id, { seq, text }] of staged) this.#parts.hold(id, seq, text);
		}
		this.cursor = list.seq;
		this.listSeq = list.seq;
		this.untilSeconds = Math.min(list.issued, this.#parts.nowSeconds()) + list.valid_for;
		this.#parts.followed();
	}
}
