import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRrd, type FetchedRows, type FetchQuery, fetchRrd, updateRrd } from '../../src/rrd/index.ts';
import { Rrdtool } from './rrdtool.ts';
import { anyShape, anyUpdates, baseSeconds, smokepingShape, timeOf } from './shapes.ts';

let directory: string;
let path: string;
let rrdtool: Rrdtool;

beforeAll(async () => {
	directory = await mkdtemp(join(tmpdir(), 'rrd-fetch-'));
	path = join(directory, 'fetch.rrd');
	rrdtool = new Rrdtool();
});

afterAll(async () => {
	await rrdtool.end();
	await rm(directory, { recursive: true });
});

async function expectSameFetch(query: FetchQuery): Promise<void> {
	const { consolidation, startSeconds, endSeconds, resolutionSeconds } = query;
	const resolution = resolutionSeconds === undefined ? '' : `--resolution ${resolutionSeconds}`;
	const printed = await rrdtool.run(
		`fetch ${path} ${consolidation} --start ${startSeconds} --end ${endSeconds} ${resolution}`,
	);
	const [names, , ...rows] = printed.trimEnd().split('\n');
	const fetched = fetchRrd(path, query);
	expect(fetched.names).toEqual(names?.trim().split(/ +/));
	expect(linesOf(fetched)).toEqual(rows.map((row) => row.replaceAll('-nan', 'nan').trimEnd()));
}

/** As rrdtool prints it. */
function linesOf({ startSeconds, endSeconds, stepSeconds, names, values }: FetchedRows): string[] {
	const rows = values.length / names.length;
	expect(startSeconds + rows * stepSeconds).toBe(endSeconds);
	return Array.from({ length: rows }, (_, row) => {
		const cells = values.subarray(row * names.length, (row + 1) * names.length);
		return `${startSeconds + (row + 1) * stepSeconds}: ${Array.from(cells, printedValue).join(' ')}`;
	});
}

function printedValue(value: number): string {
	if (Number.isNaN(value)) return 'nan';
	if (Math.abs(value) === Number.POSITIVE_INFINITY) return value > 0 ? 'inf' : '-inf';
	const [digits, exponent = '+0'] = value.toExponential(10).split('e');
	return `${digits}e${exponent.slice(0, 1)}${exponent.slice(1).padStart(2, '0')}`;
}

const anyConsolidation = fc.constantFrom('AVERAGE', 'AVERAGE', 'MIN', 'MAX', 'LAST');

/** Spans in units of a step, before, around and after what the file holds. */
const anySpan = fc.record({
	fromSteps: fc.oneof(
		fc.double({ min: -300, max: 100, noNaN: true }),
		fc.double({ min: -40, max: 5, noNaN: true }),
	),
	lengthSteps: fc.oneof(
		fc.constant(0),
		fc.double({ min: 0, max: 400, noNaN: true }),
		fc.double({ min: 0, max: 40, noNaN: true }),
	),
	resolutionSteps: fc.option(fc.double({ min: 0, max: 30, noNaN: true }), { nil: undefined }),
});

test('any span of any small file is what rrdtool fetches', async () => {
	const spans = fc.array(fc.tuple(anyConsolidation, anySpan), { minLength: 8, maxLength: 8 });
	await fc.assert(
		fc.asyncProperty(anyShape, anyUpdates(3, 40), spans, async (shape, updates, wanted) => {
			await rm(path, { force: true });
			createRrd(path, shape, baseSeconds);
			let time = baseSeconds;
			for (const update of updates) {
				time = timeOf(update, shape.stepSeconds, time);
				updateRrd(path, time, update.values.slice(0, shape.dataSources.length));
			}
			for (const [consolidation, { fromSteps, lengthSteps, resolutionSteps }] of wanted) {
				const startSeconds = time + Math.round(fromSteps * shape.stepSeconds);
				const query: FetchQuery = {
					consolidation,
					startSeconds,
					endSeconds: startSeconds + Math.round(lengthSteps * shape.stepSeconds),
					...(resolutionSteps !== undefined && {
						resolutionSeconds: Math.max(1, Math.round(resolutionSteps * shape.stepSeconds)),
					}),
				};
				await expectSameFetchOrRefusal(query);
			}
		}),
		{ numRuns: 400 },
	);
});

/** rrdtool refuses a consolidation that no archive has; so do we. */
async function expectSameFetchOrRefusal(query: FetchQuery): Promise<void> {
	const { consolidation, startSeconds, endSeconds } = query;
	const refusal = await rrdtool
		.run(`fetch ${path} ${consolidation} --start ${startSeconds} --end ${endSeconds}`)
		.then(() => null, String);
	if (refusal === null) await expectSameFetch(query);
	else expect(() => fetchRrd(path, query)).toThrow(RangeError);
}

describe('main.rrd', () => {
	test.each([
		[60, 5],
		[300, 2],
		[600, 2],
	])('of step %d, pings %d', async (stepSeconds, pings) => {
		await rm(path, { force: true });
		const shape = smokepingShape(stepSeconds, pings);
		const start = 1_700_006_400;
		createRrd(path, shape, start);
		const count = 2000;
		for (let index = 1; index <= count; index += 1) {
			updateRrd(
				path,
				start + index * stepSeconds,
				shape.dataSources.map((_, source) => (index + source) % 7),
			);
		}
		const end = start + count * stepSeconds;
		for (const consolidation of ['AVERAGE', 'MIN', 'MAX'] as const) {
			for (const hours of [1, 10, 100, 1000, 10_000]) {
				await expectSameFetch({ consolidation, startSeconds: end - hours * 3600, endSeconds: end });
				await expectSameFetch({
					consolidation,
					startSeconds: end - hours * 3600,
					endSeconds: end,
					resolutionSeconds: 3600,
				});
			}
		}
	});
});

describe('a span that cannot be is refused', () => {
	test.each([
		[100, 99, 'the end 99 is before the start 100'],
		[-1, 99, 'whole seconds since the epoch'],
		[0.5, 99, 'whole seconds since the epoch'],
		[0, Number.POSITIVE_INFINITY, 'whole seconds since the epoch'],
		[0, Number.MAX_SAFE_INTEGER, 'too many rows'],
	])('%d to %d', async (startSeconds, endSeconds, message) => {
		await rm(path, { force: true });
		createRrd(path, smokepingShape(60, 1), baseSeconds);
		expect(() => fetchRrd(path, { consolidation: 'AVERAGE', startSeconds, endSeconds })).toThrow(message);
	});
});
