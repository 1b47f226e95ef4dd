import type {
	ExtrasAnswer,
	MeasurementAnswer,
	OddAnswers,
	SlotCounts,
	UnknownSlot,
} from '../model/answers.ts';
import type { Measurement, MeasurementExtras } from '../model/measurement.ts';
import { measurementsIn, nothingPacked, withMeasurement } from './packed-samples.ts';
import type { RunRecord } from './run-record.ts';

/** How many measurements are remembered. */
const measurementsMax = 10;

export function noSlots(): SlotCounts {
	return { measured: 0, failed: 0, skipped: 0, overrun: 0, late: 0 };
}

/**
 * What is remembered of a live order for people who ask, as long as it lives: there may be 100,000 of them, so it is
 * about a kilobyte for 20 pings.
 */
export class Recollection {
	/** Since when, milliseconds since the epoch. */
	readonly sinceMs: number;
	readonly slots = noSlots();
	/** The run that it took part in last. Shared with the other orders of that run. */
	lastRun: RunRecord | null = null;
	/** Why a slot could not be measured, and why there was no job in one. */
	lastFailure: UnknownSlot | null = null;
	lastSkip: UnknownSlot | null = null;
	/** Why pings were lost, in the last measurement that knew. */
	lastLoss: UnknownSlot | null = null;
	#lastExtras: MeasurementExtras | null = null;
	#lastExtrasSeconds = 0;
	/** Null as long as there were none, as for most orders. */
	#oddAnswers: OddAnswers | null = null;
	#measurements = nothingPacked;

	constructor(sinceMs: number) {
		this.sinceMs = sinceMs;
	}

	measured(measurement: Measurement): void {
		this.slots.measured++;
		const reason = lossText(measurement);
		if (reason !== null) this.lastLoss = { time: measurement.slot.startSeconds, reason };
		if (measurement.extras !== undefined) this.#heed(measurement.extras, measurement.slot.startSeconds);
		this.#measurements = withMeasurement(this.#measurements, measurement, measurementsMax);
	}

	failed(why: UnknownSlot): void {
		this.slots.failed++;
		this.lastFailure = why;
	}

	skipped(slots: number, why: UnknownSlot): void {
		this.slots.skipped += slots;
		this.lastSkip = why;
	}

	#heed(extras: MeasurementExtras, slotSeconds: number): void {
		if ((extras.jitterSeconds ?? extras.ttl ?? extras.timestamps) !== undefined) {
			this.#lastExtras = extras;
			this.#lastExtrasSeconds = slotSeconds;
		}
		const { duplicates = 0, reordered = 0, late = 0, corrupted = 0, fromOtherAddress = 0 } = extras;
		if (duplicates + reordered + late + corrupted + fromOtherAddress === 0) return;
		this.#oddAnswers ??= noOddAnswers();
		this.#oddAnswers.duplicates += duplicates;
		this.#oddAnswers.reordered += reordered;
		this.#oddAnswers.late += late;
		this.#oddAnswers.corrupted += corrupted;
		this.#oddAnswers.from_other_address += fromOtherAddress;
	}

	get oddAnswers(): OddAnswers {
		return this.#oddAnswers ?? noOddAnswers();
	}

	/** Of the last measurement whose probe tells of more than its samples and the reasons of losses. */
	get lastExtras(): ExtrasAnswer | null {
		if (this.#lastExtras === null) return null;
		const { jitterSeconds, ttl, timestamps } = this.#lastExtras;
		return {
			time: this.#lastExtrasSeconds,
			jitter: jitterSeconds ?? null,
			ttl: ttl ?? null,
			timestamps: timestamps ?? null,
		};
	}

	/** The last ten, newest first. */
	measurements(): MeasurementAnswer[] {
		return measurementsIn(this.#measurements);
	}
}

function noOddAnswers(): OddAnswers {
	return { duplicates: 0, reordered: 0, late: 0, corrupted: 0, from_other_address: 0 };
}

/** So many reasons are told, the most frequent ones. */
const reasonsMax = 3;

/** `connection refused (4 of 5), timed out (1 of 5)`; null when nothing is known of the lost pings, or there are none. */
function lossText({ samples, extras }: Measurement): string | null {
	const reasons = Object.entries(extras?.lossReasons ?? {}).filter(([, count]) => count > 0);
	if (reasons.length === 0) return null;
	reasons.sort(([, a], [, b]) => b - a);
	const told = reasons
		.slice(0, reasonsMax)
		.map(([reason, count]) => `${reason} (${count} of ${samples.length})`);
	const more = reasons.length - told.length;
	return `${told.join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}
