/** A picture as a terminal would show it. */
export interface SixelPicture {
	readonly width: number;
	readonly height: number;
	/** Row by row, each pixel as percents: `red;green;blue`. Null where nothing was painted. */
	readonly pixels: readonly (string | null)[];
	/** All colours that were painted. */
	readonly used: ReadonlySet<string>;
}

/** Does what a terminal does with sixels, character by character. Throws at whatever the VT340 does not know. */
export function readSixels(text: string): SixelPicture {
	const [nothing, dcs = '', st, ...more] = text.split('\x1b');
	const [start = '', body = ''] = splitAfter(dcs, 'q');
	if (nothing !== '' || !/^P[\d;]*q$/.test(start) || st !== '\\' || more.length > 0) {
		throw new Error('no sixels, or something before or after them');
	}
	const [, columns = '', rows = ''] = /^"1;1;(\d+);(\d+)/.exec(body) ?? [];
	const [width, height] = [Number(columns), Number(rows)];
	const pixels: (string | null)[] = Array(width * height).fill(null);
	const colours = new Map<string, string>();
	let colour: string | undefined;
	let [column, top] = [0, 0];
	const paint = (bits: number) => {
		if (column >= width) throw new Error(`column ${column} of ${width}`);
		for (let row = top; row < top + 6; row += 1) {
			if (((bits >> (row - top)) & 1) === 0) continue;
			if (row >= height || colour === undefined) throw new Error(`row ${row} of ${height} in ${colour}`);
			pixels[row * width + column] = colour;
		}
		column += 1;
	};
	const token = /"[\d;]+|#(\d+);2;(\d+;\d+;\d+)|#(\d+)|!(\d+)([?-~])|([?-~])|(\$)|(-)/y;
	token.lastIndex = 0;
	while (token.lastIndex < body.length) {
		const at = token.lastIndex;
		const found = token.exec(body);
		if (found === null) throw new Error(`not a sixel command: ${body.slice(at, at + 10)}`);
		const [, defined, percents = '', chosen, times, repeated = '', single, back, next] = found;
		if (defined !== undefined) colours.set(defined, percents);
		if (chosen !== undefined) colour = colours.get(chosen);
		if (times !== undefined) for (let i = 0; i < Number(times); i += 1) paint(repeated.charCodeAt(0) - 63);
		if (single !== undefined) paint(single.charCodeAt(0) - 63);
		if (back !== undefined || next !== undefined) column = 0;
		if (next !== undefined) top += 6;
	}
	return { width, height, pixels, used: new Set(pixels.filter((pixel) => pixel !== null)) };
}

function splitAfter(text: string, character: string): [string, string] {
	const end = text.indexOf(character) + 1;
	return [text.slice(0, end), text.slice(end)];
}
