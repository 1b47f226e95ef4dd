/** The probe and its thread: needs the compiled product, which `npm test` builds first. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { AnyProbe, Job, ProbeResults, ProbeTools, TargetResult } from '../../../src/model/probe.ts';
import { cli, Daemon } from '../../support/daemon.ts';
import { probeTools } from '../../support/probe-tools.ts';

const compiled = new URL('../../../dist/probes/command/index.js', import.meta.url).href;
const { command } = (await import(compiled)) as { command: AnyProbe };

const folder = mkdtempSync(join(tmpdir(), 'pingmachine-command-'));
afterAll(async () => {
	await command.close?.();
	rmSync(folder, { recursive: true });
});

/** A shell script that takes the target as `$1`. */
function script(name: string, text: string): string {
	const path = join(folder, name);
	writeFileSync(path, `#!/bin/sh\n${text}\n`);
	chmodSync(path, 0o755);
	return path;
}

interface Wanted {
	readonly program: Record<string, unknown> | readonly string[];
	readonly targets?: readonly string[];
	readonly pings?: number;
	readonly stepSeconds?: number;
	readonly processes?: number;
	readonly tools?: Partial<ProbeTools>;
}

function measureAll(wanted: Wanted): Promise<ProbeResults> {
	const { program, targets = ['x'], pings = 2, stepSeconds = 1, processes, tools } = wanted;
	const settings = command.settings.parse({ programs: { p: program }, ...(processes ? { processes } : {}) });
	const job: Job = {
		slot: { startSeconds: 0, stepSeconds },
		...{ stepSeconds, pings, targets, windowMs: stepSeconds * 1000 },
		options: { program: 'p', target: targets[0] },
	};
	return command.measure(job, probeTools(settings, tools));
}

async function measure(wanted: Wanted): Promise<TargetResult | undefined> {
	return (await measureAll(wanted)).get(wanted.targets?.[0] ?? 'x');
}

const lost = { sentAtSeconds: expect.any(Number), rttSeconds: null };

describe('a program', () => {
	test('answers with exit code 0: its run time is the round-trip time', async () => {
		const result = await measure({ program: [script('sleep', 'sleep 0.1'), '{target}'] });
		if (result === undefined || !('samples' in result)) throw new Error(JSON.stringify(result));
		expect(result.samples).toHaveLength(2);
		for (const { rttSeconds } of result.samples) expect(rttSeconds).toBeGreaterThanOrEqual(0.1);
		expect(result.facts).toEqual({ exit_code: [0, 0], delayed: expect.any(Array) });
	});

	test('says the round-trip time itself, and facts', async () => {
		const path = script('says', 'echo "found $1"; echo rtt=25ms; echo answers=3; echo "state=fine"');
		expect(await measure({ program: [path, '{target}'], targets: ['a b;$(id)'] })).toEqual({
			samples: Array(2).fill({ sentAtSeconds: expect.any(Number), rttSeconds: 0.025 }),
			facts: {
				...{ exit_code: [0, 0], output: 'found a b;$(id)', answers: 3, state: 'fine' },
				delayed: expect.any(Array),
			},
		});
	});

	test.each([
		['exit 3', 'exit code 3'],
		['exit 1', 'exit code 1'],
		['echo no such thing >&2; exit 1', 'no such thing'],
		['echo "not today | a=1"; exit 255', 'not today'],
		['exec sleep 30', 'timed out after 0.2 s'],
		["trap '' TERM; sleep 30", 'timed out after 0.2 s'],
	])('%s is a loss with its reason', async (text, reason) => {
		const argv = [script('lost', text), '{target}'];
		const result = await measure({ program: { argv, timeout: 0.2 } });
		expect(result).toMatchObject({ samples: [lost, lost], facts: { loss_reason: `${reason} (2 of 2)` } });
	});

	test.each([
		[0, { samples: [{ rttSeconds: expect.any(Number) }], facts: { exit_code: [0], load: 2 } }],
		[1, { samples: [{ rttSeconds: expect.any(Number) }], facts: { exit_code: [1], load: 2 } }],
		[2, { samples: [lost], facts: { exit_code: [2], load: 2, loss_reason: 'LOAD said (1 of 1)' } }],
		[3, { failure: 'p: LOAD said (exit code 3)', code: 'program_failed' }],
		[127, { failure: 'p: LOAD said (exit code 127)', code: 'program_failed' }],
	])('that is a plug-in and exits with %i', async (code, result) => {
		const argv = [script('plug-in', `echo "LOAD said | load=2;3;4"; exit ${code}`), '{target}'];
		expect(await measure({ program: { argv, nagios: true }, pings: 1 })).toMatchObject(result);
	});

	test('that dies, or is not there, says nothing', async () => {
		const died = await measure({ program: [script('dies', 'kill -SEGV $$'), '{target}'] });
		expect(died).toEqual({ failure: 'p failed without a word (ended by SIGSEGV)', code: 'program_failed' });
		const missing = await measure({ program: [join(folder, 'missing'), '{target}'] });
		expect(missing).toMatchObject({
			failure: expect.stringMatching(/missing does not exist/),
			code: 'no_program',
		});
		const unlisted = measureAll({ program: ['true'], tools: { settings: { programs: {}, processes: 1 } } });
		await expect(unlisted).rejects.toThrow(
			/command.program: there is no program in probes: command: programs:/,
		);
	});

	test('that prints without end is read to its end', async () => {
		const path = script('noisy', 'head -c 20000000 /dev/zero | tr "\\0" "x"; echo; echo late=1');
		expect(await measure({ program: [path, '{target}'], pings: 1, stepSeconds: 10 })).toMatchObject({
			samples: [{ rttSeconds: expect.any(Number) }],
			facts: { exit_code: [0] },
		});
	});
});

test('no more run at a time than may, and the rest has its turn', async () => {
	const path = script(
		'counts',
		`echo $$ >> ${folder}/all; ls ${folder} | grep -c running >> ${folder}/seen
touch ${folder}/running.$$; sleep 0.05; rm ${folder}/running.$$`,
	);
	const targets = Array.from({ length: 12 }, (_, i) => `target${i}`);
	const results = await measureAll({
		program: [path, '{target}'],
		targets,
		pings: 1,
		// A busy machine may hold each of them up.
		stepSeconds: 30,
		processes: 2,
	});
	for (const target of targets) expect(results.get(target)).toMatchObject({ facts: { exit_code: [0] } });
	const seen = readFileSync(join(folder, 'seen'), 'utf8').trim().split('\n').map(Number);
	expect(seen).toHaveLength(12);
	// Beside itself no more than one.
	expect(Math.max(...seen)).toBeLessThanOrEqual(1);
});

test('what has no place is unknown, and says why', async () => {
	const argv = [script('slow', 'sleep 0.3'), '{target}'];
	const targets = ['a', 'b', 'c', 'd', 'e', 'f'];
	const results = await measureAll({
		program: { argv, timeout: 0.35 },
		targets,
		pings: 1,
		stepSeconds: 1,
		processes: 1,
	});
	// On a busy machine some fail for that.
	expect([...results.values()]).toContainEqual({
		failure:
			'1 programs ran already: raise probes.command.processes in the config file, or measure less often',
		code: 'limited',
	});
});

test('what runs when the slot is over is ended, with what it has started', async () => {
	const ending = new AbortController();
	const path = script(
		'children',
		`(sleep 30; :) & echo $! > ${folder}/child; : > ${folder}/started; sleep 30`,
	);
	const measuring = measure({
		program: { argv: [path, '{target}'] },
		stepSeconds: 60,
		tools: { signal: ending.signal },
	});
	await expect.poll(() => existsSync(join(folder, 'started'))).toBe(true);
	ending.abort();
	expect(await measuring).toEqual({ failure: 'command was stopped before a ping was over', code: 'stopped' });
	const child = readFileSync(join(folder, 'child'), 'utf8').trim();
	await expect
		.poll(() => existsSync(`/proc/${child}/cmdline`) && readFileSync(`/proc/${child}/cmdline`, 'utf8'))
		.toBeFalsy();
});

test('the daemon measures by the programs of its config, and tells what they say', async () => {
	await using daemon = new Daemon();
	const path = script(
		'level',
		`echo "OK - $1 at $2 | 'fill level'=81%;90;95"; echo rtt=3ms; echo state=calm`,
	);
	const config = join(folder, 'config.yaml');
	const programs = { level: { argv: [path, '{target}', '{unit}'], nagios: true, args: { unit: 'metres' } } };
	writeFileSync(config, JSON.stringify({ probes: { command: { programs } } }));
	const order = (section: string) => `user: me\nstep: 1\npings: 1\nprobe: command\ncommand: ${section}\n`;
	daemon.order('tank', order('{program: level, target: tank 7}'));
	daemon.order('odd', order('{program: levle, target: x}'));
	await daemon.start(['--config', config]);
	expect(await daemon.resultOf('tank')).toMatchObject({ loss: 0, median: 0.003 });
	const facts = daemon.read('output/tank/last_facts');
	expect(facts).toMatch(/^fill_level: 81$/m);
	expect(facts).toMatch(/^state: "?calm"?$/m);
	expect(facts).toMatch(/^output: "OK - tank 7 at metres"$/m);
	const explain = (...args: string[]) =>
		spawnSync(process.execPath, [cli, 'explain', '--basedir', daemon.baseDir, ...args], { encoding: 'utf8' });
	const explained = JSON.parse(explain('tank', '--json').stdout);
	expect(explained.facts.fill_level).toMatchObject({ kind: 'gauge', value: 81, help: 'as it was told' });
	await expect.poll(() => explain('odd').stdout, { timeout: 20_000 }).toContain('Did you mean level?');
});
