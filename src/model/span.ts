/** How long a unit is, in seconds. A year has 365 days. */
const unitSeconds = {
	ms: 0.001,
	s: 1,
	min: 60,
	h: 3600,
	d: 86_400,
	w: 604_800,
	y: 31_536_000,
} as const;

export type SpanUnit = keyof typeof unitSeconds;

/** For messages: what a span of time may look like. */
export const spanForms = 'a span of time such as 90s, 15min, 2h, 30d, 4w or 1y';

const form = /^(\d{1,15}(?:\.\d{1,15})?) ?(ms|s|min|h|d|w|y)?$/;

/**
 * Reads a span of time as orders, the config, options and URLs have it: a number with `ms`, `s`, `min`, `h`, `d`, `w` or
 * `y`, or a bare number in the unit that its place has.
 *
 * @returns seconds, 0 or more, or null when it is no such span
 */
export function spanSeconds(written: unknown, bareUnit: SpanUnit = 's'): number | null {
	if (typeof written === 'number')
		return Number.isFinite(written) && written >= 0 ? inSeconds(written, bareUnit) : null;
	if (typeof written !== 'string') return null;
	const [, number, unit] = form.exec(written.trim()) ?? [];
	if (number === undefined) return null;
	return inSeconds(Number(number), (unit as SpanUnit | undefined) ?? bareUnit);
}

/** The same of a text, where a bare number could mean several things: null. */
export function spanWithUnit(text: string): number | null {
	return hasUnit(text) ? spanSeconds(text) : null;
}

function hasUnit(text: string): boolean {
	return /[a-z]$/.test(text);
}

/** Thousandths are divided, not multiplied: 20 ms is 0.02, and not 0.020000000000000004. */
function inSeconds(number: number, unit: SpanUnit): number {
	return unit === 'ms' ? number / 1000 : number * unitSeconds[unit];
}

/**
 * For schemas of numbers: a text that is a span of time with a unit, as a number in the unit that bare numbers have
 * there; a text that is a bare number as that; all else as it is.
 */
export function spanAsNumber(bareUnit: SpanUnit): (value: unknown) => unknown {
	return (value) => {
		if (typeof value !== 'string' || value.trim() === '') return value;
		const seconds = spanSeconds(value, bareUnit);
		if (seconds === null || !hasUnit(value.trim()))
			return Number.isNaN(Number(value)) ? value : Number(value);
		// 0.3 s are 300 ms, and not 299.99999999999994.
		return Number((seconds / unitSeconds[bareUnit]).toPrecision(15));
	};
}

/** Whole seconds, at least 1, as a number, a bare number or a span of time; null when it is none. */
export function wholeSeconds(written: unknown): number | null {
	const seconds = spanSeconds(written);
	return seconds !== null && Number.isSafeInteger(seconds) && seconds >= 1 ? seconds : null;
}
