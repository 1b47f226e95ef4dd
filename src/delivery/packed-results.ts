import { type Measurement, measurementOf, type Sample } from '../model/measurement.ts';
import type { Delivered, DeliveredOrder } from '../model/sink.ts';

/**
 * Measurements on their way to the worker, as numbers: of each the number of its order, the slot, how many pings the
 * order asks for and how many samples follow, then when each was sent and its RTT, NaN for the lost ones. Copying them
 * as objects would keep the main thread busy for five times as long.
 */
export type PackedResults = Float64Array<ArrayBuffer>;

const headNumbers = 5;

/** `numberOf` may say null: that one is left out. */
export function packResults(
	measurements: readonly Measurement[],
	numberOf: (index: number) => number | null,
): { readonly packed: PackedResults; readonly count: number } {
	const length = measurements.reduce((sum, { samples }) => sum + headNumbers + 2 * samples.length, 0);
	const numbers = new Float64Array(length);
	let at = 0;
	let count = 0;
	for (const [index, { slot, pings, samples }] of measurements.entries()) {
		const number = numberOf(index);
		if (number === null) continue;
		count++;
		numbers[at++] = number;
		numbers[at++] = slot.startSeconds;
		numbers[at++] = slot.stepSeconds;
		numbers[at++] = pings;
		numbers[at++] = samples.length;
		for (const { sentAtSeconds, rttSeconds } of samples) {
			numbers[at++] = sentAtSeconds;
			numbers[at++] = rttSeconds ?? Number.NaN;
		}
	}
	return { packed: at === length ? numbers : numbers.slice(0, at), count };
}

/** Gives back what was packed, with the orders that their numbers stand for. */
export function* unpackResults(
	numbers: PackedResults,
	orderOf: (number: number) => DeliveredOrder,
): Generator<Delivered> {
	let at = 0;
	while (at < numbers.length) {
		const [number = 0, startSeconds = 0, stepSeconds = 0, pings = 0, sent = 0] = numbers.subarray(
			at,
			at + headNumbers,
		);
		at += headNumbers;
		const samples: Sample[] = [];
		for (let sample = 0; sample < sent; sample++) {
			const sentAtSeconds = numbers[at++] ?? 0;
			const rtt = numbers[at++] ?? Number.NaN;
			samples.push({ sentAtSeconds, rttSeconds: Number.isNaN(rtt) ? null : rtt });
		}
		const order = orderOf(number);
		yield {
			order,
			measurement: measurementOf({ id: order.id, pings }, { startSeconds, stepSeconds }, samples),
		};
	}
}
