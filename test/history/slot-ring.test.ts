import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	emptyRing,
	isBlankRing,
	type RingWrite,
	readRing,
	readRingHeader,
	resizedRing,
	ringBytes,
	ringCapacity,
	ringWrites,
	type SlotRecord,
} from '../../src/history/slot-ring.ts';

const shape = { stepSeconds: 60, pings: 20, capacity: 10 };
const epoch = 1_795_240_800;

function apply(ring: Buffer, writes: readonly RingWrite[]): void {
	for (const { offset, bytes } of writes) bytes.copy(ring, offset);
}

const slot = (at: number, loss: number | null, medianSeconds: number | null): SlotRecord => ({
	timeSeconds: epoch + at * 60,
	loss,
	medianSeconds,
});

describe('a ring of slots', () => {
	test('has a fixed size, of four bytes a slot', () => {
		expect(ringCapacity(60, 8 * 86_400)).toBe(11_520);
		expect(emptyRing({ stepSeconds: 60, pings: 5, capacity: 11_520 })).toHaveLength(46_112);
		expect(ringBytes(11_520)).toBe(46_112);
	});

	test('says what is not measured as unknown, also between two slots that are', () => {
		const ring = emptyRing(shape);
		const first = ringWrites(shape, 0, [slot(0, 0, 0.02)]);
		apply(ring, first.writes);
		const later = ringWrites(shape, first.lastSeconds, [slot(3, 20, null), slot(2, null, null)]);
		apply(ring, later.writes);
		expect(later.lastSeconds).toBe(epoch + 180);
		expect(readRing(ring, epoch, epoch + 600)).toEqual([
			slot(0, 0, expect.closeTo(0.02, 6) as never),
			slot(1, null, null),
			slot(2, null, null),
			slot(3, 20, null),
		]);
		expect(readRing(ring, epoch + 61, epoch + 180)).toEqual([slot(2, null, null)]);
	});

	test('slots of the lap before do not come back after a long silence', () => {
		const ring = emptyRing(shape);
		let last = 0;
		for (let at = 0; at < 10; at++) {
			const { writes, lastSeconds } = ringWrites(shape, last, [slot(at, 1, 0.5)]);
			apply(ring, writes);
			last = lastSeconds;
		}
		apply(ring, ringWrites(shape, last, [slot(1005, 0, 0.1)]).writes);
		expect(readRing(ring, 0, Number.MAX_SAFE_INTEGER).map(({ loss }) => loss)).toEqual([
			...Array.from({ length: 9 }, () => null),
			0,
		]);
	});

	test('a header is written after the slots that it tells of', () => {
		const { writes } = ringWrites(shape, 0, [slot(0, 0, 0.02)]);
		expect(writes.map(({ offset }) => offset).at(-1)).toBe(0);
	});

	test('what is no such file is none', () => {
		for (const bytes of [
			Buffer.alloc(0),
			Buffer.alloc(4096),
			Buffer.from('PMSLOTS1'),
			emptyRing(shape).subarray(0, 40),
		])
			expect(readRing(bytes, 0, Number.MAX_SAFE_INTEGER)).toEqual([]);
		expect(readRingHeader(Buffer.alloc(64))).toBeNull();
		expect(readRingHeader(emptyRing(shape))).toEqual({ ...shape, lastSeconds: 0 });
	});

	test('keeps the newest slots in a ring of another length', () => {
		const length = fc.integer({ min: 1, max: 12 });
		fc.assert(
			fc.property(length, length, fc.integer({ min: 1, max: 40 }), (before, after, slots) => {
				const old = { ...shape, capacity: before };
				const ring = emptyRing(old);
				expect(isBlankRing(ring)).toBe(true);
				const records = Array.from({ length: slots }, (_, at) => slot(at, 1 + (at % 20), null));
				apply(ring, ringWrites(old, 0, records).writes);
				expect(isBlankRing(ring)).toBe(false);
				const resized = resizedRing(ring, { ...shape, capacity: after });
				expect(resized).toHaveLength(ringBytes(after));
				const known = readRing(resized, epoch, Number.MAX_SAFE_INTEGER).filter(({ loss }) => loss !== null);
				expect(known).toEqual(records.slice(-Math.min(before, after)));
			}),
		);
	});

	test('gives back what was put in, whatever the order, gaps and lots are', () => {
		const median = fc.double({ min: 1e-7, max: 180, noNaN: true });
		const record = fc
			.record({ at: fc.integer({ min: 0, max: 60 }), loss: fc.integer({ min: 0, max: 20 }), median })
			.map(({ at, loss, median: seconds }) => slot(at, loss, loss === 20 ? null : seconds));
		fc.assert(
			fc.property(fc.array(fc.array(record, { minLength: 1, maxLength: 6 }), { maxLength: 8 }), (lots) => {
				const ring = emptyRing(shape);
				const known = new Map<number, SlotRecord>();
				let last = 0;
				for (const lot of lots) {
					const { writes, lastSeconds } = ringWrites(shape, last, lot);
					apply(ring, writes);
					last = lastSeconds;
					for (const one of lot) known.set(one.timeSeconds, one);
					// What the ring had no room for when it came, or has none for now, is gone for good.
					for (const time of known.keys()) if (time <= last - 600) known.delete(time);
				}
				const read = readRing(ring, 0, Number.MAX_SAFE_INTEGER);
				for (const { timeSeconds, loss, medianSeconds } of read) {
					const put = known.get(timeSeconds);
					expect(loss).toBe(put?.loss ?? null);
					if (put?.medianSeconds == null) expect(medianSeconds).toBeNull();
					else expect((medianSeconds ?? 0) / put.medianSeconds).toBeCloseTo(1, 4);
				}
				expect(new Set(read.map(({ timeSeconds }) => timeSeconds))).toEqual(
					new Set([...read.map(({ timeSeconds }) => timeSeconds), ...known.keys()]),
				);
			}),
		);
	});
});
