/** Numbers and times as the reader writes them. */
import { rttText, shareText } from './scale.ts';

const three = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3, useGrouping: false });
const whole = new Intl.NumberFormat();

/** With the reader's point or comma. */
function local(text: string): string {
	return text.replace(/\d+(\.\d+)?/, (number) =>
		number.includes('.')
			? new Intl.NumberFormat(undefined, { minimumFractionDigits: number.split('.')[1]?.length ?? 0 }).format(
					Number(number),
				)
			: three.format(Number(number)),
	);
}

export function rttWords(seconds: number | null): string {
	return seconds === null || Number.isNaN(seconds) ? 'no answer' : local(rttText(seconds));
}

export function shareWords(share: number | null): string {
	return share === null ? 'not measured' : local(shareText(share));
}

export function countWords(count: number): string {
	return whole.format(count);
}

const times = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

export function timeWords(seconds: number): string {
	return times.format(seconds * 1000);
}

export function clockWords(seconds: number): string {
	return clock.format(seconds * 1000);
}

const hour = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const second = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const month = new Intl.DateTimeFormat(undefined, { month: 'short', year: 'numeric' });

/** Below an axis: times of day, and on a second line the day where it is another than before. */
export function axisTimes(seconds: readonly number[], increment: number): string[] {
	let last = '';
	return seconds.map((at) => {
		const ms = at * 1000;
		if (increment >= 28 * 86_400) return month.format(ms);
		const today = day.format(ms);
		if (increment >= 86_400) return today;
		const clockText = (increment < 60 ? second : hour).format(ms);
		const isSame = today === last;
		last = today;
		return isSame ? clockText : `${clockText}\n${today}`;
	});
}
