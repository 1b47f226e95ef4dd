/** One input, and where it came from. */
export interface Sample {
	readonly bytes: Buffer;
	readonly from: string;
}

const headBytes = 16;
const mostBytes = 1024 * 1024;

/** The input in hand, where another thread can see it: when this one hangs or is gone, that is all there is to learn. */
export class SharedInput {
	readonly #head: Int32Array<SharedArrayBuffer>;
	readonly #bytes: Uint8Array<SharedArrayBuffer>;

	constructor(shared: SharedArrayBuffer) {
		this.#head = new Int32Array(shared, 0, headBytes / 4);
		this.#bytes = new Uint8Array(shared, headBytes);
	}

	static memory(): SharedArrayBuffer {
		return new SharedArrayBuffer(headBytes + mostBytes);
	}

	begin({ bytes }: Sample): void {
		this.#bytes.set(bytes.subarray(0, mostBytes));
		Atomics.store(this.#head, 1, bytes.length);
		Atomics.add(this.#head, 0, 1);
	}

	end(): void {
		Atomics.add(this.#head, 0, 1);
	}

	/** Odd while a run is going on; another number for each. */
	get count(): number {
		return Atomics.load(this.#head, 0);
	}

	get isRunning(): boolean {
		return this.count % 2 !== 0;
	}

	copy(): Buffer {
		return Buffer.from(this.#bytes.subarray(0, Math.min(mostBytes, Atomics.load(this.#head, 1))));
	}
}
