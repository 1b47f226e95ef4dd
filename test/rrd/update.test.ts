import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRrd, RrdOtherShape, type RrdShape, RrdTooEarly, updateRrd } from '../../src/rrd/index.ts';
import { Rrdtool } from './rrdtool.ts';
import { type AnyUpdate, anyShape, anyUpdates, baseSeconds, smokepingShape, timeOf } from './shapes.ts';

let directory: string;
let rrdtool: Rrdtool;
let files = 0;

beforeAll(async () => {
	directory = await mkdtemp(join(tmpdir(), 'rrd-update-'));
	rrdtool = new Rrdtool();
});

afterAll(async () => {
	await rrdtool.end();
	await rm(directory, { recursive: true });
});

function newPath(): string {
	files += 1;
	return join(directory, `${files}.rrd`);
}

/** Who does what to the file that is compared with one that only rrdtool touched. */
interface Hands {
	readonly creator: 'ours' | 'rrdtool';
	/** By turns. */
	readonly updaters: readonly ('ours' | 'rrdtool')[];
}

const ours: Hands = { creator: 'ours', updaters: ['ours'] };

/** Gives both files the same updates; they must be the same to `rrdtool dump` afterwards, but for a last digit. */
async function expectSameDumps(
	shape: RrdShape,
	startSeconds: number,
	updates: readonly AnyUpdate[],
	hands: Hands,
): Promise<void> {
	const path = newPath();
	const judge = newPath();
	await rrdtool.create(judge, shape, startSeconds);
	if (hands.creator === 'ours') createRrd(path, shape, startSeconds);
	else await rrdtool.create(path, shape, startSeconds);
	let time = startSeconds;
	for (const [index, update] of updates.entries()) {
		time = timeOf(update, shape.stepSeconds, time);
		const values = update.values.slice(0, shape.dataSources.length);
		await rrdtool.update(judge, time, values);
		if (hands.updaters[index % hands.updaters.length] === 'ours') updateRrd(path, time, values, shape);
		else await rrdtool.update(path, time, values);
	}
	// A dump has eleven digits. Once in some hundred thousand updates the sixteenth decides how the last one is rounded.
	expectAlmostSame(await rrdtool.dump(path), await rrdtool.dump(judge), 1e-9);
	expect(await rrdtool.run(`lastupdate ${path}`)).toBe(await rrdtool.run(`lastupdate ${judge}`));
	await rm(path);
	await rm(judge);
}

/** All texts must be the same, and no number may differ by more than this part of it. */
function expectAlmostSame(dump: string, judge: string, tolerance: number): void {
	const printedNumber = /(-?\d\.\d{10}e[+-]\d\d)/;
	const parts = dump.split(printedNumber);
	const others = judge.split(printedNumber);
	expect(parts.length).toBe(others.length);
	for (const [index, part] of parts.entries()) {
		const other = others[index] ?? '';
		if (index % 2 === 0) expect(part).toBe(other);
		else if (part !== other) expect(Math.abs(Number(part) / Number(other) - 1)).toBeLessThan(tolerance);
	}
}

describe('any updates give the file that rrdtool would have made', () => {
	const anyHands = fc.constantFrom<Hands>(
		ours,
		ours,
		{ creator: 'rrdtool', updaters: ['ours'] },
		{ creator: 'ours', updaters: ['rrdtool'] },
		{ creator: 'ours', updaters: ['ours', 'rrdtool', 'rrdtool', 'ours'] },
		{ creator: 'rrdtool', updaters: ['rrdtool', 'ours'] },
	);
	const anyStart = fc.integer({ min: baseSeconds, max: baseSeconds + 1_000_000 });

	test('small files of all sorts, whoever creates and updates them', async () => {
		await fc.assert(fc.asyncProperty(anyShape, anyStart, anyUpdates(3, 25), anyHands, expectSameDumps), {
			numRuns: 400,
		});
	});

	test.each([
		[1, 1],
		[7, 2],
		[37, 3],
		[60, 5],
		[300, 20],
		[600, 4],
	])('main.rrd of step %d, pings %d', async (stepSeconds, pings) => {
		const shape = smokepingShape(stepSeconds, pings);
		await fc.assert(
			fc.asyncProperty(anyStart, anyUpdates(pings + 2, 40), anyHands, (start, updates, hands) =>
				expectSameDumps(shape, start, updates, hands),
			),
			{ numRuns: 8 },
		);
	});
});

describe('a gap', () => {
	const shape: RrdShape = {
		stepSeconds: 10,
		dataSources: [
			{ name: 'value', type: 'GAUGE', heartbeatSeconds: 10_000, min: Number.NaN, max: Number.NaN },
		],
		archives: (['AVERAGE', 'MIN', 'MAX', 'LAST'] as const).flatMap((consolidation) =>
			[1, 4].map((stepsPerRow) => ({ consolidation, stepsPerRow, rows: 6, xff: 0.5 })),
		),
	};
	const value = (gapSteps: number, number: number): AnyUpdate => ({
		gapSteps,
		isAligned: false,
		values: [number],
	});

	test.each([2, 2.5, 4, 5.9, 6, 6.1, 24, 25, 60, 999, 1001, 30_000])('of %d steps', async (steps) => {
		for (const before of [1, 0.4]) {
			await expectSameDumps(shape, 1_700_000_000, [value(1, 3), value(before, 5), value(steps, 7)], ours);
		}
	});

	test('filled with infinity', async () => {
		for (const [steps, number] of [
			[2.6, Infinity],
			[3, -Infinity],
			[1.6, Infinity],
		] as const) {
			const updates = [value(0.5, 3), value(steps, number), value(1, 2), value(1.5, 4)];
			await expectSameDumps(shape, 1_700_000_000, updates, ours);
		}
	});

	test('after infinity less infinity', async () => {
		const short = {
			...shape,
			dataSources: shape.dataSources.map((source) => ({ ...source, heartbeatSeconds: 10 })),
		};
		const updates = [value(1, Infinity), value(1, -Infinity), value(3, 1), value(1, 2)];
		await expectSameDumps(short, 1_700_000_000, updates, ours);
	});

	test('of forty years', async () => {
		await expectSameDumps(shape, 400_000_000, [value(130_000_000, 7), value(1, 8)], ours);
	});

	test('that fills an archive larger than what is written at once', async () => {
		const large = {
			...shape,
			archives: [{ consolidation: 'MAX' as const, stepsPerRow: 1, rows: 50_000, xff: 0.5 }],
		};
		await expectSameDumps(large, 1_700_000_000, [value(777, 1), value(60_000, 5), value(1, 9)], ours);
	});
});

test('goes on from an update of rrdtool at a fraction of a second', async () => {
	await fc.assert(
		fc.asyncProperty(
			anyShape,
			anyUpdates(3, 5),
			fc.integer({ min: 10, max: 999_999 }),
			anyUpdates(3, 3),
			async (shape, before, microseconds, after) => {
				const path = newPath();
				const judge = newPath();
				createRrd(path, shape, baseSeconds);
				await rrdtool.create(judge, shape, baseSeconds);
				let time = baseSeconds;
				for (const [index, update] of [...before, ...after].entries()) {
					time = timeOf(update, shape.stepSeconds, time);
					const values = update.values.slice(0, shape.dataSources.length);
					await rrdtool.update(judge, time, values);
					updateRrd(path, time, values);
					if (index !== before.length - 1) continue;
					const fraction = `${time}.${String(microseconds).padStart(6, '0')}:${values.map(() => 3).join(':')}`;
					for (const file of [judge, path]) await rrdtool.run(`update ${file} ${fraction}`);
				}
				// Fractions of a second are not exact in binary numbers, which tells where a sum is near zero.
				expectAlmostSame(await rrdtool.dump(path), await rrdtool.dump(judge), 1e-7);
			},
		),
		{ numRuns: 100 },
	);
});

describe('an update that cannot be', () => {
	const shape = smokepingShape(60, 1);

	test('is refused at or before the last one, as by rrdtool', async () => {
		const path = newPath();
		createRrd(path, shape, 1_700_000_040);
		updateRrd(path, 1_700_000_100, [0, 1, 2]);
		const before = await rrdtool.dump(path);
		for (const time of [1_700_000_100, 1_700_000_099, 0, -5]) {
			expect(() => updateRrd(path, time, [0, 1, 2])).toThrow(RrdTooEarly);
		}
		const reason = await rrdtool.update(path, 1_700_000_099, [0, 1, 2]).catch(String);
		expect(() => updateRrd(path, 1_700_000_099, [0, 1, 2])).toThrow(
			new RrdTooEarly(path, 1_700_000_099, 1_700_000_100),
		);
		expect(reason).toContain(new RrdTooEarly(path, 1_700_000_099, 1_700_000_100).message);
		expect(await rrdtool.dump(path)).toBe(before);
	});

	test('is refused when the file has another shape than expected', async () => {
		const path = newPath();
		createRrd(path, smokepingShape(60, 2), 1_700_000_040);
		const before = await rrdtool.dump(path);
		expect(() => updateRrd(path, 1_700_000_100, [0, 1, 2], shape)).toThrow(RrdOtherShape);
		expect(await rrdtool.dump(path)).toBe(before);
	});

	test('is refused with the wrong number of values or a time that is not whole', async () => {
		const path = newPath();
		createRrd(path, shape, 1_700_000_040);
		const before = await rrdtool.dump(path);
		expect(() => updateRrd(path, 1_700_000_100, [0, 1])).toThrow('2 values for 3 data sources');
		expect(() => updateRrd(path, 1_700_000_100.5, [0, 1, 2])).toThrow('not a whole second');
		expect(() => updateRrd(path, Number.NaN, [0, 1, 2])).toThrow('not a whole second');
		expect(() => updateRrd(path, 1e15, [0, 1, 2])).toThrow('too far in the future');
		expect(await rrdtool.dump(path)).toBe(before);
	});

	test('says what the file system says', () => {
		expect(() => updateRrd(newPath(), 1_700_000_100, [0, 1, 2])).toThrow('ENOENT');
	});
});
