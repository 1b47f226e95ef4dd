import type { Pixels } from './png-pixels.ts';

/** A picture of few colours. */
export interface PalettePicture {
	readonly width: number;
	readonly height: number;
	/** 0xRRGGBB. */
	readonly palette: readonly number[];
	/** Row by row, for each pixel the number of its colour in `palette`. */
	readonly indices: Uint16Array;
}

interface ColourCount {
	readonly colour: number;
	/** Pixels that have it. */
	readonly count: number;
}

/** The same picture with at most so many colours, which must be 2 or more. Exact if there are no more in it. */
export function withFewColours({ width, height, colours }: Pixels, most: number): PalettePicture {
	const counts = new Map<number, number>();
	for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
	const boxes = boxesOf(
		[...counts].map(([colour, count]) => ({ colour, count })),
		most,
	);
	const indexOf = new Map(boxes.flatMap((box, index) => box.map(({ colour }) => [colour, index] as const)));
	const indices = Uint16Array.from(colours, (colour) => indexOf.get(colour) ?? 0);
	return { width, height, palette: boxes.map(averageOf), indices };
}

type Box = readonly ColourCount[];

/** Halves the box that would be most wrong with a single colour, until there are enough: the median cut. */
function boxesOf(colours: Box, most: number): readonly Box[] {
	const boxes = [{ box: colours, ...spreadOf(colours) }];
	while (boxes.length < most) {
		const worst = boxes.reduce((a, b) => (b.error > a.error ? b : a));
		if (worst.error === 0) break;
		const [low, high] = halves(worst.box, worst.shift);
		boxes.splice(boxes.indexOf(worst), 1, { box: low, ...spreadOf(low) }, { box: high, ...spreadOf(high) });
	}
	return boxes.map(({ box }) => box);
}

/** Of red, green and blue the one in which the colours of a box lie farthest apart: where its byte is, and how far. */
function spreadOf(box: Box): { readonly shift: number; readonly error: number } {
	const pixels = box.reduce((sum, { count }) => sum + count, 0);
	const spreads = [16, 8, 0].map((shift) => {
		const sum = box.reduce((total, { colour, count }) => total + sampleOf(colour, shift) * count, 0);
		const mean = sum / pixels;
		const error = box.reduce(
			(total, { colour, count }) => total + (sampleOf(colour, shift) - mean) ** 2 * count,
			0,
		);
		return { shift, error: box.length > 1 ? error : 0 };
	});
	return spreads.reduce((a, b) => (b.error > a.error ? b : a));
}

/** With about as many pixels in each; neither is empty. */
function halves(box: Box, shift: number): readonly [Box, Box] {
	const sorted = [...box].sort((a, b) => sampleOf(a.colour, shift) - sampleOf(b.colour, shift));
	const half = sorted.reduce((sum, { count }) => sum + count, 0) / 2;
	let pixels = 0;
	let at = 0;
	for (; at < sorted.length - 1 && pixels < half; at += 1) pixels += sorted[at]?.count ?? 0;
	at = Math.max(1, at);
	return [sorted.slice(0, at), sorted.slice(at)];
}

function averageOf(box: Box): number {
	const pixels = box.reduce((sum, { count }) => sum + count, 0);
	return [16, 8, 0].reduce((colour, shift) => {
		const sum = box.reduce((total, { colour: each, count }) => total + sampleOf(each, shift) * count, 0);
		return colour | (Math.round(sum / pixels) << shift);
	}, 0);
}

function sampleOf(colour: number, shift: number): number {
	return (colour >> shift) & 0xff;
}
