import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { resultOf } from '../../../probes/sping/output.ts';
import type { CommandResult, TargetResult } from '../../../src/model/probe.ts';

const folder = fileURLToPath(new URL('../../../fixtures/probes/sping', import.meta.url));
const read = (name: string, file: string) => readFileSync(join(folder, name, file), 'utf8');
const startedAtSeconds = 1_800_000_000;

function inWords(result: TargetResult): (number | null)[] | string {
	if ('failure' in result) return result.failure;
	return result.samples.map(({ rttSeconds }) =>
		rttSeconds === null ? null : Number((rttSeconds * 1000).toFixed(6)),
	);
}

test.each(readdirSync(folder))('what scion ping prints: %s', (name) => {
	const { source: _source, exitCode, endedBy, stopped, ...run } = JSON.parse(read(name, 'case.json'));
	const [stdout, stderr] = [read(name, 'stdout'), read(name, 'stderr')];
	const result = { stdout, stderr, exitCode, endedBy, stopped, truncated: false, startedAtSeconds };
	expect(inWords(resultOf(run, result))).toEqual(JSON.parse(read(name, 'expected.json')));
});

const run = { target: '1-ff00:0:110,10.0.0.1', pings: 4, intervalMs: 1000, timeoutMs: 3000 };
const good: CommandResult = {
	stdout: read('one-lost', 'stdout'),
	stderr: '',
	exitCode: 0,
	endedBy: null,
	stopped: false,
	truncated: false,
	startedAtSeconds,
};

test('samples tell when they were sent', () => {
	expect(resultOf(run, good)).toMatchObject({
		samples: [0, 1, 2, 3].map((seq) => ({ sentAtSeconds: startedAtSeconds + seq })),
	});
});

test.each([
	['a negative time', '"round_trip_time": 1.1', '"round_trip_time": -1.1'],
	['a time that is text', '"round_trip_time": 1.1', '"round_trip_time": "1.1ms"'],
	['no state', '"state"', '"status"'],
	['no statistics', '"statistics"', '"stats"'],
	['no replies, not even null', '"replies"', '"answers"'],
])('%s is not what scion prints, so it is a failure', (_what, found, replacement) => {
	expect(good.stdout).toContain(found);
	const result = resultOf(run, { ...good, stdout: good.stdout.replace(found, replacement) });
	expect(result).toEqual({ failure: expect.stringContaining('(exit code 0)'), code: 'program_failed' });
});

test('never throws, and makes no times up, whatever the text', () => {
	const piece = fc.constantFrom(
		'{',
		'}',
		'"replies":',
		'null',
		'[',
		']',
		',',
		'1.5',
		'1-1,10.0.0.1',
		' : ',
		'\n',
		'\0',
	);
	const text = fc.oneof(
		fc.string({ unit: 'binary' }),
		fc.array(piece).map((pieces) => pieces.join('')),
		fc.json(),
	);
	fc.assert(
		fc.property(
			text,
			text,
			fc.constantFrom(0, 1, 2, null),
			fc.boolean(),
			(stdout, stderr, exitCode, stopped) => {
				const result = resultOf(run, { ...good, stdout, stderr, exitCode, stopped });
				if ('failure' in result) expect(result.failure).not.toBe('');
				else
					for (const { rttSeconds } of result.samples)
						expect(rttSeconds === null || rttSeconds >= 0).toBe(true);
			},
		),
	);
});
