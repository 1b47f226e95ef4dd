/**
 * Sparse exponential histograms of round-trip times. Bucket i of schema s holds 2^((i-1)/2^s) < seconds <= 2^(i/2^s), as
 * in Prometheus' native histograms, so merging and making coarser lose nothing and all formats agree.
 */

/** The schema in which round-trip times are counted: 16 buckets an octave, 4.4 % wide. */
export const finestSchema = 4;
/** Less cannot be told apart from nothing: about a nanosecond. What is shorter counts as this. */
const shortestSeconds = 2 ** -30;
/** Nothing takes longer: 34,000 years. Near the largest of numbers, bounds would be infinite. */
const longestSeconds = 2 ** 40;

/** Index and count, by index ascending; counts are whole and above 0. */
export type Buckets = readonly (readonly [index: number, count: number])[];

/** The upper bound of a bucket, in seconds. */
export function upperBound(index: number, schema: number): number {
	return 2 ** (index / 2 ** schema);
}

/** The bucket that holds so many seconds. */
export function bucketIndex(seconds: number, schema: number = finestSchema): number {
	const value = Math.min(Math.max(seconds, shortestSeconds), longestSeconds);
	// `|| 0`: never -0.
	let index = Math.ceil(Math.log2(value) * 2 ** schema) || 0;
	// The logarithm is rounded: near a bound it may be one off.
	while (value > upperBound(index, schema)) index++;
	while (value <= upperBound(index - 1, schema)) index--;
	return index;
}

/** Where a bucket lies in a schema that is lower by so many steps. */
function coarserIndex(index: number, steps: number): number {
	return Math.ceil(index / 2 ** steps) || 0;
}

/** By bounds and schema: they are few, and asked for again and again. */
const knownIndexes = new WeakMap<readonly number[], Map<number, readonly number[]>>();

/** The buckets in which bounds lie. */
function indexesOf(bounds: readonly number[], schema: number): readonly number[] {
	const bySchema = knownIndexes.get(bounds) ?? new Map<number, readonly number[]>();
	if (bySchema.size === 0) knownIndexes.set(bounds, bySchema);
	let indexes = bySchema.get(schema);
	if (indexes === undefined) {
		indexes = bounds.map((bound) => (bound > 0 ? bucketIndex(bound, schema) : Number.NEGATIVE_INFINITY));
		bySchema.set(schema, indexes);
	}
	return indexes;
}

export class Histogram {
	#schema: number;
	readonly #indexes: number[] = [];
	readonly #counts: number[] = [];

	constructor(schema: number = finestSchema, buckets: Buckets = []) {
		this.#schema = schema;
		for (const [index, count] of buckets) this.addTo(index, count);
	}

	get schema(): number {
		return this.#schema;
	}

	/** How many buckets have something in them. */
	get size(): number {
		return this.#indexes.length;
	}

	/** How many round-trip times there are in all. */
	get count(): number {
		let sum = 0;
		for (const count of this.#counts) sum += count;
		return sum;
	}

	buckets(): Buckets {
		return this.#indexes.map((index, at) => [index, this.#counts[at] ?? 0] as const);
	}

	/** Counts one round-trip time, in seconds. */
	add(seconds: number): void {
		this.addTo(bucketIndex(seconds, this.#schema), 1);
	}

	/** Counts so many in a bucket of this histogram's own schema. */
	addTo(index: number, count: number): void {
		const at = this.#firstFrom(index);
		if (this.#indexes[at] === index) this.#counts[at] = (this.#counts[at] ?? 0) + count;
		else {
			this.#indexes.splice(at, 0, index);
			this.#counts.splice(at, 0, count);
		}
	}

	/** Adds all of another one. The coarser schema of the two holds afterwards. */
	merge(other: Histogram): void {
		this.coarsen(other.schema);
		const steps = other.schema - this.#schema;
		for (const [index, count] of other.buckets()) this.addTo(coarserIndex(index, steps), count);
	}

	/** Goes down to a schema; does nothing when this one is as low already. */
	coarsen(schema: number): void {
		const steps = this.#schema - schema;
		if (steps <= 0) return;
		const old = this.buckets();
		this.#indexes.length = 0;
		this.#counts.length = 0;
		this.#schema = schema;
		for (const [index, count] of old) this.addTo(coarserIndex(index, steps), count);
	}

	/** Goes down in schema until there are at most so many buckets. */
	fit(bucketsMax: number): void {
		while (this.size > bucketsMax) this.coarsen(this.#schema - 1);
	}

	copy(): Histogram {
		return new Histogram(this.#schema, this.buckets());
	}

	/**
	 * How many took at most so long. A bound inside a bucket counts as the upper bound of that bucket, which is at most
	 * 4.4 % higher in the finest schema.
	 */
	countUpTo(seconds: number): number {
		if (!(seconds > 0)) return 0;
		const end = this.#firstFrom(bucketIndex(seconds, this.#schema) + 1);
		let sum = 0;
		for (let at = 0; at < end; at++) sum += this.#counts[at] ?? 0;
		return sum;
	}

	/** The same for several bounds, seconds, ascending: each with its count. The array of bounds must not change. */
	countsUpTo(bounds: readonly number[]): (readonly [bound: number, count: number])[] {
		const ends = indexesOf(bounds, this.#schema);
		let [at, sum] = [0, 0];
		return bounds.map((bound, nth) => {
			const end = ends[nth] ?? 0;
			for (let index = this.#indexes[at]; index !== undefined && index <= end; index = this.#indexes[at])
				sum += this.#counts[at++] ?? 0;
			return [bound, sum] as const;
		});
	}

	/**
	 * The round-trip time, in seconds, that a share of all did not exceed; 0.5 gives the median. Within a bucket it grows
	 * exponentially, as the buckets do. Null when there is none.
	 */
	quantile(share: number): number | null {
		const total = this.count;
		if (total === 0) return null;
		const rank = Math.min(Math.max(share, 0), 1) * total;
		let below = 0;
		for (const [index, count] of this.buckets()) {
			if (below + count >= rank)
				return upperBound(index - 1 + Math.max(0, rank - below) / count, this.#schema);
			below += count;
		}
		return upperBound(this.#indexes.at(-1) ?? 0, this.#schema);
	}

	/** Where the first bucket stands whose index is not below this one. */
	#firstFrom(index: number): number {
		let low = 0;
		let high = this.#indexes.length;
		while (low < high) {
			const middle = (low + high) >> 1;
			if ((this.#indexes[middle] ?? 0) < index) low = middle + 1;
			else high = middle;
		}
		return low;
	}
}
