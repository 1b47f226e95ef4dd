import { inflateSync } from 'node:zlib';

/** A picture without transparency. */
export interface Pixels {
	readonly width: number;
	readonly height: number;
	/** Row by row, each pixel as 0xRRGGBB. */
	readonly colours: Uint32Array;
}

/** Bytes a pixel, by the colour type of PNG, with 8 bits a sample. */
const channelsOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/**
 * Reads a PNG with 8 bits a sample that is not interlaced, which is what programs draw. What is transparent is put on
 * white. Throws `Error` for anything else.
 */
export function readPng(png: Buffer): Pixels {
	const chunks = chunksOf(png);
	const header = Buffer.concat(chunks.get('IHDR') ?? []);
	if (header.length < 13) throw new Error('it is no PNG');
	const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
	const [depth, type, , , interlace] = header.subarray(8);
	const channels = channelsOf[type ?? -1];
	if (channels === undefined || depth !== 8 || interlace !== 0) {
		throw new Error('it is a PNG of another kind than 8 bits a sample, not interlaced');
	}
	const filtered = inflateSync(Buffer.concat(chunks.get('IDAT') ?? []));
	if (filtered.length < height * (1 + width * channels)) throw new Error('the PNG is cut off');
	const samples = unfiltered(filtered, width * channels, height, channels);
	const colourAt = colourReader(type ?? 0, samples, chunks);
	const colours = Uint32Array.from({ length: width * height }, (_, index) => colourAt(index * channels));
	return { width, height, colours };
}

function chunksOf(png: Buffer): ReadonlyMap<string, readonly Buffer[]> {
	const chunks = new Map<string, Buffer[]>();
	for (let at = 8; at + 12 <= png.length; ) {
		const length = png.readUInt32BE(at);
		const name = png.toString('latin1', at + 4, at + 8);
		const data = png.subarray(at + 8, at + 8 + length);
		chunks.set(name, [...(chunks.get(name) ?? []), data]);
		at += 12 + length;
	}
	return chunks;
}

/** Each row begins with the number of the filter that was put on it: what was subtracted from each byte. */
function unfiltered(filtered: Buffer, rowBytes: number, height: number, pixelBytes: number): Buffer {
	const samples = Buffer.alloc(rowBytes * height);
	for (let row = 0; row < height; row += 1) {
		const from = row * (rowBytes + 1);
		const filter = filtered[from] ?? 0;
		const start = row * rowBytes;
		for (let column = 0; column < rowBytes; column += 1) {
			const hasLeft = column >= pixelBytes;
			const left = hasLeft ? (samples[start + column - pixelBytes] ?? 0) : 0;
			const up = row > 0 ? (samples[start + column - rowBytes] ?? 0) : 0;
			const corner = hasLeft && row > 0 ? (samples[start + column - rowBytes - pixelBytes] ?? 0) : 0;
			samples[start + column] = (filtered[from + 1 + column] ?? 0) + predicted(filter, left, up, corner);
		}
	}
	return samples;
}

function predicted(filter: number, left: number, up: number, corner: number): number {
	switch (filter) {
		case 0:
			return 0;
		case 1:
			return left;
		case 2:
			return up;
		case 3:
			return (left + up) >> 1;
		case 4:
			return nearestOf(left, up, corner);
		default:
			throw new Error(`the PNG has the unknown filter ${filter}`);
	}
}

/** Paeth's predictor: whichever of the three is nearest to left + up - corner; the earlier one if in doubt. */
function nearestOf(left: number, up: number, corner: number): number {
	const [toLeft, toUp, toCorner] = [
		Math.abs(up - corner),
		Math.abs(left - corner),
		Math.abs(left + up - 2 * corner),
	];
	if (toLeft <= toUp && toLeft <= toCorner) return left;
	return toUp <= toCorner ? up : corner;
}

function colourReader(
	type: number,
	samples: Buffer,
	chunks: ReadonlyMap<string, readonly Buffer[]>,
): (at: number) => number {
	const byte = (at: number) => samples[at] ?? 0;
	switch (type) {
		case 0:
			return (at) => onWhite(byte(at), byte(at), byte(at), 255);
		case 2:
			return (at) => onWhite(byte(at), byte(at + 1), byte(at + 2), 255);
		case 4:
			return (at) => onWhite(byte(at), byte(at), byte(at), byte(at + 1));
		case 6:
			return (at) => onWhite(byte(at), byte(at + 1), byte(at + 2), byte(at + 3));
		default: {
			const palette = Buffer.concat(chunks.get('PLTE') ?? []);
			const alphas = Buffer.concat(chunks.get('tRNS') ?? []);
			const colour = (index: number) => palette[index] ?? 0;
			return (at) => {
				const index = 3 * byte(at);
				return onWhite(colour(index), colour(index + 1), colour(index + 2), alphas[byte(at)] ?? 255);
			};
		}
	}
}

function onWhite(red: number, green: number, blue: number, alpha: number): number {
	const mixed = (sample: number) => Math.round((sample * alpha + 255 * (255 - alpha)) / 255);
	return (mixed(red) << 16) | (mixed(green) << 8) | mixed(blue);
}
