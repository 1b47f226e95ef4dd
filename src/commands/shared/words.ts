import type { CommandAnswer } from '../../model/answers.ts';
import { printable } from '../../model/printable.ts';
import { duration } from '../terminal/text.ts';

/** Times nearer than this need no date to be understood. */
const nearSeconds = 12 * 3600;

/** Local time: `14:02:00`, with the date when that is not near. Both in seconds since the epoch. */
export function localTime(seconds: number, nowSeconds: number): string {
	const at = new Date(seconds * 1000);
	const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(twoDigits).join(':');
	return Math.abs(seconds - nowSeconds) < nearSeconds ? time : `${dayOf(at)} ${time}`;
}

function dayOf(date: Date): string {
	return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(twoDigits).join('-');
}

function twoDigits(number: number): string {
	return String(number).padStart(2, '0');
}

/** `in 12s`, `3m ago`, `now`. */
export function fromNow(seconds: number, nowSeconds: number): string {
	const span = seconds - nowSeconds;
	if (Math.abs(span) < 1) return 'now';
	return span > 0 ? `in ${duration(span)}` : `${duration(-span)} ago`;
}

/** `143 B`, `672 kB`, `1.6 MB`. */
export function size(bytes: number): string {
	if (bytes < 1000) return `${bytes} B`;
	if (bytes < 999_500) return `${Math.round(bytes / 1000)} kB`;
	return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** `1 order`, `3 orders`. */
export function counted(count: number, one: string): string {
	return `${count} ${one}${count === 1 ? '' : 's'}`;
}

/** The words of a command line, each as a shell takes it. */
export function shellWords({ program, args, is_cut }: CommandAnswer): string[] {
	return [...[program, ...args].map(shellWord), ...(is_cut ? ['...'] : [])];
}

/** A word as a shell takes it. */
export function shellWord(word: string): string {
	const shown = printable(word);
	return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${shown.replaceAll("'", "'\\''")}'`;
}

/** A value of an option in one line: `401, 403` for a list. */
export function valueText(value: unknown): string {
	if (Array.isArray(value)) return value.map(valueText).join(', ');
	return printable(typeof value === 'string' ? value : JSON.stringify(value));
}
