import type { Facts } from './facts.ts';
import type { Sample } from './measurement.ts';

type Rtts = readonly Pick<Sample, 'rttSeconds'>[];

/**
 * Jitter: the mean absolute difference of the round-trip times of neighbours, answered pings in sending order.
 * Seconds, to the nanosecond; null with fewer than two answers.
 */
export function jitterOf(samples: Rtts): number | null {
	let before: number | null = null;
	let sum = 0;
	let pairs = 0;
	for (const { rttSeconds } of samples) {
		if (rttSeconds === null) continue;
		if (before !== null) {
			sum += Math.abs(rttSeconds - before);
			pairs++;
		}
		before = rttSeconds;
	}
	return pairs === 0 ? null : Math.round((sum / pairs) * 1e9) / 1e9;
}

/** R of G.107 with its default values, without delay and loss. */
const bestRating = 93.2;
/** Packet-loss robustness of G.711 without concealment, which is also G.107's default. */
const robustness = 4.3;
/** Of a phone call nobody gets more: what a delay of 100 ms and less costs. */
const unheardMs = 100;

/**
 * Mean opinion score of a call over this way, by the E-model of ITU-T G.107 with its default values, G.711 and no
 * echo: from 1 (hopeless) to 4.41. The delay is half of the median round-trip time, and twice the jitter for the
 * buffer that has to even it out.
 *
 * @param lossShare from 0 to 1
 */
export function mosOf(lossShare: number, medianSeconds: number | null, jitterSeconds: number | null): number {
	if (medianSeconds === null) return 1;
	const delayMs = 1000 * (medianSeconds / 2 + 2 * (jitterSeconds ?? 0));
	const lossPercent = 100 * lossShare;
	const lossImpairment = (95 * lossPercent) / (lossPercent + robustness);
	return scoreOf(bestRating - delayImpairment(delayMs) - lossImpairment);
}

/** Idd of G.107. */
function delayImpairment(delayMs: number): number {
	if (delayMs <= unheardMs) return 0;
	const x = Math.log2(delayMs / unheardMs);
	return 25 * ((1 + x ** 6) ** (1 / 6) - 3 * (1 + (x / 3) ** 6) ** (1 / 6) + 2);
}

/** G.107, Annex B. To three decimals. */
function scoreOf(rating: number): number {
	if (rating <= 0) return 1;
	const score = 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6;
	return Math.max(1, Math.round(score * 1000) / 1000);
}

/** Adds what the samples themselves tell to what the probe knows. */
export function addDerivedFacts(
	facts: { -readonly [Name in keyof Facts]: Facts[Name] },
	samples: Rtts,
	summary: { readonly loss: number; readonly medianSeconds: number | null },
): void {
	const jitter = jitterOf(samples);
	if (jitter !== null) facts['jitter'] = jitter;
	facts['mos'] = mosOf(summary.loss / samples.length, summary.medianSeconds, jitter);
}
