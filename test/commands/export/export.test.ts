import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ExportOptions, exportCommand } from '../../../src/commands/export/index.ts';
import { createRrd } from '../../../src/rrd/index.ts';
import { Rrdtool } from '../../rrd/rrdtool.ts';
import { compileModule } from '../../support/compiled-module.ts';
import { makeOrder, randomNumbers, type Slot } from '../graph/rrds.ts';

/** A multiple of all steps here. Seconds since the epoch. */
const first = 1_795_000_000 - (1_795_000_000 % 604_800);

let base: string;
beforeEach(() => {
	base = mkdtempSync(join(tmpdir(), 'pingmachine-'));
});
afterEach(() => rmSync(base, { recursive: true }));

async function run(
	id: string,
	options: Partial<ExportOptions> = {},
	nowSeconds = first + 100,
): Promise<{ code: number; out: string; err: string }> {
	const stdout = new PassThrough();
	let err = '';
	const stderr = { write: (line: string) => (err += line) };
	const printed = text(stdout);
	const code = await exportCommand(id, { basedir: base, ...options }, { stdout, stderr }, nowSeconds);
	stdout.end();
	return { code, out: await printed, err };
}

/** An answer, a loss, nothing measured, everything lost. */
function makeSmall(root: 'output' | 'archive' = 'output', id = 'me/small'): string {
	const slots: Slot[] = [[0.02, 0.01], [0.03], null, []];
	return makeOrder(base, { id, root, stepSeconds: 10, pings: 2, firstSeconds: first, slots });
}

test('csv has a header, the start of each slot, and nothing where nothing is known', async () => {
	makeSmall();
	expect(await run('me/small', { start: String(first), end: String(first + 40) })).toEqual({
		code: 0,
		err: '',
		out: [
			'time,step,loss,median,ping1,ping2',
			`${first},10,0,0.02,0.01,0.02`,
			`${first + 10},10,1,0.03,0.03,`,
			`${first + 20},10,,,,`,
			`${first + 30},10,2,,,`,
			'',
		].join('\n'),
	});
});

test('json has null where nothing is known', async () => {
	makeSmall();
	const { out } = await run('me', { start: String(first + 10), end: String(first + 30), format: 'json' });
	expect(out).toBe(
		`{"time":${first + 10},"step":10,"loss":1,"median":0.03,"ping1":0.03,"ping2":null}\n` +
			`{"time":${first + 20},"step":10,"loss":null,"median":null,"ping1":null,"ping2":null}\n`,
	);
});

test('influx leaves out what is not known, and has nanoseconds', async () => {
	makeSmall('output', 'a b,c=d\\');
	const { out } = await run('a', { start: String(first), end: 'now', format: 'influx' });
	const prefix = 'pingmachine,id=a\\ b\\,c\\=d\\x5c';
	expect(out).toBe(
		`${prefix} loss=0,median=0.02,ping1=0.01,ping2=0.02 ${first}000000000\n` +
			`${prefix} loss=1,median=0.03,ping1=0.03 ${first + 10}000000000\n` +
			`${prefix} loss=2 ${first + 30}000000000\n`,
	);
});

test('an archived order ends with its last measurement', async () => {
	makeSmall('archive');
	const { out } = await run('me/small', { start: String(first) }, first + 1_000_000);
	expect(out.trim().split('\n').at(-1)).toBe(`${first + 30},10,2,,,`);
});

test('the newest measurement is given, also when its slot has just begun', async () => {
	makeSmall();
	const { out } = await run('me/small', { start: String(first) }, first + 30);
	expect(out.trim().split('\n').at(-1)).toBe(`${first + 30},10,2,,,`);
});

test('slots that are neither over nor measured are left out', async () => {
	makeSmall();
	const timesUntil = async (nowSeconds: number) => {
		const { out } = await run('me/small', { start: String(first), end: '99999999999' }, nowSeconds);
		return out.trim().split('\n').length - 1;
	};
	// The last slot is measured a little before it is over.
	expect(await timesUntil(first + 35)).toBe(4);
	expect(await timesUntil(first + 49)).toBe(4);
	expect(await timesUntil(first + 50)).toBe(5);
	const later = await run('me/small', { start: String(first + 500), end: String(first + 600) }, first + 60);
	expect(later).toEqual({ code: 0, err: '', out: 'time,step,loss,median,ping1,ping2\n' });
});

test('it says what rrdtool fetch says, for any span and resolution', async () => {
	const random = randomNumbers(1);
	const slots = Array.from({ length: 1500 }, (): Slot => {
		if (random() < 0.05) return null;
		return Array.from({ length: Math.floor(random() * 6) }, () => 0.001 + 0.1 * random());
	});
	const path = makeOrder(base, { id: 'many', stepSeconds: 60, pings: 5, firstSeconds: first, slots });
	const end = first + 1500 * 60;
	const rrdtool = new Rrdtool();
	try {
		await fc.assert(
			fc.asyncProperty(
				fc.integer({ min: first - 50_000, max: end - 1 }),
				fc.integer({ min: 1, max: 120_000 }),
				fc.constantFrom(undefined, 1, 300, 1000, 3600, 43_200),
				async (start, length, step) => {
					const to = Math.min(start + length, end);
					const options = { start: String(start), end: String(to), step: step?.toString() };
					const { out } = await run('many', options, end + 1_000_000);
					const resolution = step === undefined ? '' : `-r ${step}`;
					const fetched = await rrdtool.run(`fetch ${path} AVERAGE -s ${start} -e ${to} ${resolution}`);
					const [, ...rows] = out.trim().split('\n').map(numbersIn);
					const rowSeconds = rows[0]?.[1] ?? 0;
					// rrdtool also gives the row that begins at the end.
					const expected = [...fetched.matchAll(/^(\d+): (.*)$/gm)]
						.map(([, time = '', values = '']) => [
							Number(time) - rowSeconds,
							...values.trim().split(' ').map(Number),
						])
						.filter(([time = 0]) => time < to);
					expect(rows).toHaveLength(expected.length);
					for (const [index, [time, , ...values]] of rows.entries()) {
						expect(areClose([time ?? 0, ...values], expected[index] ?? [])).toBe(true);
					}
				},
			),
			{ numRuns: 40 },
		);
	} finally {
		await rrdtool.end();
	}
});

function numbersIn(line: string): number[] {
	return line.split(',').map((field) => (field === '' ? Number.NaN : Number(field)));
}

/** rrdtool prints eleven digits. */
function areClose(a: readonly number[], b: readonly number[]): boolean {
	const isClose = (x: number, y: number) => Object.is(x, y) || Math.abs(x - y) <= 1e-9 * Math.abs(y);
	return (
		a.length === b.length && a.every((value, index) => isClose(value, b[index] ?? Number.POSITIVE_INFINITY))
	);
}

test('wrong options are one line and exit code 1', async () => {
	makeSmall();
	const errorOf = async (options: Partial<ExportOptions>) => {
		const { code, out, err } = await run('me/small', options);
		expect({ code, out }).toEqual({ code: 1, out: '' });
		return err;
	};
	expect(await errorOf({ format: 'jsno' })).toBe(
		'pingmachine export: --format: must be one of csv, json, influx, not "jsno". Did you mean json?\n',
	);
	expect(await errorOf({ step: '5m' })).toBe(
		'pingmachine export: --step: must be a whole number of seconds, at least 1, not "5m"\n',
	);
	expect(await errorOf({ start: 'yesterday' })).toMatch(
		/^pingmachine export: --start: must be seconds since .*\n$/,
	);
	expect(await errorOf({ start: '20', end: '10' })).toBe(
		'pingmachine export: the start, 1970-01-01T00:00:20Z, is not before the end, 1970-01-01T00:00:10Z\n',
	);
});

test('files that cannot be read are one line and exit code 1', async () => {
	const path = makeSmall();
	mkdirSync(join(base, 'output/norrd'));
	writeFileSync(join(base, 'output/norrd/last_result'), '');
	mkdirSync(join(base, 'output/other'));
	createRrd(
		join(base, 'output/other/main.rrd'),
		{
			stepSeconds: 10,
			dataSources: [{ name: 'x', type: 'GAUGE', heartbeatSeconds: 20, min: 0, max: 1 }],
			archives: [{ consolidation: 'AVERAGE', stepsPerRow: 1, rows: 10, xff: 0.5 }],
		},
		first,
	);
	truncateSync(path, 5000);
	expect((await run('me/small')).err).toMatch(/^pingmachine export: .*main\.rrd: .*\n$/);
	expect((await run('norrd')).err).toMatch(/^pingmachine export: norrd: has no main\.rrd in .*\n$/);
	expect((await run('other')).err).toMatch(/other\/main\.rrd: is not an RRD of pingmachine: .*\n$/);
	expect(await run('nothing')).toMatchObject({ code: 1, out: '' });
});

test('a reader that has seen enough is no trouble', () => {
	makeOrder(base, { id: 'wide', stepSeconds: 60, pings: 100, firstSeconds: first, slots: [[0.1]] });
	const compiled = compileModule('src/commands/export/index.ts');
	try {
		// 883 rows: far more than a pipe holds.
		const source = `const { exportCommand } = await import(process.argv[1]);
			const options = { basedir: process.argv[2], format: 'csv', start: '${first - 53_000}', end: '${first}' };
			process.exitCode = await exportCommand('wide', options, process);`;
		const pipe = '"$@" | head -n 1 | cut -c 1-21; echo $PIPESTATUS';
		const node = [process.execPath, '--input-type=module', '-e', source, compiled.module, base];
		const { stdout, stderr } = spawnSync('bash', ['-c', pipe, 'bash', ...node], { encoding: 'utf8' });
		expect({ stdout, stderr }).toEqual({ stdout: 'time,step,loss,median\n0\n', stderr: '' });
	} finally {
		compiled.remove();
	}
});

test('a full disk is trouble', async () => {
	makeSmall();
	const full = new PassThrough();
	full.on('error', () => {});
	full.destroy(Object.assign(new Error('write ENOSPC'), { code: 'ENOSPC' }));
	let err = '';
	const stderr = {
		write: (line: string) => {
			err += line;
		},
	};
	const streams = { stdout: full, stderr };
	expect(await exportCommand('me', { basedir: base, format: 'csv' }, streams, first + 100)).toBe(1);
	expect(err).toMatch(/^pingmachine export: .*\n$/);
});

test('histograms and slots are made of main.rrd where their files are not written yet', async () => {
	makeSmall();
	const histograms = await run('me/small', { histograms: true });
	expect(histograms.err).toBe('');
	expect(
		histograms.out
			.trim()
			.split('\n')
			.map((line) => JSON.parse(line) as object),
	).toMatchObject([{ time: first, span: 3600, slots: 3, down: 1, unknown: 1, sent: 6, lost: 3, schema: 4 }]);
	const slots = await run('me/small', { slots: true, start: String(first) });
	expect(slots.out.trim().split('\n')).toEqual([
		'time,step,loss,median',
		`${first},10,0,0.02`,
		`${first + 10},10,1,0.03`,
		`${first + 20},10,,`,
		`${first + 30},10,2,`,
	]);
});

test('events are printed as they stand in the file, without what was torn', async () => {
	makeSmall();
	const line = `{"time":${first},"event":"edited","keys":["step"]}`;
	writeFileSync(join(base, 'output/me/small/events'), `${line}\n{"time":1`);
	expect(await run('me/small', { events: true })).toEqual({ code: 0, err: '', out: `${line}\n` });
	const later = await run('me/small', { events: true, start: String(first + 1) });
	expect(later.out).toBe('');
});

test('of histograms, slots and events one can be wanted, and lines of JSON alone', async () => {
	makeSmall();
	expect((await run('me/small', { events: true, slots: true })).err).toContain('name one of them');
	const { code, err } = await run('me/small', { histograms: true, format: 'csv' });
	expect([code, err]).toEqual([
		1,
		'pingmachine export: --format: --histograms prints lines of JSON, not "csv"\n',
	]);
});
