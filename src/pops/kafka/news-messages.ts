import { z } from 'zod';
import { type Envelope, envelopeSchema } from '../envelope.ts';

/** Keys of what is no order; ids of orders never begin so. */
const listKey = '/list';
const wholeKey = '/whole';

const bodySchema = z.object({ kind: z.enum(['order', 'end', 'list']), id: z.string().optional() });

/** The messages of news: the newest of each order stays when the topic is compacted. */
export function newsMessages(
	news: readonly Envelope[],
	isWhole: boolean,
): { readonly key: string; readonly value: string | null }[] {
	const messages: { key: string; value: string | null }[] = [];
	const ended: string[] = [];
	// What was there before counts no more.
	if (isWhole) messages.push({ key: wholeKey, value: '{}' });
	for (const envelope of news) {
		const { kind, id = '' } = bodySchema.parse(JSON.parse(envelope.body));
		messages.push({ key: kind === 'list' ? listKey : id, value: JSON.stringify(envelope) });
		if (kind === 'end') ended.push(id);
	}
	return [...messages, ...ended.map((key) => ({ key, value: null }))];
}

/** What a point of presence is to take at once. */
export interface Taken {
	readonly envelopes: readonly unknown[];
	readonly isWhole: boolean;
}

const keysMax = 2_000_000;

/**
 * Follows the topic of a point of presence: what is told of its orders, up to each list of them. It judges nothing but
 * the keys: signatures are for who takes it.
 */
export class NewsLog {
	/** By key the newest, but for lists. */
	readonly #known = new Map<string, unknown>();
	#list: unknown = null;
	#pending: unknown[] = [];
	#isWhole = true;
	#isCaughtUp = false;

	/** Returns what has become complete by it; null: nothing yet. */
	take(key: string, value: string | null): Taken | null {
		if (value === null) {
			this.#known.delete(key);
			return null;
		}
		if (key === wholeKey) {
			this.#known.clear();
			this.#pending = [];
			this.#list = null;
			this.#isWhole = true;
			return null;
		}
		const envelope = parsed(value);
		if (key === listKey) {
			this.#list = envelope;
			return this.#isCaughtUp ? this.#complete() : null;
		}
		if (this.#known.size < keysMax) this.#known.set(key, envelope);
		this.#pending.push(envelope);
		return null;
	}

	/** All that was there at the start is known. */
	caughtUp(): Taken | null {
		this.#isCaughtUp = true;
		return this.#list === null ? null : this.#complete();
	}

	/** All there is: for who has missed something. */
	whole(): Taken | null {
		this.#isWhole = true;
		return this.#list === null ? null : this.#complete();
	}

	#complete(): Taken {
		const isWhole = this.#isWhole;
		const news = isWhole ? [...this.#known.values()] : this.#pending;
		this.#isWhole = false;
		this.#pending = [];
		return { envelopes: [...news, this.#list], isWhole };
	}
}

function parsed(text: string): unknown {
	try {
		const read = envelopeSchema.safeParse(JSON.parse(text));
		return read.success ? read.data : null;
	} catch {
		return null;
	}
}
