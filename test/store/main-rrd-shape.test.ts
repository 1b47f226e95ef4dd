import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { measured } from '../../src/model/outcome.ts';
import { createRrd } from '../../src/rrd/index.ts';
import { addRow } from '../../src/store/main-rrd.ts';
import { mainRrdShape, smokepingRow } from '../../src/store/main-rrd-shape.ts';
import { storedOf } from './support/stored.ts';

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'pingmachine-shape-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** `AVERAGE 1x900` and so on. */
function archivesOf(stepSeconds: number, template: 'smokeping' | 'short' = 'smokeping'): string[] {
	return mainRrdShape(template, stepSeconds, 5).archives.map(
		({ consolidation, stepsPerRow, rows }) => `${consolidation} ${stepsPerRow}x${rows}`,
	);
}

function inOrder(consolidations: string, span: string): string[] {
	return consolidations.split(' ').map((consolidation) => `${consolidation} ${span}`);
}

describe('mainRrdShape', () => {
	it.each([
		[60, [5, 30, 60, 720, 10080]],
		[1, [300, 1800, 3600, 43200, 604800]],
		[299, [1, 6, 12, 144, 2023]],
		[37, [8, 49, 97, 1168, 16346]],
	])('of a step of %d s', (step, [fiveMinutes, halfHour, hour, halfDay, week]) => {
		expect(archivesOf(step)).toEqual([
			'AVERAGE 1x900',
			...inOrder('AVERAGE MIN MAX', `${fiveMinutes}x864`),
			...inOrder('AVERAGE MIN MAX', `${halfHour}x480`),
			...inOrder('AVERAGE MIN MAX', `${hour}x960`),
			...inOrder('AVERAGE MAX MIN', `${halfDay}x800`),
			...inOrder('AVERAGE MAX MIN', `${week}x520`),
		]);
	});

	it('of a step of 300 s', () => {
		expect(archivesOf(300)).toEqual([
			'AVERAGE 1x864',
			...inOrder('AVERAGE MIN MAX', '6x480'),
			...inOrder('AVERAGE MIN MAX', '12x960'),
			...inOrder('AVERAGE MAX MIN', '144x800'),
			...inOrder('AVERAGE MAX MIN', '2016x520'),
		]);
	});

	it('of a longer step', () => {
		expect(archivesOf(301)).toEqual([
			'AVERAGE 1x1008',
			...inOrder('AVERAGE MIN MAX', '12x4320'),
			...inOrder('AVERAGE MAX MIN', '144x720'),
		]);
	});

	it.each([
		[1, ['1x240', '300x576', '1800x1920']],
		[60, ['1x240', '5x576', '30x1920']],
		[37, ['1x240', '8x576', '49x1920']],
		[300, ['1x576', '6x1920']],
		[600, ['1x576', '3x1920']],
		[1000, ['1x240', '2x1920']],
		[1800, ['1x1920']],
		[3600, ['1x1920']],
		[604_800, ['1x240']],
	])('of the template short with a step of %d s reaches back 40 days', (step, rows) => {
		const archives = archivesOf(step, 'short');
		expect(archives).toEqual(rows.map((row) => `AVERAGE ${row}`));
	});

	it('has loss, median and the pings', () => {
		const { dataSources, archives } = mainRrdShape('smokeping', 60, 3);
		expect(dataSources.map(({ name, max }) => [name, max])).toEqual([
			['loss', 3],
			['median', 180],
			['ping1', 180],
			['ping2', 180],
			['ping3', 180],
		]);
		expect(
			dataSources.every(
				({ type, heartbeatSeconds, min }) => type === 'GAUGE' && heartbeatSeconds === 120 && min === 0,
			),
		).toBe(true);
		expect(archives.every(({ xff }) => xff === 0.5)).toBe(true);
	});

	it.each([
		[60, 5, 672_008],
		[300, 20, 1_639_136],
	])('makes files of step %d with %d pings as long as they have always been', (step, pings, bytes) => {
		createRrd(`${folder}/main.rrd`, mainRrdShape('smokeping', step, pings), 1_795_240_000);
		expect(statSync(`${folder}/main.rrd`).size).toBe(bytes);
	});
});

describe('smokepingRow', () => {
	const unknown = Number.NaN;

	it.each([
		[4, [1, 2, 3, 4], [1, 2, 3, 4]],
		[4, [1, 2, 3], [1, 2, 3, unknown]],
		[4, [1, 2], [unknown, 1, 2, unknown]],
		[5, [1, 2], [unknown, 1, 2, unknown, unknown]],
		[3, [], [unknown, unknown, unknown]],
		[1, [7], [7]],
		[2, [1, 2, 3], [1, 2]],
	])('of %d pings with RTTs %j', (pings, received, expected) => {
		expect(smokepingRow(pings, 9, received[0] ?? null, received)).toEqual([
			9,
			received[0] ?? unknown,
			...expected,
		]);
	});

	it('is what rrdtool finds in main.rrd', () => {
		const rtt = fc.option(fc.integer({ min: 1, max: 179_000_000 }).map((microseconds) => microseconds / 1e6));
		const run = fc.record({
			step: fc.constantFrom(1, 37, 60, 300, 600),
			pings: fc.integer({ min: 1, max: 12 }),
			rtts: fc.array(rtt, { minLength: 12, maxLength: 12 }),
			sent: fc.integer({ min: 1, max: 12 }),
		});
		fc.assert(
			fc.property(run, ({ step, pings, rtts, sent }) => {
				const path = `${folder}/main.rrd`;
				rmSync(path, { force: true });
				const startSeconds = Math.ceil(1_795_240_000 / step) * step;
				const shape = mainRrdShape('smokeping', step, pings);
				createRrd(path, shape, startSeconds);
				const samples = rtts
					.slice(0, Math.min(sent, pings))
					.map((rttSeconds) => ({ sentAtSeconds: startSeconds, rttSeconds }));
				const order = { id: 'a', user: '', probe: '', target: '', tags: {} };
				const slot = { startSeconds, stepSeconds: step };
				addRow(path, shape, startSeconds, storedOf(measured(order, slot, pings, samples)));
				const found = fetchRow(path, step, startSeconds + step);
				const received = samples
					.flatMap(({ rttSeconds }) => (rttSeconds === null ? [] : [rttSeconds]))
					.sort((a, b) => a - b);
				const before = Math.floor((pings - received.length) / 2);
				const median = received[Math.floor(received.length / 2)];
				const expected = [
					samples.length - received.length,
					median ?? unknown,
					...new Array(before).fill(unknown),
					...received,
					...new Array(pings - received.length - before).fill(unknown),
				];
				expect(found).toEqual(expected);
			}),
			{ numRuns: 40 },
		);
	});
});

function fetchRow(path: string, step: number, atSeconds: number): number[] {
	const args = [
		'fetch',
		path,
		'AVERAGE',
		'-r',
		`${step}`,
		'-s',
		`${atSeconds - step}`,
		'-e',
		`${atSeconds - step}`,
	];
	const rows = execFileSync('rrdtool', args, { encoding: 'utf8' }).split('\n');
	const row = rows.find((line) => line.startsWith(`${atSeconds}: `)) ?? '';
	return row.split(' ').slice(1).map(Number);
}
