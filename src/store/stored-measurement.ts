import type { Facts } from '../model/facts.ts';
import { ascending } from '../model/measurement.ts';
import type { Outcome } from '../model/outcome.ts';
import type { BriefOutcome } from '../outcomes/packed.ts';

/** What the store keeps of a measurement. Seconds throughout. */
export interface StoredMeasurement {
	readonly orderId: string;
	readonly startSeconds: number;
	readonly stepSeconds: number;
	/** How many pings the order asks for. */
	readonly pings: number;
	/** How many pings were sent. */
	readonly sent: number;
	readonly loss: number;
	readonly minSeconds: number | null;
	readonly medianSeconds: number | null;
	readonly maxSeconds: number | null;
	/** RTTs of the answered pings, smallest first. */
	readonly received: readonly number[];
	readonly facts: Facts;
}

/** `received` of the outcome is sorted in its place. */
export function storedMeasurementOf(
	orderId: string,
	{ slot, pings, sent, received, facts }: BriefOutcome,
): StoredMeasurement {
	ascending(received);
	const { length } = received;
	return {
		orderId,
		startSeconds: slot.startSeconds,
		stepSeconds: slot.stepSeconds,
		pings,
		sent,
		loss: sent - length,
		minSeconds: received[0] ?? null,
		medianSeconds: received[Math.floor(length / 2)] ?? null,
		maxSeconds: received[length - 1] ?? null,
		received,
		facts,
	};
}

/** What there is a file for. Slots without a job are only worth an `error` file when somebody can do something about it. */
export function isKept(outcome: Outcome): boolean {
	return outcome.kind !== 'skipped' || outcome.code === 'limited';
}
