/** From when to when, in the local time of the user: `2026-11-30 13:39 to 14:39 (UTC+01:00)`. Seconds since the epoch. */
export function datesText(startSeconds: number, endSeconds: number): string {
	const [start, end] = [new Date(startSeconds * 1000), new Date(endSeconds * 1000)];
	const until = dayOf(start) === dayOf(end) ? timeOf(end) : `${dayOf(end)} ${timeOf(end)}`;
	return `${dayOf(start)} ${timeOf(start)} to ${until} (${zoneOf(end)})`;
}

/** `2026-11-30 13:39 (UTC+01:00)`. Since the epoch. */
export function dateText(seconds: number): string {
	const date = new Date(seconds * 1000);
	return `${dayOf(date)} ${timeOf(date)} (${zoneOf(date)})`;
}

function dayOf(date: Date): string {
	return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(twoDigits).join('-');
}

function timeOf(date: Date): string {
	return [date.getHours(), date.getMinutes()].map(twoDigits).join(':');
}

function zoneOf(date: Date): string {
	const minutes = -date.getTimezoneOffset();
	if (minutes === 0) return 'UTC';
	const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
	return `UTC${minutes < 0 ? '-' : '+'}${twoDigits(hours)}:${twoDigits(rest)}`;
}

function twoDigits(number: number): string {
	return String(number).padStart(2, '0');
}
