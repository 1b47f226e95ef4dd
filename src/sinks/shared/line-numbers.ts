/** As printf's `%f` has it: six decimals, a tie goes to the even digit. For values that are not negative. */
export function sixDecimals(value: number): string {
	const text = value.toFixed(6);
	return isTie(value) && isOdd(text) ? (Math.floor(value * 1e6) / 1e6).toFixed(6) : text;
}

/** With exactly seven decimals a value is an odd multiple of 2 ** -7. toFixed rounds all of these up. */
function isTie(value: number): boolean {
	return (value * 128) % 2 === 1;
}

function isOdd(digits: string): boolean {
	return Number(digits.at(-1)) % 2 === 1;
}

/**
 * As Perl prints a number, which is `%.15g`: `1.5e-05`, `0.0123`, `1`. The shortest form of what was measured: more
 * digits would only show what dividing milliseconds by 1000 leaves behind. For values below 1e15 that are not negative.
 */
export function fifteenDigits(value: number): string {
	const rounded = Number(value.toPrecision(15));
	if (rounded === 0 || rounded >= 1e-4) return String(rounded);
	return rounded.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

/** Nanoseconds since the epoch; they are beyond what one number holds. */
export interface NanoTime {
	/** Whole, not negative. */
	readonly seconds: number;
	/** Whole, below 1e9. */
	readonly nanos: number;
}

/** Where ping `index` of `pings` stands when they are spread evenly over a step. Exact, rounded down. */
export function spreadTime(
	startSeconds: number,
	stepSeconds: number,
	index: number,
	pings: number,
): NanoTime {
	const rest = (stepSeconds * index) % pings;
	return {
		seconds: startSeconds + (stepSeconds * index - rest) / pings,
		nanos: Math.floor((rest * 1e9) / pings),
	};
}

/** The same time, as exact as the number has it: about 0.2 µs in our days. */
export function nanoTime(seconds: number): NanoTime {
	const whole = Math.floor(seconds);
	// Nothing is lost in a subtraction of such numbers. A fraction close to 1 rounds up to a whole second.
	const nanos = Math.round((seconds - whole) * 1e9);
	return nanos < 1e9 ? { seconds: whole, nanos } : { seconds: whole + 1, nanos: 0 };
}

export function oneNanoLater({ seconds, nanos }: NanoTime): NanoTime {
	return nanos + 1 < 1e9 ? { seconds, nanos: nanos + 1 } : { seconds: seconds + 1, nanos: 0 };
}

/** All digits. Put together as text, which is quicker than BigInt and as exact. */
export function nanoText({ seconds, nanos }: NanoTime): string {
	return seconds === 0 ? String(nanos) : seconds + String(nanos).padStart(9, '0');
}
