import { spanSeconds } from './span.ts';

/** For people: how a point in time may be written. */
export const timeForms =
	'seconds since the epoch, ISO 8601 (local time unless it says otherwise), -2h, -15min, -1d or now';

/** A point in time as it is typed, in whole seconds since the epoch; null when it is none. */
export function timePoint(text: string, nowSeconds: number): number | null {
	const seconds = secondsOf(text.trim(), nowSeconds);
	return Number.isSafeInteger(seconds) && seconds >= 0 ? seconds : null;
}

/** NaN when it is none. */
function secondsOf(text: string, nowSeconds: number): number {
	if (text === 'now') return nowSeconds;
	if (/^\d+$/.test(text)) return Number(text);
	const ago = /^(?:now)?-(.*)$/s.exec(text)?.[1];
	if (ago === undefined || /^\d*$/.test(ago)) return isoSeconds(text);
	// `-30m` was minutes before spans had `min`.
	const span = spanSeconds(ago.replace(/^(\d+)m$/, '$1min'));
	return span === null ? Number.NaN : nowSeconds - Math.round(span);
}

const isoForm = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/i;

/** Not by `Date.parse`, which takes a date alone for UTC, and the 31st of February for March. */
function isoSeconds(text: string): number {
	const parts = isoForm.exec(text);
	if (parts === null) return Number.NaN;
	const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
		.slice(1, 7)
		.map((part) => Number(part ?? 0));
	const daysInMonth = new Date(Date.UTC(year, month, 0)).getUTCDate();
	const isDate = month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth;
	if (!isDate || hour > 23 || minute > 59 || second > 59) return Number.NaN;
	const zone = parts[7];
	if (zone === undefined) return new Date(year, month - 1, day, hour, minute, second).getTime() / 1000;
	return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - zoneSeconds(zone);
}

/** East of UTC. NaN when there is no such zone. */
function zoneSeconds(zone: string): number {
	if (zone.toUpperCase() === 'Z') return 0;
	const hours = Number(zone.slice(1, 3));
	const minutes = Number(zone.slice(-2));
	if (hours > 14 || minutes > 59) return Number.NaN;
	return (zone.startsWith('-') ? -1 : 1) * (hours * 3600 + minutes * 60);
}
