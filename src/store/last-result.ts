import { digitsOf, TextBytes } from './text-bytes.ts';

export const lastResultName = 'last_result';

/** What last_result says. RTTs in seconds, null when every ping was lost. */
export interface LastResult {
	/** Start of the slot, seconds since the epoch. */
	readonly time: number;
	/** When the file was written, seconds since the epoch. */
	readonly updated: number;
	/** Seconds. */
	readonly step: number;
	/** How many pings were sent. */
	readonly pings: number;
	/** How many of them were lost. */
	readonly loss: number;
	readonly min: number | null;
	readonly median: number | null;
	readonly max: number | null;
}

/** The text of last_result. */
export function lastResultText(result: LastResult): string {
	const text = new TextBytes();
	putLastResult(text, result);
	return text.toString();
}

/** Adds the text of last_result. */
export function putLastResult(text: TextBytes, result: LastResult): void {
	text.put('time: ');
	text.putNumber(result.time);
	text.put('\nupdated: ');
	text.putNumber(result.updated);
	text.put('\nstep: ');
	text.putNumber(result.step);
	text.put('\npings: ');
	text.putNumber(result.pings);
	text.put('\nloss: ');
	text.putNumber(result.loss);
	text.put('\nmin: ');
	putRtt(text, result.min);
	text.put('\nmedian: ');
	putRtt(text, result.median);
	text.put('\nmax: ');
	putRtt(text, result.max);
	text.put('\n');
}

const rttDigits = 7;

/** As C's `%.6e`: the exponent has two digits at least. */
function putRtt(text: TextBytes, seconds: number | null): void {
	if (seconds === null) {
		text.put('~');
		return;
	}
	// Nearly all are whole nanoseconds below a second: what is beyond the digits is told exactly.
	const nanos = Math.round(seconds * 1e9);
	const rounded = nanos > 0 && nanos < 1e9 && nanos / 1e9 === seconds ? roundedNanos(nanos) : null;
	if (rounded === null) {
		const exact = seconds.toExponential(rttDigits - 1);
		text.put(exact.at(-3) === 'e' ? `${exact.slice(0, -1)}0${exact.at(-1)}` : exact);
		return;
	}
	const digits = digitsOf(nanos);
	const first = Math.floor(rounded / 10 ** (rttDigits - 1));
	text.putDigits(first, 1);
	text.put('.');
	text.putDigits(rounded - first * 10 ** (rttDigits - 1), rttDigits - 1);
	text.put('e-0');
	text.putDigits(10 - digits, 1);
}

/** In as many digits as an RTT has; null where the true value, which is not quite that, decides about the last of them. */
function roundedNanos(nanos: number): number | null {
	const digits = digitsOf(nanos);
	if (digits <= rttDigits) return nanos * 10 ** (rttDigits - digits);
	const unit = 10 ** (digits - rttDigits);
	const rest = nanos % unit;
	const rounded = (nanos - rest) / unit + (2 * rest > unit ? 1 : 0);
	return 2 * rest === unit || rounded >= 10 ** rttDigits ? null : rounded;
}

const keys = ['time', 'updated', 'step', 'pings', 'loss', 'min', 'median', 'max'] as const;

const rtt = '(~|\\d\\.\\d{6}e[+-]\\d{2})';
const asWritten = new RegExp(
	`^time: (\\d{1,15})\\nupdated: (\\d{1,15})\\nstep: (\\d{1,15})\\npings: (\\d{1,15})\\nloss: (\\d{1,15})\\nmin: ${rtt}\\nmedian: ${rtt}\\nmax: ${rtt}\\n$`,
);

/** What we write ourselves, of which there are thousands, in half the time. Null: it takes a closer look. */
function readAsWritten(text: string): LastResult | null {
	const found = asWritten.exec(text);
	if (found === null) return null;
	const rttOf = (value: string | undefined) => (value === '~' ? null : Number(value));
	return {
		time: Number(found[1]),
		updated: Number(found[2]),
		step: Number(found[3]),
		pings: Number(found[4]),
		loss: Number(found[5]),
		min: rttOf(found[6]),
		median: rttOf(found[7]),
		max: rttOf(found[8]),
	};
}

/** Reads the text of last_result, or says why it is not one. Never throws. */
export function readLastResult(text: string): LastResult | { readonly reason: string } {
	const read = readAsWritten(text);
	if (read !== null) return read;
	const values = new Map<string, string>();
	for (const line of text.split('\n')) {
		const colon = line.indexOf(':');
		if (colon > 0) values.set(line.slice(0, colon), line.slice(colon + 1).trim());
	}
	const numberOf = (key: (typeof keys)[number]) => Number(values.get(key) || Number.NaN);
	const rttOf = (key: 'min' | 'median' | 'max') => (values.get(key) === '~' ? null : numberOf(key));
	const result = {
		time: numberOf('time'),
		updated: numberOf('updated'),
		step: numberOf('step'),
		pings: numberOf('pings'),
		loss: numberOf('loss'),
		min: rttOf('min'),
		median: rttOf('median'),
		max: rttOf('max'),
	};
	for (const key of keys) {
		if (result[key] === null || Number.isFinite(result[key])) continue;
		return { reason: values.has(key) ? `${key} is not a number: ${values.get(key)}` : `${key} is missing` };
	}
	return result;
}
