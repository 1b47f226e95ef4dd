/** What was read at a moment. */
export interface Reading {
	readonly atSeconds: number;
	readonly value: number;
}

export interface Growth {
	/** The lowest of the first and of the last window. */
	readonly first: number;
	readonly last: number;
	/** The slope. */
	readonly perHour: number;
	readonly isLeak: boolean;
}

/** Enough for a slope, and each long enough to hold a collection of garbage. */
const windows = 8;

/**
 * How something grows that goes up and down all the time: the slope of its lowest values, window by window, as the
 * median of the slopes between any two of them, which a single odd one does not move.
 *
 * It leaks when it grew by more than this part of what it was at first, and by more than the least that counts, over
 * all the readings.
 */
export function growthOf(
	readings: readonly Reading[],
	limit: { readonly part: number; readonly least: number },
): Growth {
	const lows = lowest(readings);
	const slopes = lows.flatMap((a, i) =>
		lows.slice(i + 1).map((b) => (b.value - a.value) / (b.atSeconds - a.atSeconds)),
	);
	const perSecond = median(slopes);
	const [first, last] = [lows[0], lows.at(-1)];
	if (first === undefined || last === undefined) throw new Error('there are no readings to find a slope in');
	const grown = perSecond * (last.atSeconds - first.atSeconds);
	return {
		first: first.value,
		last: last.value,
		perHour: perSecond * 3600,
		isLeak: grown > limit.least && grown > limit.part * first.value,
	};
}

function lowest(readings: readonly Reading[]): Reading[] {
	const size = Math.max(1, Math.ceil(readings.length / windows));
	const lows: Reading[] = [];
	for (let at = 0; at < readings.length; at += size) {
		lows.push(readings.slice(at, at + size).reduce((low, one) => (one.value < low.value ? one : low)));
	}
	return lows;
}

function median(values: readonly number[]): number {
	if (values.length === 0) return 0;
	const sorted = values.toSorted((a, b) => a - b);
	const middle = sorted.length >> 1;
	return sorted.length % 2 === 1
		? (sorted[middle] ?? 0)
		: ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
