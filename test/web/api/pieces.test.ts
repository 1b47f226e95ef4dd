/** Long answers are made in pieces, between which others have their turn. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { lineOf, sinceLineOf } from '../../../src/history/histogram-lines.ts';
import { emptyRing, type RingShape, ringWrites } from '../../../src/history/slot-ring.ts';
import { Tally } from '../../../src/history/tally.ts';
import type { InPieces } from '../../../src/model/pieces.ts';
import { readHistory, readingHistory, readingSlots, readSlots } from '../../../src/store/read-history.ts';
import { jsonPieces } from '../../../src/web/api/json-pieces.ts';
import { nextTurn } from '../../../src/web/feed/pace.ts';

const folder = mkdtempSync(join(tmpdir(), 'pingmachine-pieces-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const epoch = 1_795_240_800;

function piecesOf<T>(work: InPieces<T>): { pieces: number; value: T } {
	for (let pieces = 1; ; pieces++) {
		const { done, value } = work.next();
		if (done === true) return { pieces, value };
	}
}

describe('in pieces', () => {
	test('histograms are read, whole as in one go', () => {
		const tally = new Tally();
		tally.addCounted(0, Float64Array.of(0.02, 0.03));
		const hour = (at: number) => lineOf({ timeSeconds: epoch + at * 3600, spanSeconds: 3600, tally });
		const since = sinceLineOf({ timeSeconds: epoch, spanSeconds: 0, tally: new Tally() });
		writeFileSync(`${folder}/histograms`, since + Array.from({ length: 1000 }, (_, at) => hour(at)).join(''));
		const { pieces, value } = piecesOf(readingHistory(folder));
		expect(value.hours).toHaveLength(1000);
		expect(value).toEqual(readHistory(folder));
		expect(pieces).toBeGreaterThan(20);
	});

	test('slots are read, the newest as many as are wanted', () => {
		const shape: RingShape = { stepSeconds: 1, pings: 1, capacity: 40_000 };
		const ring = emptyRing(shape);
		const records = Array.from({ length: 30_000 }, (_, at) => ({
			...{ timeSeconds: epoch + at, loss: at % 2, medianSeconds: at % 2 === 0 ? 0.02 : null },
		}));
		for (const { offset, bytes } of ringWrites(shape, 0, records).writes) bytes.copy(ring, offset);
		writeFileSync(`${folder}/slots`, ring);
		const all = readSlots(folder, 0, Number.POSITIVE_INFINITY);
		expect(all.map(({ timeSeconds }) => timeSeconds)).toEqual(records.map(({ timeSeconds }) => timeSeconds));
		const { pieces, value } = piecesOf(readingSlots(folder, epoch + 10, Number.POSITIVE_INFINITY, 20_000));
		expect(value).toEqual(all.slice(-20_000));
		expect(pieces).toBeGreaterThan(4);
		const some = piecesOf(readingSlots(folder, 0, epoch + 9000, 5)).value;
		expect(some).toEqual(all.slice(8995, 9000));
	});

	test('JSON is written, the same as in one go', () => {
		fc.assert(
			fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
				expect([...jsonPieces(value)].join('')).toBe(JSON.stringify(value));
			}),
		);
		const lists = { a: Array.from({ length: 1000 }, (_, at) => (at % 3 === 0 ? null : at)), b: undefined };
		const pieces = [...jsonPieces(lists)];
		expect(pieces.join('')).toBe(JSON.stringify(lists));
		expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(2000);
		expect([...jsonPieces([undefined, { d: new Date(0) }])].join('')).toBe(
			'[null,{"d":"1970-01-01T00:00:00.000Z"}]',
		);
	});
});

test('however many long answers are made, one goes on in a turn of the event loop', async () => {
	let turn = 0;
	let isOver = false;
	const count = () => {
		turn++;
		if (!isOver) setImmediate(count);
	};
	setImmediate(count);
	const turns: number[] = [];
	const answer = async () => {
		for (let piece = 0; piece < 10; piece++) {
			await nextTurn();
			turns.push(turn);
		}
	};
	await Promise.all([answer(), answer(), answer()]);
	isOver = true;
	expect(new Set(turns).size).toBe(30);
});
