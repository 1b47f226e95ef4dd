import type { AccountSpan } from '../../history/account.ts';

/** For messages: how a month is written. */
export const monthForms = 'this, last, or a year and a month such as 2026-11';

/** A month of UTC, as the days of `histograms` are. */
export interface Month extends AccountSpan {
	/** `2026-11`. */
	readonly name: string;
}

const form = /^(\d{4})-(\d\d)$/;

/** Reads a month as it is typed; null when it is none. */
export function readMonth(text: string, nowSeconds: number): Month | null {
	if (text === 'this' || text === 'last') {
		const now = new Date(nowSeconds * 1000);
		return monthAt(now.getUTCFullYear(), now.getUTCMonth() - (text === 'last' ? 1 : 0));
	}
	const [, year, month] = form.exec(text) ?? [];
	const isMonth = Number(month) >= 1 && Number(month) <= 12 && Number(year) >= 1970;
	return isMonth ? monthAt(Number(year), Number(month) - 1) : null;
}

function monthAt(year: number, month: number): Month {
	const startSeconds = Date.UTC(year, month) / 1000;
	const name = new Date(startSeconds * 1000).toISOString().slice(0, 7);
	return { name, startSeconds, endSeconds: Date.UTC(year, month + 1) / 1000 };
}
