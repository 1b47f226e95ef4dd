import { execFileSync } from 'node:child_process';
import { crc32, deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { withFewColours } from '../../../src/commands/terminal/few-colours.ts';
import { readPng } from '../../../src/commands/terminal/png-pixels.ts';
import { sixelText } from '../../../src/commands/terminal/sixel.ts';
import { readSixels } from '../../support/sixels.ts';

// ---- PNG ----

interface PngCase {
	readonly type: number;
	readonly channels: number;
	readonly depth?: number;
	readonly interlace?: number;
	readonly extra?: readonly Buffer[];
}

/** A PNG of these samples, with another of the five filters in each row. */
function png(samples: Buffer, width: number, height: number, { type, channels, ...rest }: PngCase): Buffer {
	const rowBytes = width * channels;
	const sample = (row: number, column: number) =>
		row < 0 || column < 0 ? 0 : (samples[row * rowBytes + column] ?? 0);
	const rows = Array.from({ length: height }, (_, row) => {
		const filter = row % 5;
		const bytes = Array.from({ length: rowBytes }, (_, column) => {
			const a = sample(row, column - channels);
			const b = sample(row - 1, column);
			const c = column < channels ? 0 : sample(row - 1, column - channels);
			return sample(row, column) - (filters[filter]?.(a, b, c) ?? 0);
		});
		return Buffer.from([filter, ...bytes]);
	});
	const header = Buffer.alloc(13);
	header.writeUInt32BE(width, 0);
	header.writeUInt32BE(height, 4);
	header.set([rest.depth ?? 8, type, 0, 0, rest.interlace ?? 0], 8);
	const data = deflateSync(Buffer.concat(rows));
	return Buffer.concat([
		Buffer.from('89504e470d0a1a0a', 'hex'),
		chunk('IHDR', header),
		...(rest.extra ?? []),
		// In two parts, as long ones are.
		chunk('IDAT', data.subarray(0, 10)),
		chunk('IDAT', data.subarray(10)),
		chunk('IEND', Buffer.alloc(0)),
	]);
}

const filters: readonly ((a: number, b: number, c: number) => number)[] = [
	() => 0,
	(a) => a,
	(_, b) => b,
	(a, b) => Math.floor((a + b) / 2),
	(a, b, c) => [a, b, c].sort((x, y) => Math.abs(a + b - c - x) - Math.abs(a + b - c - y))[0] ?? 0,
];

function chunk(name: string, data: Buffer): Buffer {
	const named = Buffer.concat([Buffer.from(name), data]);
	const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
	length.writeUInt32BE(data.length);
	sum.writeUInt32BE(crc32(named));
	return Buffer.concat([length, named, sum]);
}

/** Samples that repeat at no filter's distance. */
function someSamples(count: number): Buffer {
	return Buffer.from(Array.from({ length: count }, (_, index) => (index * index * 7 + index * 31) % 256));
}

const [width, height] = [7, 12];

test.each([
	['grey', { type: 0, channels: 1 }],
	['RGB', { type: 2, channels: 3 }],
	['grey with alpha', { type: 4, channels: 2 }],
	['RGB with alpha', { type: 6, channels: 4 }],
])('a PNG of %s is read, whatever the filters', (_, kind) => {
	const samples = someSamples(width * height * kind.channels);
	const read = readPng(png(samples, width, height, kind));
	const hasAlpha = kind.channels % 2 === 0;
	const expected = Array.from({ length: width * height }, (_, pixel) => {
		const own = [...samples.subarray(pixel * kind.channels, (pixel + 1) * kind.channels)];
		const alpha = hasAlpha ? (own.pop() ?? 0) / 255 : 1;
		const [red = 0, green = red, blue = red] = own.map((each) =>
			Math.round(each * alpha + 255 * (1 - alpha)),
		);
		return red * 65536 + green * 256 + blue;
	});
	expect([read.width, read.height]).toEqual([width, height]);
	expect([...read.colours]).toEqual(expected);
});

test('a PNG with a palette is read, with what is transparent on white', () => {
	const extra = [
		chunk('PLTE', Buffer.from('0000ffff8000102030', 'hex')),
		chunk('tRNS', Buffer.from([255, 0])),
	];
	const read = readPng(png(Buffer.from([0, 1, 2, 0]), 2, 2, { type: 3, channels: 1, extra }));
	expect([...read.colours]).toEqual([0x0000ff, 0xffffff, 0x102030, 0x0000ff]);
});

test('what is no PNG of that kind is said, not drawn', () => {
	const samples = someSamples(width * height);
	const kind = { type: 0, channels: 1 };
	expect(() => readPng(Buffer.from('GIF89a'))).toThrow('it is no PNG');
	expect(() => readPng(png(samples, width, height, { ...kind, depth: 4 }))).toThrow('another kind');
	expect(() => readPng(png(samples, width, height, { ...kind, interlace: 1 }))).toThrow('another kind');
	expect(() => readPng(png(samples, width, height, { ...kind, channels: 1, type: 2 }))).toThrow('cut off');
});

// ---- Sixels ----

function percents(colour: number): string {
	return [16, 8, 0].map((shift) => Math.round((((colour >> shift) & 255) / 255) * 100)).join(';');
}

test.each([
	[1, 1],
	[1, 6],
	[5, 7],
	[300, 13],
])('a picture of %d x %d pixels comes out of its sixels as it was', (columns, rows) => {
	const colours = Uint32Array.from(
		{ length: columns * rows },
		(_, index) =>
			// Runs of all lengths, in colours that percents tell apart.
			(Math.floor(Math.sqrt(index)) % 20) * 0x0a0805,
	);
	const text = sixelText(withFewColours({ width: columns, height: rows, colours }, 256));
	const shown = readSixels(text);
	expect([shown.width, shown.height]).toEqual([columns, rows]);
	expect(shown.pixels).toEqual([...colours].map(percents));
});

test('runs are written short', () => {
	const colours = new Uint32Array(100 * 6).fill(0x112233);
	expect(sixelText(withFewColours({ width: 100, height: 6, colours }, 256))).toBe(
		'\x1bP0;1;0q"1;1;100;6#0;2;7;13;20#0!100~-\x1b\\',
	);
});

test('a picture that rrdtool drew comes out of its sixels as it was', () => {
	const args = [
		'graph',
		'-',
		'--start',
		'1500000000',
		'--end',
		'1500003600',
		'--width',
		'300',
		'--height',
		'100',
	];
	const drawn = execFileSync('rrdtool', [...args, 'LINE1:0.5#ff0000:half', 'HRULE:0.7#0000ff80:more']);
	const pixels = readPng(drawn);
	const shown = readSixels(sixelText(withFewColours(pixels, 256)));
	expect(shown.used.size).toBeGreaterThan(20);
	const differing = shown.pixels.filter((pixel, index) => pixel !== percents(pixels.colours[index] ?? 0));
	expect(differing).toEqual([]);
});

test('of too many colours the nearest are shown', () => {
	const colours = Uint32Array.from({ length: 4096 }, (_, index) => {
		return (((index >> 8) * 17) << 16) | ((((index >> 4) & 15) * 17) << 8) | ((index & 15) * 17);
	});
	const picture = withFewColours({ width: 64, height: 64, colours }, 256);
	expect(picture.palette).toHaveLength(256);
	const distances = [...picture.indices].map((index, pixel) => {
		const [one, other] = [picture.palette[index] ?? 0, colours[pixel] ?? 0];
		return Math.max(
			...[16, 8, 0].map((shift) => Math.abs(((one >> shift) & 255) - ((other >> shift) & 255))),
		);
	});
	// 4096 colours in 256 boxes: 16 in each, which lie within 3 steps of 17 of each other at the best.
	expect(Math.max(...distances)).toBeLessThan(64);
	expect(withFewColours({ width: 64, height: 64, colours }, 2).palette).toHaveLength(2);
});
