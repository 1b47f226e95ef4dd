import type { PalettePicture } from './few-colours.ts';

/** Rows of pixels that one row of sixels stands for. */
const bandRows = 6;

/**
 * A picture as sixels, the graphics of DEC's terminals: for each band of six rows and each colour in it, a character
 * for every column, whose bits say which of the six pixels have that colour.
 */
export function sixelText(picture: PalettePicture): string {
	const { width, height, palette } = picture;
	const parts = [`\x1bP0;1;0q"1;1;${width};${height}`, ...palette.map(colourDefinition)];
	for (let top = 0; top < height; top += bandRows) parts.push(bandText(picture, top), '-');
	return `${parts.join('')}\x1b\\`;
}

/** Red, green and blue are percents. */
function colourDefinition(colour: number, index: number): string {
	const percents = [16, 8, 0].map((shift) => Math.round((((colour >> shift) & 0xff) * 100) / 255));
	return `#${index};2;${percents.join(';')}`;
}

/** `$` goes back to the left, for the next colour. */
function bandText({ width, height, indices }: PalettePicture, top: number): string {
	const bits = new Map<number, Uint8Array>();
	for (let row = 0; row < Math.min(bandRows, height - top); row += 1) {
		const start = (top + row) * width;
		for (let column = 0; column < width; column += 1) {
			const index = indices[start + column] ?? 0;
			const ofColour = bits.get(index) ?? new Uint8Array(width);
			bits.set(index, ofColour);
			ofColour[column] = (ofColour[column] ?? 0) | (1 << row);
		}
	}
	return [...bits].map(([index, ofColour]) => `#${index}${runs(ofColour)}`).join('$');
}

/** From four on, `!4~` is no longer than `~~~~`. Nothing at the end of a line needs no character. */
const fewestRepeated = 4;

function runs(bits: Uint8Array): string {
	let text = '';
	for (let at = 0; at < bits.length; ) {
		const value = bits[at] ?? 0;
		let end = at + 1;
		while (end < bits.length && bits[end] === value) end += 1;
		if (value === 0 && end === bits.length) break;
		const character = String.fromCharCode(0x3f + value);
		const length = end - at;
		text += length < fewestRepeated ? character.repeat(length) : `!${length}${character}`;
		at = end;
	}
	return text;
}
