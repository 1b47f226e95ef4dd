import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { argvOf } from '../../../probes/fping/index.ts';
import { parseFpingOutput, resultsOf } from '../../../probes/shared/fping-output.ts';
import type { CommandResult, TargetResult } from '../../../src/model/probe.ts';

const folder = fileURLToPath(new URL('../../../fixtures/probes/fping', import.meta.url));

interface Case {
	readonly fping: string;
	readonly command: string;
	readonly options: { readonly source_ip?: string; readonly interface?: string };
	readonly hosts: string;
	readonly exitCode: number | null;
	readonly endedBy: string | null;
	readonly stopped: boolean;
}

/** By host the round-trip times in seconds or the reason why there are none; or why there are none at all. */
type Expected = { readonly results: Record<string, (number | null)[] | string> } | { readonly error: string };

const read = (name: string, file: string) => readFileSync(join(folder, name, file), 'utf8');
const startedAtSeconds = 1_800_000_000;

/** The number after an option. */
function numberAfter(option: string, command: string): number {
	return Number(command.split(' ')[command.split(' ').indexOf(option) + 1]);
}

function outcomeOf(result: CommandResult, recorded: Case): Expected {
	try {
		const run = {
			hosts: recorded.hosts.split(' ').filter((host) => host !== ''),
			pings: numberAfter('-C', recorded.command),
			intervalMs: numberAfter('-p', recorded.command),
			timeoutMs: numberAfter('-t', recorded.command),
			options: { host: '', ...recorded.options },
		};
		const values = (result: TargetResult) =>
			'samples' in result ? result.samples.map(({ rttSeconds }) => rttSeconds) : result.failure;
		const results = [...resultsOf(result, run)].map(([host, one]) => [host, values(one)]);
		return { results: Object.fromEntries(results) };
	} catch (error) {
		return { error: (error as Error).message };
	}
}

test.each(readdirSync(folder))('what fping printed: %s', (name) => {
	const recorded: Case = JSON.parse(read(name, 'case.json'));
	const result: CommandResult = {
		stdout: read(name, 'stdout'),
		stderr: read(name, 'stderr'),
		exitCode: recorded.exitCode,
		endedBy: recorded.endedBy,
		stopped: recorded.stopped,
		truncated: false,
		startedAtSeconds,
	};
	expect(outcomeOf(result, recorded)).toEqual(JSON.parse(read(name, 'expected.json')));
});

test.each(['all-answer', 'source-and-interface', 'stopped'])(
	'the command line of the case %s is ours',
	(name) => {
		const { command, options }: Case = JSON.parse(read(name, 'case.json'));
		const pace = { intervalMs: numberAfter('-p', command), timeoutMs: numberAfter('-t', command) };
		const argv = argvOf({ host: '127.0.0.1', ...options }, numberAfter('-C', command), pace);
		expect(argv.join(' ')).toBe(command);
	},
);

describe('reading rows', () => {
	test('never throws, whatever the text', () => {
		const pieces = fc.constantFrom(
			'127.0.0.1',
			' : ',
			'-',
			' ',
			'\n',
			'1.5',
			'e',
			' [<- ',
			'ICMP',
			'\0',
			':',
		);
		const text = fc.oneof(
			fc.string({ unit: 'binary' }),
			fc.array(pieces).map((parts) => parts.join('')),
		);
		fc.assert(
			fc.property(text, (stderr) => {
				for (const values of parseFpingOutput(stderr).rows.values()) {
					for (const value of values) expect(value === null || value >= 0).toBe(true);
				}
			}),
		);
	});

	test('gives what was written, whatever stands between the rows', () => {
		/** As fping prints milliseconds: about three digits. */
		const milliseconds = fc
			.double({ min: 0, max: 4000, noNaN: true })
			.map((ms) =>
				ms < 1 ? ms.toFixed(3) : ms < 10 ? ms.toFixed(2) : ms < 100 ? ms.toFixed(1) : ms.toFixed(0),
			);
		const value = fc.option(milliseconds, { nil: '-', freq: 5 });
		const host = fc.oneof(fc.ipV4(), fc.ipV6());
		const row = fc.record({ host, values: fc.array(value, { maxLength: 30 }), padding: fc.nat(20) });
		const noise = fc.constantFrom(
			'10.9.0.2 : duplicate for [0], 64 bytes, 50.4 ms',
			' [<- 127.77.77.77]ICMP Host Unreachable from 127.9.9.9 for ICMP Echo sent to 127.0.50.1',
			'[09:07:23]',
			'127.0.0.1 : xmt/rcv/%loss = 3/3/0%, min/avg/max = 0.013/0.034/0.052',
			'',
		);
		const rows = fc.uniqueArray(row, { selector: ({ host }) => host });
		fc.assert(
			fc.property(rows, fc.array(noise, { minLength: 1 }), (written, between) => {
				const lines = written.flatMap(({ host, values, padding }, i) => [
					between[i % between.length],
					[host + ' '.repeat(padding), ':', ...values].join(' '),
				]);
				const { rows, messages } = parseFpingOutput(`${lines.join('\n')}\n`);
				expect([...rows.keys()]).toEqual(written.map(({ host }) => host));
				for (const { host, values } of written) {
					const read = rows.get(host)?.map((seconds) => seconds?.toExponential(6) ?? '-');
					expect(read).toEqual(values.map((ms) => (ms === '-' ? '-' : (Number(ms) / 1000).toExponential(6))));
				}
				expect(messages).toEqual([]);
			}),
		);
	});

	test.each([
		['0.057', 5.7e-5],
		['1.23', 0.00123],
		['20.1', 0.0201],
		['124', 0.124],
		['0.000', 0],
		['1.000e+06', 1000],
	])('%s ms is the number nearest to it in seconds', (ms, seconds) => {
		expect(parseFpingOutput(`x : ${ms}\n`).rows.get('x')).toEqual([seconds]);
	});

	test.each([
		['a row that was cut off, whose last value may be half of one', '127.0.0.1 : 0.057 20.1'],
		['something else for a value', '127.0.0.1 : 0.057 nan\n'],
		['a negative value', '127.0.0.1 : -0.057\n'],
		['text before the row', ' [<- 127.0.0.2]127.0.0.1 : 0.057 \n'.replace('127.0.0.1 ', '127.0.0.1  x ')],
	])('does not take %s', (_what, text) => {
		expect([...parseFpingOutput(text).rows]).toEqual([]);
	});
});

describe('a run', () => {
	const run = {
		hosts: ['127.0.0.1', '127.0.0.2'],
		pings: 2,
		intervalMs: 1000,
		timeoutMs: 500,
		options: { host: '' },
	};
	const good: CommandResult = {
		stdout: '',
		stderr: '127.0.0.1 : 0.1 0.2\n127.0.0.2 : - 0.4\n',
		exitCode: 1,
		endedBy: null,
		stopped: false,
		truncated: false,
		startedAtSeconds,
	};

	test('tells when each ping was sent: hosts in turns, one each millisecond', () => {
		expect(resultsOf(good, run).get('127.0.0.2')).toEqual({
			samples: [
				{ sentAtSeconds: startedAtSeconds + 0.001, rttSeconds: null },
				{ sentAtSeconds: startedAtSeconds + 1.001, rttSeconds: 0.0004 },
			],
		});
	});

	test.each([3, 4, 127, null])('has failed with exit code %s, even if there are rows', (exitCode) => {
		const endedBy = exitCode === null ? 'SIGSEGV' : null;
		const ending = exitCode === null ? 'ended by SIGSEGV' : `exit code ${exitCode}`;
		expect(() => resultsOf({ ...good, exitCode, endedBy }, run)).toThrow(
			`fping failed without a word (${ending})`,
		);
	});

	test('has failed when more was printed than was kept, even if there are rows', () => {
		expect(() => resultsOf({ ...good, truncated: true }, run)).toThrow(/far more than results/);
	});

	test('has failed when it has rows of other hosts only', () => {
		expect(() => resultsOf({ ...good, stderr: '10.0.0.1 : 0.1 0.2\n' }, run)).toThrow('exit code 1');
	});

	test('has failed for the hosts that have no row or not all values', () => {
		const results = resultsOf({ ...good, stderr: '127.0.0.1 : 0.1 0.2 0.3\n' }, run);
		expect([...results]).toEqual([
			[
				'127.0.0.1',
				{ failure: 'fping printed 3 results for 127.0.0.1 instead of 2', code: 'program_failed' },
			],
			['127.0.0.2', { failure: 'fping printed no result for 127.0.0.2', code: 'program_failed' }],
		]);
		expect(resultsOf({ ...good, stderr: '127.0.0.1 : -\n' }, run).get('127.0.0.1')).toEqual({
			failure: 'fping printed 1 results for 127.0.0.1 instead of 2',
			code: 'program_failed',
		});
	});

	test('that was stopped and killed without a word has failed', () => {
		const killed = { ...good, stderr: '', exitCode: null, endedBy: 'SIGKILL', stopped: true };
		expect(() => resultsOf(killed, run)).toThrow('fping was stopped before it said what it had measured');
	});

	test('that was stopped after its last ping was over is complete', () => {
		const results = resultsOf({ ...good, stderr: '127.0.0.1 : - -\n', stopped: true }, run);
		expect(results.get('127.0.0.1')).toMatchObject({ samples: [{ rttSeconds: null }, { rttSeconds: null }] });
	});

	test('says what fping said, in one printable line', () => {
		const stderr = 'old\none\ntwo\x1b[31m\n\nthree\n';
		expect(() => resultsOf({ ...good, stderr }, run)).toThrow(
			'fping: one | two\\x1b[31m | three (exit code 1)',
		);
	});
});
