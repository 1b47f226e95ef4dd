import { type Buckets, finestSchema, Histogram } from '../model/histogram.ts';
import type { Sample } from '../model/measurement.ts';

/** Times are kept to the nanosecond: less is noise of adding, and makes lines longer. */
const digits = 9;

/** What is counted of the slots of one order in some span of time. */
export class Tally {
	/** Slots that were measured. */
	slots = 0;
	/** Those of them without any answer. */
	down = 0;
	/** Slots that were not measured. */
	unknown = 0;
	/** Pings. */
	sent = 0;
	lost = 0;
	/** Of all round-trip times, seconds. */
	sum = 0;
	/** Seconds; null without an answer. */
	min: number | null = null;
	max: number | null = null;
	readonly histogram: Histogram;

	constructor(histogram: Histogram = new Histogram(finestSchema)) {
		this.histogram = histogram;
	}

	get isEmpty(): boolean {
		return this.slots === 0 && this.unknown === 0;
	}

	/** Counts a slot that was measured. */
	addMeasured(samples: readonly Sample[]): void {
		let answered = 0;
		for (const { rttSeconds } of samples) {
			if (rttSeconds === null) continue;
			answered++;
			this.sum += rttSeconds;
			this.#widen(rttSeconds, rttSeconds);
			this.histogram.add(rttSeconds);
		}
		this.slots++;
		if (answered === 0) this.down++;
		this.sent += samples.length;
		this.lost += samples.length - answered;
	}

	/** Counts a slot that was measured, by its lost pings and the round-trip times of the others; NaN is none. */
	addCounted(lost: number, seconds: Float64Array): void {
		let answered = 0;
		for (const rttSeconds of seconds) {
			if (Number.isNaN(rttSeconds)) continue;
			answered++;
			this.sum += rttSeconds;
			this.#widen(rttSeconds, rttSeconds);
			this.histogram.add(rttSeconds);
		}
		this.slots++;
		if (answered === 0) this.down++;
		this.sent += lost + answered;
		this.lost += lost;
	}

	/** Counts slots that were not measured. */
	addUnknown(slots = 1): void {
		this.unknown += slots;
	}

	merge(other: Tally): void {
		this.slots += other.slots;
		this.down += other.down;
		this.unknown += other.unknown;
		this.sent += other.sent;
		this.lost += other.lost;
		this.sum += other.sum;
		if (other.min !== null && other.max !== null) this.#widen(other.min, other.max);
		this.histogram.merge(other.histogram);
	}

	#widen(low: number, high: number): void {
		this.min = this.min === null ? low : Math.min(this.min, low);
		this.max = this.max === null ? high : Math.max(this.max, high);
	}

	/** The keys that stand in a line of JSON, in their order there. */
	toJSON(): TallyJson {
		return {
			slots: this.slots,
			down: this.down,
			unknown: this.unknown,
			sent: this.sent,
			lost: this.lost,
			sum: rounded(this.sum),
			...(this.min === null || this.max === null ? {} : { min: rounded(this.min), max: rounded(this.max) }),
			schema: this.histogram.schema,
			buckets: this.histogram.buckets(),
		};
	}
}

export interface TallyJson {
	readonly slots: number;
	readonly down: number;
	readonly unknown: number;
	readonly sent: number;
	readonly lost: number;
	readonly sum: number;
	readonly min?: number;
	readonly max?: number;
	readonly schema: number;
	readonly buckets: Buckets;
}

function rounded(seconds: number): number {
	return Number(seconds.toFixed(digits));
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isSeconds = (value: unknown): value is number =>
	typeof value === 'number' && Number.isFinite(value) && value >= 0;
/** More than any round-trip time can fill in the finest schema. */
const bucketsMax = 1200;

/** Reads what `toJSON` wrote. Null when it is nothing of the kind. */
export function tallyOf(json: Readonly<Record<string, unknown>>): Tally | null {
	const { slots, down, unknown, sent, lost, sum, min, max, schema, buckets } = json;
	if (!isCount(slots) || !isCount(down) || !isCount(unknown) || !isCount(sent) || !isCount(lost)) return null;
	if (!isSeconds(sum) || !Number.isInteger(schema) || Math.abs(schema as number) > 8) return null;
	if (!Array.isArray(buckets) || buckets.length > bucketsMax || !buckets.every(isBucket)) return null;
	const tally = new Tally(new Histogram(schema as number, buckets));
	Object.assign(tally, { slots, down, unknown, sent, lost, sum });
	tally.min = isSeconds(min) ? min : null;
	tally.max = isSeconds(max) ? max : null;
	return tally;
}

function isBucket(value: unknown): value is readonly [number, number] {
	return Array.isArray(value) && value.length === 2 && Number.isSafeInteger(value[0]) && isCount(value[1]);
}
