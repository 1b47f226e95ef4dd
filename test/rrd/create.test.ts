import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
	createRrd,
	fetchRrd,
	RrdExists,
	type RrdShape,
	readRrdHeader,
	updateRrd,
} from '../../src/rrd/index.ts';
import { compileModule } from '../support/compiled-module.ts';
import { spawnMortal } from '../support/mortal.ts';
import { Rrdtool } from './rrdtool.ts';
import { anyShape, baseSeconds, smokepingShape } from './shapes.ts';

let directory: string;
let path: string;
let rrdtool: Rrdtool;

beforeAll(() => {
	rrdtool = new Rrdtool();
});

afterAll(async () => {
	await rrdtool.end();
	rmSync(directory, { recursive: true });
});

beforeEach(() => {
	if (directory !== undefined) rmSync(directory, { recursive: true });
	directory = mkdtempSync(join(tmpdir(), 'rrd-create-'));
	path = join(directory, 'main.rrd');
});

describe('a new file is the one that rrdtool would have made', () => {
	async function expectSame(shape: RrdShape, startSeconds: number): Promise<void> {
		const judge = join(directory, 'judge.rrd');
		rmSync(path, { force: true });
		createRrd(path, shape, startSeconds);
		await rrdtool.create(judge, shape, startSeconds);
		expect(await rrdtool.dump(path)).toBe(await rrdtool.dump(judge));
		expect(statSync(path).size).toBe(statSync(judge).size);
		expect(statSync(path).mode).toBe(statSync(judge).mode);
	}

	test('of any shape', async () => {
		await fc.assert(
			fc.asyncProperty(anyShape, fc.integer({ min: baseSeconds, max: baseSeconds + 1e7 }), expectSame),
			{ numRuns: 150 },
		);
	});

	test.each([
		[1, 1],
		[37, 3],
		[60, 5],
		[300, 20],
		[600, 4],
		[86_400, 100],
	])('main.rrd of step %d, pings %d', async (stepSeconds, pings) => {
		await expectSame(smokepingShape(stepSeconds, pings), baseSeconds);
	});

	test('with names, counts and limits at their largest', async () => {
		const large = {
			stepSeconds: 2 ** 31,
			dataSources: [
				{ name: 'a234567890123456789', type: 'GAUGE', heartbeatSeconds: 2 ** 31, min: -1e300, max: 1e300 },
			],
			archives: [{ consolidation: 'AVERAGE', stepsPerRow: 100_000, rows: 100_000, xff: 0.999 }],
		} satisfies RrdShape;
		await expectSame(large, baseSeconds);
		expect(readRrdHeader(path).shape).toEqual(large);
	});
});

test.each([
	[60, 5, 672_008],
	[300, 20, 1_639_136],
])('main.rrd of step %d, pings %d has %d bytes', (stepSeconds, pings, bytes) => {
	createRrd(path, smokepingShape(stepSeconds, pings), baseSeconds);
	expect(statSync(path).size).toBe(bytes);
	expect(readRrdHeader(path).fileBytes).toBe(bytes);
	// Nothing is sparse: a full disk is met here and not in some later update.
	expect(statSync(path).blocks * 512).toBeGreaterThanOrEqual(bytes);
});

describe('rrdtool and rrdcached take a new file for one of their own', () => {
	const start = 1_700_006_400;

	beforeEach(() => createRrd(path, smokepingShape(60, 5), start));

	test('info, first, last, graph, xport, tune', async () => {
		await rrdtool.update(path, start + 60, [0, 1, 1, 1, 1, 1, 1]);
		expect(await rrdtool.run(`info ${path}`)).toContain('ds[ping5].max = 1.8000000000e+02');
		expect(await rrdtool.run(`last ${path}`)).toBe(`${start + 60}\n`);
		expect(await rrdtool.run(`first ${path}`)).toBe(`${start + 60 - 899 * 60}\n`);
		const picture = join(directory, 'graph.png');
		await rrdtool.run(
			`graph ${picture} --start ${start} --end ${start + 600} DEF:m=${path}:median:AVERAGE LINE:m#000000`,
		);
		expect(statSync(picture).size).toBeGreaterThan(1000);
		const exported = await rrdtool.run(
			`xport --start ${start} --end ${start + 60} DEF:m=${path}:median:AVERAGE XPORT:m`,
		);
		expect(exported).toContain('1.0000000000e+00');
		await rrdtool.run(`tune ${path} --maximum median:7`);
		expect(readRrdHeader(path).shape.dataSources[1]?.max).toBe(7);
	});

	test('dump and restore', async () => {
		updateRrd(path, start + 60, [1, 0.5, Number.NaN, 0.4, 0.5, 0.6, 0.7]);
		const xml = join(directory, 'dump.xml');
		const restored = join(directory, 'restored.rrd');
		await rrdtool.run(`dump ${path} ${xml}`);
		await rrdtool.run(`restore ${xml} ${restored}`);
		expect(await rrdtool.dump(restored)).toBe(await rrdtool.dump(path));
		updateRrd(restored, start + 120, [0, 1, 1, 1, 1, 1, 1], smokepingShape(60, 5));
	});

	test('rrdcached', async () => {
		const socket = join(directory, 'socket');
		const daemon = spawnMortal('rrdcached', [
			'-g',
			'-l',
			`unix:${socket}`,
			'-b',
			directory,
			'-p',
			join(directory, 'pid'),
		]);
		try {
			while (!existsSync(socket)) await sleep(20);
			await rrdtool.run(`update --daemon unix:${socket} ${path} ${start + 60}:0:1:2:3:4:5:6`);
			await rrdtool.run(`flushcached --daemon unix:${socket} ${path}`);
		} finally {
			const exited = once(daemon, 'exit');
			daemon.kill();
			await exited;
		}
		const rows = fetchRrd(path, { consolidation: 'AVERAGE', startSeconds: start, endSeconds: start });
		expect([...rows.values]).toEqual([0, 1, 2, 3, 4, 5, 6]);
	});
});

describe('what is there is never overwritten', () => {
	const shape = smokepingShape(60, 1);

	test('a file', () => {
		writeFileSync(path, 'precious');
		expect(() => createRrd(path, shape, baseSeconds)).toThrow(RrdExists);
		expect(readFileSync(path, 'utf8')).toBe('precious');
		expect(readdirSync(directory)).toEqual(['main.rrd']);
	});

	test('a folder', () => {
		mkdirSync(path);
		expect(() => createRrd(path, shape, baseSeconds)).toThrow(RrdExists);
	});

	test('a symbolic link to nothing', () => {
		symlinkSync(join(directory, 'nowhere'), path);
		expect(() => createRrd(path, shape, baseSeconds)).toThrow(RrdExists);
		expect(existsSync(join(directory, 'nowhere'))).toBe(false);
	});

	test('except for what a creation that was killed has left', async () => {
		writeFileSync(join(directory, '.main.rrd.new'), Buffer.alloc(5_000_000, 7));
		createRrd(path, shape, baseSeconds);
		expect(readdirSync(directory)).toEqual(['main.rrd']);
		expect(statSync(path).size).toBe(readRrdHeader(path).fileBytes);
	});

	test('through a symbolic link in its place', () => {
		const precious = join(directory, 'precious');
		writeFileSync(precious, 'precious');
		symlinkSync(precious, join(directory, '.main.rrd.new'));
		expect(() => createRrd(path, shape, baseSeconds)).toThrow('ELOOP');
		expect(readFileSync(precious, 'utf8')).toBe('precious');
	});
});

test('a full disk leaves nothing behind', () => {
	const compiled = compileModule('src/rrd/index.ts');
	try {
		// A limit on the size of files stops the write in the middle, as a full disk does.
		const script = `
			import { createRrd } from ${JSON.stringify(compiled.module)};
			try {
				createRrd(${JSON.stringify(path)}, ${JSON.stringify(smokepingShape(60, 5))}, ${baseSeconds});
			} catch (error) {
				console.log(error.code);
			}`;
		const said = execFileSync(
			'bash',
			['-c', 'ulimit -f 100 && exec "$0" --input-type=module -e "$1"', process.execPath, script],
			{ encoding: 'utf8' },
		);
		expect(said).toBe('EFBIG\n');
		expect(readdirSync(directory)).toEqual([]);
	} finally {
		compiled.remove();
	}
});

test('a folder that is not there is an error of the file system', () => {
	expect(() => createRrd(join(directory, 'none', 'main.rrd'), smokepingShape(60, 1), baseSeconds)).toThrow(
		'ENOENT',
	);
});

describe('a shape that no file can have is refused', () => {
	const good = smokepingShape(60, 1);
	const [source] = good.dataSources;
	const [archive] = good.archives;
	if (source === undefined || archive === undefined) throw new Error('an empty shape');

	test.each<[string, RrdShape]>([
		['a step of 0 s', { ...good, stepSeconds: 0 }],
		['a step of 1.5 s', { ...good, stepSeconds: 1.5 }],
		['no data sources', { ...good, dataSources: [] }],
		['no archives', { ...good, archives: [] }],
		['two data sources of one name', { ...good, dataSources: [source, source] }],
		['a name is 1 to 19', { ...good, dataSources: [{ ...source, name: 'a2345678901234567890' }] }],
		['a name is 1 to 19', { ...good, dataSources: [{ ...source, name: '' }] }],
		['a name is 1 to 19', { ...good, dataSources: [{ ...source, name: 'größe' }] }],
		['not "GAUGE"', { ...good, dataSources: [{ ...source, type: 'COUNTER' as 'GAUGE' }] }],
		['a heartbeat of 0 s', { ...good, dataSources: [{ ...source, heartbeatSeconds: 0 }] }],
		['is not below its maximum', { ...good, dataSources: [{ ...source, min: 5, max: 5 }] }],
		['not AVERAGE', { ...good, archives: [{ ...archive, consolidation: 'SUM' as 'MAX' }] }],
		['0 steps per row', { ...good, archives: [{ ...archive, stepsPerRow: 0 }] }],
		['0.5 rows', { ...good, archives: [{ ...archive, rows: 0.5 }] }],
		['an xff of 1,', { ...good, archives: [{ ...archive, xff: 1 }] }],
		['an xff of NaN,', { ...good, archives: [{ ...archive, xff: Number.NaN }] }],
		[
			'are too many',
			{
				...good,
				dataSources: Array.from({ length: 50_000 }, (_, index) => ({ ...source, name: `d${index}` })),
			},
		],
	])('%s', (message, shape) => {
		expect(() => createRrd(path, shape, baseSeconds)).toThrow(RangeError);
		expect(() => createRrd(path, shape, baseSeconds)).toThrow(message);
		expect(readdirSync(directory)).toEqual([]);
	});

	test.each([-1, 0, 315_360_000, baseSeconds + 0.5, 1e15, Number.NaN])('a start at %d', (startSeconds) => {
		expect(() => createRrd(path, good, startSeconds)).toThrow(RangeError);
	});
});
