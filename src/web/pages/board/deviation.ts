import type { Sample } from '../../../model/measurement.ts';

/** The standard deviation of those pings that were answered, of all of them as SmokePing has it. Null without any. */
export function deviationOf(samples: readonly Pick<Sample, 'rttSeconds'>[]): number | null {
	let count = 0;
	let mean = 0;
	let squares = 0;
	for (const { rttSeconds } of samples) {
		if (rttSeconds === null) continue;
		count++;
		const off = rttSeconds - mean;
		mean += off / count;
		squares += off * (rttSeconds - mean);
	}
	return count === 0 ? null : Math.sqrt(squares / count);
}
