/** For messages: how an objective is written. */
export const objectiveForms =
	'percent of the measured slots that shall have an answer, above 0 and up to 100, such as 99.9';

/** An objective as it is written, `99.9`, `99.9%` or a number, in percent; null when it is none. */
export function objectivePercent(written: unknown): number | null {
	const text = typeof written === 'string' ? /^\s*(\d{1,3}(?:\.\d{1,9})?)\s*%?\s*$/.exec(written)?.[1] : null;
	const number = typeof text === 'string' ? Number(text) : written;
	return typeof number === 'number' && number > 0 && number <= 100 ? number : null;
}
