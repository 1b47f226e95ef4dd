/** What both threads see without a message: whether the worker lives, how much it has taken, and whether it is at the disk. */
export class Pulse {
	readonly #cells: BigInt64Array<SharedArrayBuffer>;

	/** With the `shared` of another thread's, the same ones. */
	constructor(shared = new SharedArrayBuffer(3 * BigInt64Array.BYTES_PER_ELEMENT)) {
		this.#cells = new BigInt64Array(shared);
	}

	get shared(): SharedArrayBuffer {
		return this.#cells.buffer;
	}

	/** The worker is alive. */
	beat(): void {
		Atomics.store(this.#cells, 0, BigInt(nowMs()));
	}

	/** How long ago it was alive, milliseconds. */
	get silentMs(): number {
		return nowMs() - Number(Atomics.load(this.#cells, 0));
	}

	/** The worker does something that waits for the disk, however long that takes. */
	atDisk<T>(action: () => T): T {
		Atomics.add(this.#cells, 2, 1n);
		try {
			return action();
		} finally {
			this.beat();
			Atomics.sub(this.#cells, 2, 1n);
		}
	}

	get isAtDisk(): boolean {
		return Atomics.load(this.#cells, 2) > 0n;
	}

	/** So many measurements more have been taken from the main thread. */
	take(count: number): void {
		Atomics.add(this.#cells, 1, BigInt(count));
	}

	get taken(): number {
		return Number(Atomics.load(this.#cells, 1));
	}
}

/** Since some fixed moment, the same in all threads. */
function nowMs(): number {
	return Math.floor(Number(process.hrtime.bigint() / 1_000_000n));
}
