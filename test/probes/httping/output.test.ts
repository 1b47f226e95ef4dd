import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { argvOf } from '../../../probes/httping/argv.ts';
import { countedLosses } from '../../../probes/httping/loss.ts';
import { type HttpingRun, parseHttpingOutput, resultOf } from '../../../probes/httping/output.ts';
import type { CommandResult } from '../../../src/model/probe.ts';

const folder = fileURLToPath(new URL('../../../fixtures/probes/httping', import.meta.url));

interface Case {
	readonly httping: string;
	readonly command: string;
	readonly codes: readonly number[];
	readonly exitCode: number | null;
	readonly endedBy: string | null;
	readonly stopped: boolean;
	readonly tookSeconds: number;
}

const read = (name: string, file: string) => readFileSync(join(folder, name, file), 'utf8');
const startedAtSeconds = 1_800_000_000;

/** What was told to httping by a recorded command line. */
function runOf({ command, codes }: Case): HttpingRun {
	const words = command.split(' ');
	const after = (option: string) => Number(words[words.indexOf(option) + 1]);
	return {
		count: after('--count'),
		intervalMs: after('--interval') * 1000,
		timeoutMs: after('--timeout') * 1000,
		tls: command.startsWith('https:'),
		failureCodes: codes,
	};
}

/** What is needed to read what a case recorded. */
function recordedRun(name: string): Parameters<typeof resultOf> {
	const recorded: Case = JSON.parse(read(name, 'case.json'));
	const { exitCode, endedBy, stopped, tookSeconds } = recorded;
	const result: CommandResult = {
		stdout: read(name, 'stdout'),
		stderr: read(name, 'stderr'),
		exitCode,
		endedBy,
		stopped,
		truncated: false,
		startedAtSeconds,
	};
	return [result, runOf(recorded), startedAtSeconds + tookSeconds];
}

test.each(readdirSync(folder))('what httping printed: %s', (name) => {
	const { samples, losses, failure } = resultOf(...recordedRun(name));
	const rtts = samples.map(({ rttSeconds }) => rttSeconds);
	expect({ rtts, ...(failure === null ? {} : { failure }) }).toEqual(JSON.parse(read(name, 'expected.json')));
	expect(losses).toHaveLength(rtts.filter((rtt) => rtt === null).length);
});

test.each([
	['refused', 'connection refused', 3],
	['silent', 'timed out', 3],
	['status-listed', 'HTTP 503', 3],
	['proxy-denied-tls', 'proxy indicated error: 407 Proxy Authentication Required', 3],
	['proxy-silent-tls', 'problem retrieving proxy response', 3],
	['tls-to-plain', 'SSL handshake error', 1],
	['killed-in-tls', 'timed out', 1],
])('why pings are lost: %s', (name, reason, count) => {
	const { losses } = resultOf(...recordedRun(name));
	expect(countedLosses(losses, [])).toEqual({ [reason]: count });
});

test('a reason is short, printable, and has no secrets in it', () => {
	const long = `proxy indicated error: 407 \x1b[2J hush me:pass@host ${'\u{1f600}'.repeat(30)}`;
	const [reason = ''] = Object.keys(countedLosses([long], ['hush']));
	expect(reason).toMatch(/^proxy indicated error: 407 \\x1b\[2J \*\*\* \*\*\*@host (?:\u{1f600})+\.\.\.$/u);
	expect(reason.length).toBeLessThanOrEqual(60);
});

test.each(['all-answer', 'status-shown', 'proxy', 'killed-in-tls'])(
	'the command line of the case %s is ours',
	(name) => {
		const recorded: Case = JSON.parse(read(name, 'case.json'));
		const words = recorded.command.split(' ');
		const proxy = words.includes('-x') ? { proxy: `http://${words[words.indexOf('-x') + 1]}/` } : {};
		const codes = recorded.codes.length === 0 ? {} : { http_codes_as_failure: recorded.codes };
		const argv = argvOf({
			...runOf(recorded),
			url: words[0] ?? '',
			userAgent: 'pingmachine/2',
			options: { ...proxy, ...codes },
		});
		expect(argv.join(' ')).toBe(recorded.command);
	},
);

describe('reading lines', () => {
	const answer = (sequence: number, ms: string, status = '') =>
		`connected to 127.0.0.1:80 (79 bytes), seq=${sequence} time=${ms.padStart(6)} ms ${status}\n`;

	test('never throws and never makes up negative numbers of pings, whatever the text', () => {
		const pieces = fc.constantFrom(
			answer(0, '1.27'),
			'connected to ',
			'seq=99999999999999999999 time=',
			'connected to x (1 bytes), seq=3 time= 0.1 ms',
			'\n',
			'timeout ',
			'could not connect',
			'7 connects, 1 ok, ',
			'\0',
		);
		const text = fc.oneof(
			fc.string({ unit: 'binary' }),
			fc.array(pieces).map((parts) => parts.join('')),
		);
		fc.assert(
			fc.property(text, (stdout) => {
				const { pings, begun } = parseHttpingOutput(stdout);
				expect(begun === null || begun >= 0).toBe(true);
				for (const ping of pings) expect(ping).toBeDefined();
			}),
		);
	});

	test('gives what was written, answers and failures in their order', () => {
		const failure = fc.constantFrom(
			{
				line: 'could not connect (Connection refused)\n\n',
				ping: { lost: 'failed', reason: 'connection refused' },
			},
			{
				line: 'short read during receiving reply-headers from host\n',
				ping: { lost: 'failed', reason: 'short read during receiving reply-headers from host' },
			},
			{
				line: 'Proxy indicated error: 502 bad\n\n',
				ping: { lost: 'failed', reason: 'proxy indicated error: 502 bad' },
			},
			{ line: 'SSL handshake error: (null)\n', ping: { lost: 'failed', reason: 'SSL handshake error' } },
			{
				line: 'timeout while receiving reply-headers from host\n',
				ping: { lost: 'timed out', reason: 'timed out' },
			},
			{ line: 'connect time out\n\n', ping: { lost: 'timed out', reason: 'timed out' } },
		);
		const hundredths = fc.integer({ min: 0, max: 10_000_000 });
		const code = fc.option(fc.integer({ min: 100, max: 599 }));
		const answered = fc.record({ hundredths, code });
		fc.assert(
			fc.property(fc.array(fc.oneof(failure, answered), { maxLength: 30 }), (written) => {
				const lines = written.map((one, i) =>
					'line' in one ? one.line : answer(i, (one.hundredths / 100).toFixed(2), `${one.code ?? ''} x`),
				);
				const text = `PING a:80 (/):\n${lines.join('')}--- http://a/ ping statistics ---\n${lines.length} connects, 1 ok, 0.00% failed, time 1ms\n`;
				expect(parseHttpingOutput(text)).toEqual({
					begun: written.length,
					pings: written.map((one) =>
						'line' in one
							? one.ping
							: { rttSeconds: Number((one.hundredths / 1e5).toFixed(5)), statusCode: one.code },
					),
				});
			}),
		);
	});

	test('trusts the sequence numbers where a line is not known', () => {
		const text = `${answer(0, '1.00')}a failure nobody has seen yet\n${answer(2, '2.00')}`;
		const { pings } = parseHttpingOutput(text);
		expect(pings.map((ping) => ('lost' in ping ? ping.reason : ping.rttSeconds))).toEqual([
			0.001,
			'no answer',
			0.002,
		]);
	});

	test('does not take a line that was cut off', () => {
		expect(parseHttpingOutput('connected to 127.0.0.1:80 (79 bytes), seq=0 time=  1.2').pings).toEqual([]);
	});
});

describe('a run', () => {
	const run: HttpingRun = { count: 4, intervalMs: 1000, timeoutMs: 1900, tls: false, failureCodes: [] };
	const result: CommandResult = {
		stdout: [
			'PING a:80 (/):',
			'timeout while receiving reply-headers from host',
			'connected to 127.0.0.1:80 (79 bytes), seq=1 time=1200.00 ms ',
			'could not connect (Connection refused)\n',
			'connected to 127.0.0.1:80 (79 bytes), seq=3 time=  1.00 ms ',
			'--- http://a/ ping statistics ---',
			'4 connects, 2 ok, 50.00% failed, time 6000ms\n',
		].join('\n'),
		stderr: '',
		exitCode: 0,
		endedBy: null,
		stopped: false,
		truncated: false,
		startedAtSeconds,
	};
	const endedAtSeconds = startedAtSeconds + 6;

	test('tells when each ping was sent: at multiples of the interval, later after one that took longer', () => {
		expect(resultOf(result, run, endedAtSeconds).samples).toEqual([
			{ sentAtSeconds: startedAtSeconds, rttSeconds: null },
			{ sentAtSeconds: startedAtSeconds + 2, rttSeconds: 1.2 },
			{ sentAtSeconds: startedAtSeconds + 4, rttSeconds: null },
			{ sentAtSeconds: startedAtSeconds + 5, rttSeconds: 0.001 },
		]);
	});

	test('that crashed keeps the pings that were over, and says how it ended', () => {
		const [stdout = ''] = result.stdout.split('could not');
		const crashed = { ...result, stdout, exitCode: null, endedBy: 'SIGSEGV' };
		const { samples, failure } = resultOf(crashed, run, endedAtSeconds);
		expect(samples.map(({ rttSeconds }) => rttSeconds)).toEqual([null, 1.2]);
		expect(failure).toBe('httping failed without a word (ended by SIGSEGV)');
	});

	test('that had to be killed while it looked up the name lost nothing', () => {
		const killed = { ...result, stdout: '', exitCode: null, endedBy: 'SIGKILL', stopped: true };
		expect(resultOf(killed, run, endedAtSeconds)).toMatchObject({ samples: [], losses: [], failure: null });
	});

	test('takes no time for true that only a clock that was set can give', () => {
		const stdout = result.stdout.replace('1200.00', '-3600000.00').replace('  1.00', '3600000.00');
		const { samples } = resultOf({ ...result, stdout }, run, endedAtSeconds);
		expect(samples.map(({ rttSeconds }) => rttSeconds)).toEqual([null, null]);
	});
});
