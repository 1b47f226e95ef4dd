import type { Facts } from './facts.ts';
import type { Slot } from './slot.ts';

/** One ping. */
export interface Sample {
	/** When it was sent, seconds since the epoch. As exact as the probe can tell. */
	readonly sentAtSeconds: number;
	/** Round-trip time in seconds, or null: the answer did not come. */
	readonly rttSeconds: number | null;
}

/** A ping that is over before its job is. A preview: what counts is the measurement. */
export interface EarlyPing extends Sample {
	/** Its place among the pings of the slot, from 0 on. */
	readonly index: number;
}

/** The samples of one order in one slot, summed up. */
export interface Measurement {
	readonly orderId: string;
	readonly slot: Slot;
	/** How many pings the order asks for. `samples` holds fewer when the run was cut short. */
	readonly pings: number;
	/** In sending order. Never empty. */
	readonly samples: readonly Sample[];
	/** How many of the samples were lost. */
	readonly loss: number;
	/** Seconds; null when every sample was lost. */
	readonly minSeconds: number | null;
	/** `sorted[floor(received / 2)]`, seconds; null when every sample was lost. */
	readonly medianSeconds: number | null;
	/** Seconds; null when every sample was lost. */
	readonly maxSeconds: number | null;
	/** What is known beyond the samples; `last_result` and the RRD do not tell it. */
	readonly facts: Facts;
}

/** Sums up the samples of one order in one slot. */
export function measurementOf(
	order: { readonly id: string; readonly pings: number },
	slot: Slot,
	samples: readonly Sample[],
	facts: Facts = {},
): Measurement {
	const received = receivedAscending(samples);
	return {
		orderId: order.id,
		slot,
		pings: order.pings,
		samples,
		loss: samples.length - received.length,
		minSeconds: received[0] ?? null,
		medianSeconds: received[Math.floor(received.length / 2)] ?? null,
		maxSeconds: received.at(-1) ?? null,
		facts,
	};
}

/** The round-trip times that came back, in seconds, smallest first. */
function receivedAscending(samples: readonly Sample[]): number[] {
	const received: number[] = [];
	for (const sample of samples) {
		if (sample.rttSeconds !== null) received.push(sample.rttSeconds);
	}
	return ascending(received);
}

/** Above this, sorting pays off. */
const few = 32;

/** Sorts numbers in their place, a few of them several times as fast as `sort` does. None is NaN. */
export function ascending<Numbers extends number[] | Float64Array>(numbers: Numbers): Numbers {
	const { length } = numbers;
	if (length > few) return numbers.sort((a, b) => a - b) as Numbers;
	for (let end = 1; end < length; end++) {
		const number = numbers[end] as number;
		let at = end;
		for (; at > 0 && (numbers[at - 1] as number) > number; at--) numbers[at] = numbers[at - 1] as number;
		numbers[at] = number;
	}
	return numbers;
}
