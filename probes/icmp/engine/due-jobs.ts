/** A heap: finds the one that is due first among many. */
export class DueJobs<T> {
	readonly #heap: T[] = [];
	readonly #dueMs: (item: T) => number;

	constructor(dueMs: (item: T) => number) {
		this.#dueMs = dueMs;
	}

	first(): T | null {
		return this.#heap[0] ?? null;
	}

	add(item: T): void {
		const heap = this.#heap;
		heap.push(item);
		let at = heap.length - 1;
		while (at > 0) {
			const parent = (at - 1) >> 1;
			if (this.#at(parent) <= this.#at(at)) return;
			this.#swap(at, parent);
			at = parent;
		}
	}

	removeFirst(): void {
		const last = this.#heap.pop();
		if (last === undefined || this.#heap.length === 0) return;
		this.#heap[0] = last;
		this.firstHasMoved();
	}

	/** The first one is due later than before: puts it where it belongs. */
	firstHasMoved(): void {
		this.#sink(0);
	}

	/** Any of them may be due at other times than before. */
	manyHaveMoved(): void {
		for (let at = (this.#heap.length >> 1) - 1; at >= 0; at--) this.#sink(at);
	}

	#sink(from: number): void {
		let at = from;
		for (;;) {
			let least = at;
			for (const child of [2 * at + 1, 2 * at + 2]) {
				if (child < this.#heap.length && this.#at(child) < this.#at(least)) least = child;
			}
			if (least === at) return;
			this.#swap(at, least);
			at = least;
		}
	}

	#at(index: number): number {
		return this.#dueMs(this.#heap[index] as T);
	}

	#swap(a: number, b: number): void {
		const moved = this.#heap[a] as T;
		this.#heap[a] = this.#heap[b] as T;
		this.#heap[b] = moved;
	}
}
