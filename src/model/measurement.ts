import type { Facts } from './facts.ts';
import type { Slot } from './slot.ts';

/** One ping. */
export interface Sample {
	/** When it was sent, seconds since the epoch. As exact as the probe can tell. */
	readonly sentAtSeconds: number;
	/** Round-trip time in seconds, or null: the answer did not come. */
	readonly rttSeconds: number | null;
}

/**
 * What a probe may know beyond the samples, of one target in one slot. Sinks may tell it; `last_result` and the RRD do
 * not. What a probe does not know is left out.
 */
export interface MeasurementExtras {
	/** Interarrival jitter by RFC 3550: how much the round-trip time differs from one answer to the next, smoothed. */
	readonly jitterSeconds?: number;
	/** Second and further answers to a ping. */
	readonly duplicates?: number;
	/** Answers that were overtaken by that to a later ping. */
	readonly reordered?: number;
	/** Answers after the timeout. Their pings count as lost. */
	readonly late?: number;
	/** Answers whose content was damaged. Their pings count as lost, unless a sound answer came too. */
	readonly corrupted?: number;
	/** Answers from another address than the one that was pinged. Treated like corrupted ones. */
	readonly fromOtherAddress?: number;
	/** Time to live (IPv4) or hop limit (IPv6) of the last answer. */
	readonly ttl?: number;
	/** What was heard instead of an answer, and of how many lost pings: `time exceeded from 192.0.2.1`. */
	readonly lossReasons?: Readonly<Record<string, number>>;
	/** Who took the times: the kernel for all answers, or a program for some of them. */
	readonly timestamps?: 'kernel' | 'user';
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
	/** Only from probes that know more than samples. */
	readonly extras?: MeasurementExtras;
}

/** Sums up the samples of one order in one slot. */
export function measurementOf(
	order: { readonly id: string; readonly pings: number },
	slot: Slot,
	samples: readonly Sample[],
	facts: Facts = {},
	extras?: MeasurementExtras,
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
		...(extras === undefined ? {} : { extras }),
	};
}

/** The round-trip times that came back, in seconds, smallest first. */
function receivedAscending(samples: readonly Sample[]): number[] {
	const received: number[] = [];
	for (const sample of samples) {
		if (sample.rttSeconds !== null) received.push(sample.rttSeconds);
	}
	return received.sort((a, b) => a - b);
}
