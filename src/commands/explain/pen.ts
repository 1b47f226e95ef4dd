import { fromNow, localTime } from '../shared/words.ts';
import type { Paint } from '../terminal/paint.ts';
import { padEnd, widthOf, wrap } from '../terminal/text.ts';

export interface PageOptions {
	readonly baseDir: string;
	/** Since the epoch. */
	readonly nowSeconds: number;
	readonly columns: number;
	readonly colours: boolean;
}

/** What the page is written with. */
export interface Pen extends PageOptions {
	readonly paint: Paint;
}

export const indent = '  ';
const labelWidth = 16;
/** However narrow the terminal. */
const textWidthMin = 20;
const linesMax = 1000;

export function heading(text: string, { paint }: Pen, rest = ''): string {
	return paint('bold', text) + (rest === '' ? '' : paint('dim', `  ${rest}`));
}

/** A label and its value, which goes on below itself. A long label takes more room than the others. */
export function entry(label: string, value: string, { columns }: Pen): string[] {
	const width = Math.max(labelWidth, widthOf(label) + 2);
	const lines = wrap(value, Math.max(textWidthMin, columns - indent.length - width), linesMax);
	return lines.map((line, index) => indent + padEnd(index === 0 ? label : '', width) + line);
}

export function sentence(text: string, { columns }: Pen): string[] {
	return wrap(text, Math.max(textWidthMin, columns - indent.length), linesMax).map((line) => indent + line);
}

/** `14:02:00 (3m ago)`. Seconds since the epoch. */
export function clock(seconds: number, { nowSeconds }: Pen): string {
	return `${localTime(seconds, nowSeconds)} (${fromNow(seconds, nowSeconds)})`;
}
