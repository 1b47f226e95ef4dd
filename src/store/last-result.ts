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
	return (
		`time: ${result.time}\nupdated: ${result.updated}\nstep: ${result.step}\n` +
		`pings: ${result.pings}\nloss: ${result.loss}\n` +
		`min: ${rttText(result.min)}\nmedian: ${rttText(result.median)}\nmax: ${rttText(result.max)}\n`
	);
}

/** As C's `%.6e`: the exponent has two digits at least. */
function rttText(seconds: number | null): string {
	if (seconds === null) return '~';
	const text = seconds.toExponential(6);
	return text.at(-3) === 'e' ? `${text.slice(0, -1)}0${text.at(-1)}` : text;
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
