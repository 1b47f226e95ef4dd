/** `7s`, `12m`, `3h`, `5d`: rounded down to the largest unit that it fills twice, so that little is lost. */
export function duration(seconds: number): string {
	const whole = Math.max(0, Math.floor(seconds));
	if (whole < 120) return `${whole}s`;
	if (whole < 2 * 3600) return `${Math.floor(whole / 60)}m`;
	if (whole < 48 * 3600) return `${Math.floor(whole / 3600)}h`;
	return `${Math.floor(whole / 86400)}d`;
}

/** Milliseconds with three digits or so: `0.024`, `1.23`, `12.3`, `1234`. */
export function milliseconds(seconds: number | null): string {
	if (seconds === null) return '-';
	const ms = seconds * 1000;
	// What would be rounded up to the next power of ten has a digit less.
	const decimals = ms < 0.9995 ? 3 : ms < 9.995 ? 2 : ms < 99.95 ? 1 : 0;
	return ms.toFixed(decimals);
}

/** 0 % and 100 % mean none and all. */
export function lossPercent(lost: number, sent: number): string {
	if (lost <= 0) return '0%';
	if (lost >= sent) return '100%';
	return `${Math.min(99, Math.max(1, Math.round((lost / sent) * 100)))}%`;
}

// ---- Widths, in columns of a terminal ----

/** Whether each of its characters is one of ASCII, and printed as it is. */
export function isPlain(text: string): boolean {
	return plain.test(text);
}

const plain = /^[ -~]*$/;
const takesNone = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const takesTwo =
	/^[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]$/u;

/** How many columns a terminal needs for a printable text. */
export function widthOf(text: string): number {
	if (isPlain(text)) return text.length;
	let width = 0;
	for (const character of text) width += characterWidth(character);
	return width;
}

function characterWidth(character: string): number {
	if (takesNone.test(character)) return 0;
	return takesTwo.test(character) ? 2 : 1;
}

/** The beginning of a text that fits into so many columns; an ellipsis tells that there is more. */
export function cutEnd(text: string, width: number): string {
	if (widthOf(text) <= width) return text;
	return width < 1 ? '' : `${fitting([...text], width - 1)}…`;
}

/** Beginning and end of a text: what tells names apart is often at the end. */
export function cutMiddle(text: string, width: number): string {
	if (widthOf(text) <= width) return text;
	if (width < 1) return '';
	const characters = [...text];
	const endWidth = Math.floor((width - 1) / 2);
	const end = [...fitting(characters.toReversed(), endWidth)].reverse().join('');
	return `${fitting(characters, width - 1 - widthOf(end))}…${end}`;
}

function fitting(characters: readonly string[], width: number): string {
	let used = 0;
	let text = '';
	for (const character of characters) {
		used += characterWidth(character);
		if (used > width) break;
		text += character;
	}
	return text;
}

/** Breaks a text between words into lines of so many columns, at most `linesMax` of them. */
export function wrap(text: string, width: number, linesMax: number): string[] {
	const lines: string[] = [];
	let line = '';
	const words = text.split(' ');
	for (const [index, word] of words.entries()) {
		const longer = line === '' ? word : `${line} ${word}`;
		if (widthOf(longer) <= width || line === '') {
			line = longer;
			continue;
		}
		if (lines.length === linesMax - 1)
			return [...lines, cutEnd([line, ...words.slice(index)].join(' '), width)];
		lines.push(line);
		line = word;
	}
	return [...lines, line].map((one) => cutEnd(one, width));
}

export function padEnd(text: string, width: number): string {
	return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

export function padStart(text: string, width: number): string {
	return ' '.repeat(Math.max(0, width - widthOf(text))) + text;
}
