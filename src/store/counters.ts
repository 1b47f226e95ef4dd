/** What the worker counts. */
const counterNames = [
	/** Requests and measurements that are done with: what `queued` is reckoned from. */
	'done',
	/** When the request in hand was posted, milliseconds of `monotonicMs`; 0 when there is none. */
	'inHandSince',
	/** Measurements whose last_result was written. */
	'recorded',
	/** Measurements of orders that are not enrolled, any more or yet: left alone. */
	'ignored',
	/** Measurements whose last_result could not be written. */
	'lastResultErrors',
	/** Measurements that could not be written to main.rrd. */
	'rrdErrors',
	/** Measurements that main.rrd refused because it holds later ones: the clock was set back. */
	'rrdRefused',
	/** Files named main.rrd that could not be continued and were kept as main.corrupted.*.rrd. */
	'corrupted',
	/** 1: the store is being closed. */
	'isClosing',
	/** Changes of orders that wait until all results are written, while it is being closed. */
	'changesLeft',
] as const;

export type CounterName = (typeof counterNames)[number];

/** Counts in memory that two threads see. */
export class Counters {
	readonly #cells: BigInt64Array<SharedArrayBuffer>;

	/** Without `shared` from zero; with the `shared` of another thread's counters, the same ones. */
	constructor(shared = new SharedArrayBuffer(counterNames.length * BigInt64Array.BYTES_PER_ELEMENT)) {
		this.#cells = new BigInt64Array(shared);
	}

	get shared(): SharedArrayBuffer {
		return this.#cells.buffer;
	}

	add(name: CounterName, count = 1): void {
		Atomics.add(this.#cells, counterNames.indexOf(name), count === 1 ? 1n : BigInt(count));
	}

	set(name: CounterName, value: number): void {
		Atomics.store(this.#cells, counterNames.indexOf(name), BigInt(value));
	}

	get(name: CounterName): number {
		return Number(Atomics.load(this.#cells, counterNames.indexOf(name)));
	}
}

/** Milliseconds since some fixed moment, the same in all threads. */
export function monotonicMs(): number {
	return Math.floor(Number(process.hrtime.bigint() / 1_000_000n));
}
