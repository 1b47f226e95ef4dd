import type { StoreRequest } from './messages.ts';

/**
 * The order of what is left when the store is to be closed, and has seconds for it. Results are written first: nobody
 * has them twice. What merely changes which folders there are waits, since the next start does all that again: it
 * enrols what has an order file, archives what has none, and tells anew what is wrong.
 */
export class Hurry {
	readonly #fulfil: (request: StoreRequest) => void;
	/** By order, in the order in which they came. */
	readonly #waiting = new Map<string, StoreRequest[]>();
	#count = 0;

	constructor(fulfil: (request: StoreRequest) => void) {
		this.#fulfil = fulfil;
	}

	/** How many changes wait. */
	get count(): number {
		return this.#count;
	}

	take(request: StoreRequest): void {
		if (request.verb === 'record') {
			// A result needs the folder of its order, so what was asked for that one before comes first.
			for (const id of request.ids) this.#release(id);
			this.#fulfil(request);
			return;
		}
		if (request.verb === 'flush') {
			for (const id of this.#waiting.keys()) this.#release(id);
			this.#fulfil(request);
			return;
		}
		const id = idOf(request);
		if (id === null) this.#fulfil(request);
		else {
			const list = this.#waiting.get(id) ?? [];
			list.push(request);
			this.#waiting.set(id, list);
			this.#count++;
		}
	}

	#release(id: string): void {
		const list = this.#waiting.get(id);
		if (list === undefined) return;
		this.#waiting.delete(id);
		for (const request of list) {
			this.#count--;
			this.#fulfil(request);
		}
	}
}

/** Whose folder a request changes; null for those that are of all. */
function idOf(request: StoreRequest): string | null {
	if (request.verb === 'enrol') return request.order.id;
	return 'id' in request ? request.id : null;
}
