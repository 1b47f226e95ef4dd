/** First in, first out, each in constant time: `shift` of a long array moves all that are left. */
export class Fifo<T> {
	#items: (T | undefined)[] = [];
	/** How many at the beginning are gone. */
	#gone = 0;

	get length(): number {
		return this.#items.length - this.#gone;
	}

	push(item: T): void {
		this.#items.push(item);
	}

	/** The oldest, which is taken out; undefined when there is none. */
	shift(): T | undefined {
		if (this.length === 0) return undefined;
		const item = this.#items[this.#gone];
		this.#items[this.#gone++] = undefined;
		if (this.#gone * 2 > this.#items.length) {
			this.#items = this.#items.slice(this.#gone);
			this.#gone = 0;
		}
		return item;
	}

	/** All, oldest first, which are taken out. */
	takeAll(): T[] {
		const items = this.#items.slice(this.#gone) as T[];
		this.#items = [];
		this.#gone = 0;
		return items;
	}
}
