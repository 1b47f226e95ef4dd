/** Scales and what stands beside them. Knows no document. */

/** Steps of 1, 2 or 5 times a power of ten, from 0 up to `max`, about so many. */
export function linearTicks(max: number, wanted = 5): number[] {
	if (!(max > 0)) return [0];
	const rough = max / wanted;
	const power = 10 ** Math.floor(Math.log10(rough));
	const step = ([1, 2, 5].find((each) => each * power >= rough) ?? 10) * power;
	const ticks: number[] = [];
	// Whole steps, not a sum: 0.3 is not 0.30000000000000004.
	for (let at = 0; at * step <= max * 1.0001; at++) ticks.push(Number((at * step).toPrecision(12)));
	return ticks;
}

/** Round numbers between two numbers above 0, in about equal ratios: the wider the span, the fewer to a power of ten. */
export function logTicks(min: number, max: number): number[] {
	const decades = Math.log10(max / min);
	const factors =
		decades > 3 ? [1] : decades > 1.7 ? [1, 3] : decades > 0.9 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 7];
	const ticks: number[] = [];
	for (let power = Math.floor(Math.log10(min)); power <= Math.ceil(Math.log10(max)); power++)
		for (const factor of factors) {
			const tick = Number((factor * 10 ** power).toPrecision(3));
			if (tick >= min && tick <= max) ticks.push(tick);
		}
	return ticks;
}

/** A span of time with three digits: `24 µs`, `1.23 ms`, `4 s`. */
export function rttText(seconds: number): string {
	if (seconds === 0) return '0';
	const [unit, factor] = seconds < 0.0009995 ? ['µs', 1e6] : seconds < 0.9995 ? ['ms', 1e3] : ['s', 1];
	return `${Number((seconds * factor).toPrecision(3))} ${unit}`;
}

/** A share in percent; what is little is not nothing, and what is nearly all is not all. */
export function shareText(share: number): string {
	const percent = share * 100;
	if (percent > 0 && percent < 0.01) return '<0.01%';
	if (percent < 100 && percent > 99.99) return '>99.99%';
	return `${Number(percent.toFixed(percent < 10 || percent > 90 ? 2 : 1))}%`;
}

const timeSteps = [
	...[60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200],
	...[86_400, 2 * 86_400, 7 * 86_400, 14 * 86_400, 30 * 86_400, 61 * 86_400, 91 * 86_400, 183 * 86_400],
];

export interface TimeTick {
	readonly seconds: number;
	readonly label: string;
}

/** Times of UTC for a picture, about so many. */
export function timeTicks(startSeconds: number, endSeconds: number, wanted: number): TimeTick[] {
	const rough = (endSeconds - startSeconds) / wanted;
	const step = timeSteps.find((each) => each >= rough) ?? 365 * 86_400;
	const ticks: TimeTick[] = [];
	const first = Math.ceil(startSeconds / step) * step;
	for (let seconds = first; seconds <= endSeconds; seconds += step) {
		const iso = new Date(seconds * 1000).toISOString();
		const isMidnight = iso.slice(11, 16) === '00:00';
		ticks.push({ seconds, label: step >= 86_400 || isMidnight ? iso.slice(5, 10) : iso.slice(11, 16) });
	}
	return ticks;
}
