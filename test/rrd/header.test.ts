import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRrd, type RrdShape, readRrdHeader, sameShape, updateRrd } from '../../src/rrd/index.ts';
import { Rrdtool } from './rrdtool.ts';
import { anyShape, baseSeconds, smokepingShape } from './shapes.ts';

let directory: string;
let path: string;
let rrdtool: Rrdtool;

beforeAll(() => {
	directory = mkdtempSync(join(tmpdir(), 'rrd-header-'));
	path = join(directory, 'main.rrd');
	rrdtool = new Rrdtool();
});

afterAll(async () => {
	await rrdtool.end();
	rmSync(directory, { recursive: true });
});

test('the shape of any file comes back, whoever made it', async () => {
	await fc.assert(
		fc.asyncProperty(anyShape, fc.boolean(), async (shape, isOurs) => {
			rmSync(path, { force: true });
			if (isOurs) createRrd(path, shape, baseSeconds);
			else await rrdtool.create(path, shape, baseSeconds);
			const header = readRrdHeader(path);
			expect(header.shape).toEqual(shape);
			expect(sameShape(header.shape, shape)).toBe(true);
			expect(header.lastUpdateSeconds).toBe(baseSeconds);
		}),
		{ numRuns: 150 },
	);
});

test('the last update comes back, also one of rrdtool at a fraction of a second', async () => {
	const shape = smokepingShape(60, 1);
	rmSync(path, { force: true });
	createRrd(path, shape, baseSeconds);
	updateRrd(path, baseSeconds + 100, [0, 1, 1]);
	expect(readRrdHeader(path)).toMatchObject({
		lastUpdateSeconds: baseSeconds + 100,
		lastUpdateMicroseconds: 0,
	});
	await rrdtool.run(`update ${path} ${baseSeconds + 101}.25:0:1:1`);
	expect(readRrdHeader(path)).toMatchObject({
		lastUpdateSeconds: baseSeconds + 101,
		lastUpdateMicroseconds: 250_000,
	});
});

test('many shapes, small and large, are told apart by turns', () => {
	const shapes = Array.from({ length: 50 }, (_, index) =>
		smokepingShape(60 + index, 1 + ((index * 37) % 400)),
	);
	for (const round of [1, 2]) {
		for (const [index, shape] of shapes.entries()) {
			const file = join(directory, `${index}.rrd`);
			if (round === 1) createRrd(file, { ...shape, archives: shape.archives.slice(0, 3) }, baseSeconds);
			expect(readRrdHeader(file).shape.dataSources).toEqual(shape.dataSources);
		}
	}
});

test('shapes that differ anywhere are not the same', () => {
	const shape = smokepingShape(60, 2);
	const [source, ...sources] = shape.dataSources;
	const [archive, ...archives] = shape.archives;
	if (source === undefined || archive === undefined) throw new Error('an empty shape');
	const others: RrdShape[] = [
		{ ...shape, stepSeconds: 61 },
		{ ...shape, dataSources: sources },
		{ ...shape, dataSources: [...shape.dataSources].reverse() },
		...[{ name: 'x' }, { heartbeatSeconds: 121 }, { min: 1 }, { min: Number.NaN }, { max: 181 }].map(
			(change) => ({
				...shape,
				dataSources: [{ ...source, ...change }, ...sources],
			}),
		),
		{ ...shape, archives },
		...[{ consolidation: 'LAST' as const }, { stepsPerRow: 2 }, { rows: 901 }, { xff: 0.4 }].map(
			(change) => ({
				...shape,
				archives: [{ ...archive, ...change }, ...archives],
			}),
		),
	];
	for (const other of others) {
		expect(sameShape(shape, other)).toBe(false);
		expect(sameShape(other, shape)).toBe(false);
	}
	expect(sameShape(shape, smokepingShape(60, 2))).toBe(true);
});
