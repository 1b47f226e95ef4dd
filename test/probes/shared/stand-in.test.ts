/** What a command-line probe makes of programs that behave and of programs that do not. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import type { AnyProbe, Job, ProbeResults } from '../../../src/model/probe.ts';
import { probeTools } from '../../support/probe-tools.ts';
import {
	type Format,
	httpingLines,
	type Part,
	type Printed,
	rows,
	type StandIn,
	StandIns,
	scionJson,
} from '../../support/stand-in.ts';

/** The probes that run a program whose name is their setting `command`. A new one is a row. */
const commandLineProbes: readonly {
	readonly probe: string;
	/** What it prints, if not always the same. */
	readonly prints?: string;
	readonly settings?: Readonly<Record<string, unknown>>;
	readonly options: Readonly<Record<string, unknown>>;
	readonly target: string;
	readonly format: Format;
	/** How the program ends when some pings, or all, were lost. */
	readonly exitWithLoss: number;
	/** Exit codes that mean failure, even when there are results. */
	readonly badExits: readonly number[];
	/** It says by a line of its own that it is done: how it ends after that means nothing. */
	readonly saysItIsDone?: boolean;
}[] = [
	{
		probe: 'fping',
		options: { host: '127.0.0.1' },
		target: '127.0.0.1',
		format: rows,
		exitWithLoss: 1,
		badExits: [3, 4, 127],
	},
	{
		probe: 'pping',
		prints: 'the row of pingpong',
		options: { host: '1-ff00:0:110,[10.0.0.1]:40002', flags: ['-x'] },
		target: '1-ff00:0:110,[10.0.0.1]:40002',
		format: (target, rttsMs) => ({ stdout: rows(target, rttsMs).stderr ?? '' }),
		exitWithLoss: 0,
		badExits: [1, 3, 127],
	},
	{
		probe: 'httping',
		options: { url: 'http://127.0.0.1:1/' },
		target: 'http://127.0.0.1:1/',
		format: httpingLines,
		exitWithLoss: 127,
		badExits: [],
		saysItIsDone: true,
	},
	{
		probe: 'sping',
		prints: 'the JSON of scion ping',
		options: { host: '1-ff00:0:110,10.0.0.1' },
		target: '1-ff00:0:110,10.0.0.1',
		format: scionJson,
		exitWithLoss: 0,
		badExits: [1, 2, 127],
	},
	{
		probe: 'sping',
		prints: 'the rows of the historical scmp_fping',
		options: { host: '1-ff00:0:110,10.0.0.1' },
		target: '1-ff00:0:110,10.0.0.1',
		format: (target, rttsMs) => rows(target.replace(',10.0.0.1', ',[10.0.0.1]'), rttsMs),
		exitWithLoss: 1,
		badExits: [2, 127],
	},
];

const programs = new StandIns();
afterAll(() => programs.remove());

const pings = 3;
const garbage: Printed = {
	stdout: '\0\x1b[31m{"replies":\n\n : 1 2\n',
	stderr: 'Segmentation \xff\xfe : -\n',
};

describe.each(
	commandLineProbes.map((row) => ({
		...row,
		name: row.prints === undefined ? row.probe : `${row.probe}, ${row.prints}`,
	})),
)(
	'$name',
	({ probe: probeName, settings, options, target, format, exitWithLoss, badExits, saysItIsDone = false }) => {
		let probe: AnyProbe;
		beforeAll(() => {
			const found = builtInProbes.get(probeName);
			if (found === undefined) throw new Error(`there is no probe ${probeName}`);
			probe = found;
		});

		function measure(command: string, signal = new AbortController().signal): Promise<ProbeResults> {
			const job: Job = {
				slot: { startSeconds: 0, stepSeconds: 10 },
				stepSeconds: 10,
				pings,
				options,
				targets: [target],
				windowMs: 10_000,
			};
			return probe.measure(job, probeTools({ ...settings, command }, { signal }));
		}

		/** The round-trip times in milliseconds, or what is said to the user when there are none. */
		async function outcomeOf(measuring: Promise<ProbeResults>): Promise<(number | null)[] | string> {
			try {
				const result = (await measuring).get(target);
				if (result === undefined) return 'there is no result';
				if ('failure' in result) return result.failure;
				return result.samples.map(({ rttSeconds }) =>
					rttSeconds === null ? null : Math.round(rttSeconds * 1e6) / 1e3,
				);
			} catch (error) {
				return (error as Error).message;
			}
		}

		const play = (part: Part) => outcomeOf(measure(programs.program(part).path));

		async function interrupt(standIn: StandIn): Promise<(number | null)[] | string> {
			const controller = new AbortController();
			const outcome = outcomeOf(measure(standIn.path, controller.signal));
			await expect.poll(() => standIn.waits(), { timeout: 60_000 }).toBe(true);
			controller.abort();
			return outcome;
		}

		const answers = [1.5, 0.25, 20.1];
		const all = format(target, answers);

		test('all answered', async () => {
			expect(await play({ first: all })).toEqual(answers);
		});

		test('some lost, all lost', async () => {
			const some = [1.5, null, 20.1];
			expect(await play({ first: format(target, some), exitCode: exitWithLoss })).toEqual(some);
			const none = [null, null, null];
			expect(await play({ first: format(target, none), exitCode: exitWithLoss })).toEqual(none);
		});

		test('a program that takes its time', async () => {
			expect(await play({ pauseSeconds: 0.3, later: all })).toEqual(answers);
		});

		test('results in two pieces', async () => {
			const [[stream = 'stdout', text = '']] = Object.entries(all) as [[keyof Printed, string]];
			const half = Math.floor(text.length / 2);
			const part = {
				first: { [stream]: text.slice(0, half) },
				pauseSeconds: 0.1,
				later: { [stream]: text.slice(half) },
			};
			expect(await play(part)).toEqual(answers);
		});

		test('10 MB of noise on the stream that it does not use', async () => {
			const noiseOn = all.stdout === undefined ? 'stdout' : 'stderr';
			expect(await play({ first: all, noiseMb: 10, noiseOn })).toEqual(answers);
		});

		test('nothing but 10 MB of noise, or 10 MB of garbage', async () => {
			for (const noiseOn of ['stdout', 'stderr'] as const) {
				const said = await play({ noiseMb: 10, noiseOn });
				expect(said).toMatch(/\(exit code 0\)/);
				expect(said.length).toBeLessThan(500);
			}
		});

		test.each([0, 1, 2, 127])('garbage, exit code %i, is a failure in printable words', async (exitCode) => {
			const said = await play({ first: garbage, exitCode });
			expect(said).toMatch(new RegExp(`\\(exit code ${exitCode}\\)`));
			expect(said).toMatch(/^[ -~\ufffd]+$/);
		});

		test.each([0, 1, 2, 127])('silence, exit code %i, is a failure', async (exitCode) => {
			expect(await play({ exitCode })).toMatch(/failed without a word \(exit code \d+\)/);
		});

		test.each(badExits)('results, but exit code %i, are a failure', async (exitCode) => {
			expect(await play({ first: all, exitCode })).toMatch(new RegExp(`\\(exit code ${exitCode}\\)`));
		});

		test.each(['KILL', 'SEGV', 'TERM'] as const)(
			'results, but death by SIG%s, are a failure',
			async (diesOf) => {
				const outcome = await play({ first: all, diesOf });
				if (saysItIsDone) expect(outcome).toEqual(answers);
				else expect(outcome).toMatch(new RegExp(`\\(ended by SIG${diesOf}\\)`));
			},
		);

		test('results that break off are never taken for losses or for other times', async () => {
			const [[stream = 'stdout', text = '']] = Object.entries(all) as [[keyof Printed, string]];
			for (const missing of [1, 2, 3]) {
				const outcome = await play({ first: { [stream]: text.slice(0, -missing) } });
				// JSON is whole without the end of its last line.
				if (saysItIsDone) expect(outcome).toEqual(answers);
				else if (Array.isArray(outcome)) expect([outcome, stream, missing]).toEqual([answers, 'stdout', 1]);
				else expect(outcome).toMatch(/\(exit code 0\)|printed no result/);
			}
		});

		test('fewer results than pings are never made up for', async () => {
			const outcome = await play({ first: format(target, [1.5, 0.25]) });
			if (typeof outcome === 'string') expect(outcome).toMatch(/printed 2 results/);
			else expect(outcome).toEqual([1.5, 0.25]);
		});

		test('interrupted, it says what it has, and that is used', async () => {
			const partial = format(target, [1.5, 0.25]);
			expect(await interrupt(programs.program({ whenInterrupted: partial }))).toEqual([1.5, 0.25]);
		});

		test('interrupted, it does not listen: killed, and nothing is known', async () => {
			expect(await interrupt(programs.program({ whenInterrupted: null }))).toMatch(/was stopped before/);
		});

		test('not there: what is said names it and how to get it, and it works as soon as it is there', async () => {
			const said = await outcomeOf(measure('/no/such/program'));
			expect(said).toMatch(
				/^\/no\/such\/program does not exist: correct the path in the config file, or \S+/,
			);
			expect(await play({ first: all })).toEqual(answers);
		});
	},
);
