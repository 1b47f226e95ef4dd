import { execFileSync } from 'node:child_process';
import {
	chmodSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	symlinkSync,
	truncateSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
	createRrd,
	fetchRrd,
	RrdDamaged,
	RrdOtherShape,
	RrdTooEarly,
	readRrdHeader,
	updateRrd,
} from '../../src/rrd/index.ts';
import { asNobody } from '../support/as-nobody.ts';
import { Rrdtool } from './rrdtool.ts';
import { smokepingShape } from './shapes.ts';

const start = 1_700_006_400;
const shape = smokepingShape(60, 2);
const sample = [0, 1, 1, 1];
/** Everything before the time of the last update, and everything before the rows. Bytes. */
const definitionBytes = 128 + 120 * (4 + 16);
const headerBytes = definitionBytes + 16 + 112 * 4 + 80 * 4 * 16 + 8 * 16;

let directory: string;
let path: string;
let good: Buffer;

beforeAll(() => {
	directory = mkdtempSync(join(tmpdir(), 'rrd-damage-'));
	path = join(directory, 'main.rrd');
	createRrd(path, shape, start);
	for (let index = 1; index <= 10; index += 1) updateRrd(path, start + index * 60, sample);
	good = readFileSync(path);
});

afterAll(() => rmSync(directory, { recursive: true }));

beforeEach(() => rmSync(path, { force: true, recursive: true }));

const everyUse: readonly [string, () => unknown][] = [
	['readRrdHeader', () => readRrdHeader(path)],
	['updateRrd', () => updateRrd(path, start + 660, sample)],
	[
		'fetchRrd',
		() => fetchRrd(path, { consolidation: 'AVERAGE', startSeconds: start, endSeconds: start + 600 }),
	],
];

/** All uses refuse the file, for the reason, and leave it as it is. */
function expectDamaged(reason: string | RegExp): void {
	const before = readFileSync(path);
	for (const [name, use] of everyUse) {
		const error = errorOf(use);
		expect(error, name).toBeInstanceOf(RrdDamaged);
		expect((error as RrdDamaged).reason).toMatch(reason);
		expect((error as RrdDamaged).message).toContain(path);
	}
	expect(readFileSync(path).equals(before)).toBe(true);
}

function errorOf(use: () => unknown): unknown {
	try {
		use();
		return null;
	} catch (error) {
		return error;
	}
}

/** The good file with other bytes at one place. */
function writeChanged(at: number, ...bytes: number[]): void {
	const changed = Buffer.from(good);
	changed.set(bytes, at);
	writeFileSync(path, changed);
}

describe('is found, named and left alone:', () => {
	test('a file cut short anywhere', () => {
		fc.assert(
			fc.property(
				fc.oneof(
					fc.integer({ min: 0, max: good.length - 1 }),
					fc.integer({ min: 0, max: headerBytes + 10 }),
					fc.constantFrom(0, 1, 127, 128, good.length - 1),
				),
				(length) => {
					writeFileSync(path, good.subarray(0, length));
					expectDamaged(/too few for an RRD|cannot hold|bytes long instead of/);
				},
			),
			{ numRuns: 100 },
		);
	});

	test('a file that is too long', () => {
		writeFileSync(path, Buffer.concat([good, Buffer.alloc(1)]));
		expectDamaged(`is ${good.length + 1} bytes long instead of ${good.length}`);
	});

	test('zeros, all over or in the header alone', () => {
		writeFileSync(path, Buffer.alloc(good.length));
		expectDamaged('does not begin like an RRD');
		writeChanged(0, ...new Array<number>(headerBytes).fill(0));
		expectDamaged('does not begin like an RRD');
	});

	test('text', () => {
		writeFileSync(path, 'Not an RRD at all.\n'.repeat(100));
		expectDamaged('does not begin like an RRD');
	});

	test('another version', () => {
		writeChanged(7, '4'.charCodeAt(0));
		expectDamaged('is of RRD version "0004", not "0003"');
	});

	test('other number formats', () => {
		writeChanged(16, 1, 2, 3);
		expectDamaged('other number formats');
	});

	test.each([
		['no data sources', 24, [0]],
		['millions of data sources', 24, [0, 0, 0, 1]],
		['a monstrous number of data sources', 31, [0xff]],
		['no archives', 32, [0]],
		['a monstrous number of archives', 39, [0x7f]],
	])('%s', (_name, at, bytes) => {
		writeChanged(at, ...bytes);
		expectDamaged(/cannot hold \d+ data sources and \d+ archives/);
	});

	test('counts that only a monstrous file could hold, in a monstrous file, without taking memory for them', () => {
		// 0x01000000 data sources: a header of 22 GB.
		writeChanged(24, 0, 0, 0, 1);
		truncateSync(path, 2 ** 40);
		const before = process.memoryUsage();
		for (const [name, use] of everyUse) expect(errorOf(use), name).toBeInstanceOf(RrdDamaged);
		expect(process.memoryUsage().rss - before.rss).toBeLessThan(50e6);
		truncateSync(path, 0);
	});

	test.each([
		['a step of 0 s', 40, [0]],
		['its type is "DAUGE", not "GAUGE"', 128 + 20, ['D'.charCodeAt(0)]],
		['its type is "", not "GAUGE"', 128 + 20, [0]],
		['a name is 1 to 19 letters', 128, [0xff]],
		['a name is 1 to 19 letters', 128, new Array<number>(20).fill('x'.charCodeAt(0))],
		['a heartbeat of 0 s', 128 + 40, [0]],
		['is not below its maximum', 128 + 48 + 7, [0x7f, 0, 0, 0, 0, 0, 0, 0, 0]],
		['its consolidation is "AVERAGF"', 128 + 480 + 6, ['F'.charCodeAt(0)]],
		['0 rows', 128 + 480 + 24, [0, 0]],
		['0 steps per row', 128 + 480 + 32, [0]],
		['an xff of', 128 + 480 + 47, [0x7f]],
		['its last update is at an impossible time', definitionBytes + 7, [1]],
		['its last update is at an impossible time', definitionBytes + 8 + 3, [1]],
		['its last update is at an impossible time', definitionBytes, [0, 0, 0, 0]],
		['a row pointer is 65535, but there are 900 rows', headerBytes - 16 * 8, [0xff, 0xff]],
		['a row pointer is', headerBytes - 1, [0x80]],
	])('%s', (reason, at, bytes) => {
		writeChanged(at, ...bytes);
		expectDamaged(reason);
	});

	test('a file of another kind of RRD: a data source COUNTER, an archive HWPREDICT', async () => {
		const rrdtool = new Rrdtool();
		await rrdtool.run(`create ${path} --step 60 DS:c:COUNTER:120:0:U RRA:AVERAGE:0.5:1:10`);
		expectDamaged('data source "c": its type is "COUNTER", not "GAUGE"');
		await rrdtool.run(`create ${path} --step 60 DS:c:GAUGE:120:0:U RRA:HWPREDICT:100:0.1:0.1:10`);
		expectDamaged(/is of RRD version "0004"|its consolidation is "HWPREDICT"/);
		await rrdtool.end();
	});
});

test('any flipped bits in the header: the file is refused, or used without harm', () => {
	fc.assert(
		fc.property(
			fc.array(fc.integer({ min: 0, max: headerBytes * 8 - 1 }), { minLength: 1, maxLength: 4 }),
			(bits) => {
				const changed = Buffer.from(good);
				for (const bit of bits) changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
				writeFileSync(path, changed);
				for (const [name, use] of everyUse) {
					const error = errorOf(use);
					if (error === null || error instanceof RrdDamaged || error instanceof RrdTooEarly) continue;
					expect.unreachable(`${name}: ${String(error)}`);
				}
				expect(readFileSync(path).length).toBe(good.length);
			},
		),
		{ numRuns: 1500 },
	);
});

test('any flipped bit in what was defined at creation: refused when the shape is known', () => {
	// Whatever follows the names and the numbers in the head, data sources and archives means nothing.
	const isUsed = (byte: number) => {
		if (byte < 128) return byte < 9 || (byte >= 16 && byte < 48);
		const part = (byte - 128) % 120;
		if (byte < 128 + 480) return part < 5 || (part >= 20 && part < 26) || (part >= 40 && part < 64);
		return part < 4 || (part >= 24 && part < 48);
	};
	fc.assert(
		fc.property(fc.integer({ min: 0, max: (definitionBytes - 16) * 8 - 1 }), (bit) => {
			if (!isUsed(bit >> 3)) return;
			writeChanged(bit >> 3, good.readUInt8(bit >> 3) ^ (1 << (bit & 7)));
			const error = errorOf(() => updateRrd(path, start + 660, sample, shape));
			expect(error instanceof RrdDamaged || error instanceof RrdOtherShape, String(error)).toBe(true);
		}),
		{ numRuns: 5000 },
	);
});

describe('what is no file, or cannot be read, is an error at once:', () => {
	test('nothing', () => {
		for (const [, use] of everyUse) expect(use).toThrow('ENOENT');
	});

	test('a folder', () => {
		mkdirSync(path);
		for (const [, use] of everyUse) expect(use).toThrow(/EISDIR|is not a regular file/);
	});

	test('a FIFO', () => {
		execFileSync('mkfifo', [path]);
		for (const [, use] of everyUse) expect(use).toThrow('is not a regular file');
	});

	test('a device', () => {
		symlinkSync('/dev/zero', path);
		for (const [, use] of everyUse) expect(use).toThrow(/is not a regular file|ELOOP/);
	});

	test('a symbolic link to itself', () => {
		symlinkSync(path, path);
		for (const [, use] of everyUse) expect(use).toThrow('ELOOP');
	});

	test('a file that may not be read', () => {
		writeFileSync(path, good);
		chmodSync(path, 0);
		// Root may read everything, so ask as nobody.
		const readAsNobody = () => asNobody(() => errorOf(() => readRrdHeader(path)));
		chmodSync(directory, 0o755);
		expect(String(readAsNobody())).toContain('EACCES');
	});
});

test('a link to a good file is read, but not written through', () => {
	const elsewhere = join(directory, 'elsewhere.rrd');
	writeFileSync(elsewhere, good);
	symlinkSync(elsewhere, path);
	expect(readRrdHeader(path)).toEqual(readRrdHeader(elsewhere));
	expect(() => updateRrd(path, start + 660, sample)).toThrow(/ELOOP/);
	expect(readFileSync(elsewhere).equals(good)).toBe(true);
});
