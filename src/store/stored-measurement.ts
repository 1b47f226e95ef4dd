import type { Facts } from '../model/facts.ts';
import { ascending } from '../model/measurement.ts';
import type { Measured } from '../model/outcome.ts';

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
	readonly received: Float64Array;
	readonly facts: Facts;
}

export function storedMeasurementOf({ order, slot, pings, measurement }: Measured): StoredMeasurement {
	const { samples, loss, minSeconds, medianSeconds, maxSeconds, facts } = measurement;
	const received = new Float64Array(samples.length - loss);
	let at = 0;
	for (const { rttSeconds } of samples) if (rttSeconds !== null) received[at++] = rttSeconds;
	return {
		orderId: order.id,
		startSeconds: slot.startSeconds,
		stepSeconds: slot.stepSeconds,
		pings,
		sent: samples.length,
		loss,
		minSeconds,
		medianSeconds,
		maxSeconds,
		received: ascending(received),
		facts,
	};
}
