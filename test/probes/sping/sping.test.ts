import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { paceOf } from '../../../probes/shared/process-each.ts';
import { argvOf, sping } from '../../../probes/sping/index.ts';
import { asUser, remedyForUser, withSetpriv, withSudo } from '../../../probes/sping/user.ts';
import type { CommandResult, Job, ProbeResults, ProbeTools, RunCommand } from '../../../src/model/probe.ts';
import { readOrder } from '../../../src/reading/order.ts';
import { probeTools } from '../../support/probe-tools.ts';
import { StandIns, scionJson } from '../../support/stand-in.ts';

const programs = new StandIns();
afterAll(() => programs.remove());

const target = '1-ff00:0:110,10.0.0.1';
const never = new AbortController().signal;

function measure(wanted: {
	readonly targets?: readonly string[];
	readonly options?: Record<string, unknown>;
	readonly settings?: { command?: string; user?: string };
	readonly tools?: Partial<ProbeTools>;
}): Promise<ProbeResults> {
	const { targets = [target], options, settings = {}, tools } = wanted;
	const job: Job<{ host: string }> = {
		slot: { startSeconds: 0, stepSeconds: 60 },
		stepSeconds: 60,
		pings: 2,
		options: { host: target, ...options },
		targets,
		windowMs: 60_000,
	};
	return sping.measure(job, { ...probeTools(settings), ...tools, settings });
}

/** What is said of a flag. */
function notForOrders(flag: string, index: number): string {
	return `sping.flags[${index}]: "${flag}" is not for orders to say. Known: --healthy-only, --refresh, --epic, --sequence, --payload-size, -s. Others can be set for all orders: probes.sping.flags in the config file`;
}

describe('flags', () => {
	const flagsOf = (flags: string) => {
		const text = `user: me\nstep: 60\npings: 5\nprobe: sping\nsping:\n    host: ${target}\n    flags: ${flags}\n`;
		const read = readOrder('x', text, builtInProbes);
		return 'order' in read
			? read.order.options['flags']
			: read.findings.map(({ key, message }) => `${key}: ${message}`);
	};

	test.each([
		['[--epic, --sequence, "1-ff00:0:111#0,41 0*"]', ['--epic', '--sequence', '1-ff00:0:111#0,41 0*']],
		['"--epic  --payload-size 100 "', ['--epic', '--payload-size', '100']],
		['[--sequence=0*, -s, 100]', ['--sequence=0*', '-s', '100']],
		['[--sequence, "$(id) ; reboot"]', ['--sequence', '$(id) ; reboot']],
		['""', []],
	])('%s are separate arguments', (flags, list) => {
		expect(flagsOf(flags)).toEqual(list);
	});

	test.each([
		['[[--epic]]', 'sping.flags[0]: must be text, not a list. Put it in quotes'],
		['{a: b}', 'sping.flags: must be a list, such as [--healthy-only], or text'],
		['["a\\nb"]', 'sping.flags[0]: must not have control characters in it'],
		['--count 1000000', notForOrders('--count', 0), notForOrders('1000000', 1)],
		['[--epic, --sciond=192.0.2.1:1]', notForOrders('--sciond=192.0.2.1:1', 1)],
		['[--epic=1]', notForOrders('--epic=1', 0)],
		['[--sequence]', notForOrders('--sequence', 0)],
		['[--sequence, --interval]', notForOrders('--interval', 1)],
	])('%s are refused', (flags, ...findings) => {
		expect(flagsOf(flags)).toEqual(findings);
	});
});

describe('the command line', () => {
	const pace = { intervalMs: 9000, timeoutMs: 3000 };

	test('is that of scion ping', () => {
		expect(argvOf(target, [], 5, pace, null).join(' ')).toBe(
			`ping --format json --count 5 --interval 9000ms --timeout 3000ms ${target}`,
		);
		const argv = argvOf(target, ['--epic', 'a b'], 5, pace, '10.0.0.9');
		expect(argv.slice(0, 3)).toEqual(['ping', '--epic', 'a b']);
		expect(argv.slice(-3)).toEqual(['--local', '10.0.0.9', target]);
	});

	test.each([
		[{}, ''],
		[{ source_ip: '10.0.0.9' }, '--local 10.0.0.9 '],
		[{ interface: 'lo' }, '--local 127.0.0.1 '],
		[{ interface: 'lo', source_ip: '10.0.0.9' }, '--local 10.0.0.9 '],
	])('of an order with %j reaches the program as it is', async (options, more) => {
		const { path } = programs.program({ first: scionJson(target, [1, 2]) });
		const results = await measure({ options, settings: { command: path } });
		expect(results.get(target)).toMatchObject({ samples: [{ rttSeconds: 0.001 }, { rttSeconds: 0.002 }] });
		// 80 % of the window, less a start a little later for each target, and the timeout; two intervals of that.
		expect(readFileSync(`${path}.args`, 'utf8')).toBe(
			`ping --format json --count 2 --interval 22480ms --timeout 3000ms ${more}${target}\n`,
		);
	});
	test('no shell sees the flags, those of the config come first, and ours have the last word', async () => {
		const { path } = programs.program({ first: scionJson(target, [1, 2]) });
		const settings = { command: path, flags: ['--sciond', '127.0.0.1:30255'] };
		await measure({ options: { flags: ['--sequence', '$(id)'] }, settings });
		expect(readFileSync(`${path}.args`, 'utf8')).toMatch(
			/^ping --sciond 127\.0\.0\.1:30255 --sequence \$\(id\) --format json --count 2 /,
		);
	});

	test.each([
		['1-ff00:0:111,127.0.0.29', '127.0.0.29'],
		['1-ff00:0:111,[2001:DB8::1]', '2001:db8::1'],
		['192.0.2.7', '192.0.2.7'],
	])('of an order with source_ip %s sends from %s, as 1.6 did', (source, address) => {
		const text = `user: me\nstep: 60\npings: 5\nprobe: sping\nsping: {host: "${target}", source_ip: "${source}"}\n`;
		expect(readOrder('x', text, builtInProbes)).toMatchObject({ order: { options: { source_ip: address } } });
	});

	test('of an interface that is not there is never run', async () => {
		const run = measure({ options: { interface: 'nosuch0' }, settings: { command: '/no/such/scion' } });
		await expect(run).rejects.toThrow(
			'there is no interface nosuch0 with an address. ip address shows those there are',
		);
	});

	test('leaves time for everything, whatever the window and the pings', () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 3600 }), fc.integer({ min: 1, max: 1000 }), (seconds, pings) => {
				fc.pre(pings <= seconds);
				const { intervalMs, timeoutMs } = paceOf(seconds * 1000, pings);
				expect(intervalMs).toBeGreaterThan(0);
				expect(intervalMs * pings + timeoutMs).toBeLessThanOrEqual(seconds * 800);
			}),
		);
	});
});

test('each target has a process and a result of its own', async () => {
	const other = '1-ff00:0:111,10.0.0.2';
	const { path } = programs.program({ first: scionJson(target, [1, 2]) });
	const runCommand: RunCommand = (program, args, options) => {
		if (!args.includes(other)) return probeTools({}).runCommand(program, args, options);
		return probeTools({}).runCommand('/no/such/scion', args, options);
	};
	const results = await measure({
		targets: [target, other],
		settings: { command: path },
		tools: { runCommand },
	});
	expect(results.get(target)).toMatchObject({ samples: [{}, {}] });
	expect(results.get(other)).toEqual({
		failure: expect.stringContaining('/no/such/scion does not exist'),
		code: 'no_program',
	});
});

test('without a word of it until it is stopped the SCION daemon is silent', async () => {
	const { path } = programs.program({ whenInterrupted: {} });
	const over = new AbortController();
	const results = measure({ settings: { command: path }, tools: { signal: over.signal } });
	await expect.poll(() => existsSync(`${path}.ready`)).toBe(true);
	over.abort();
	expect((await results).get(target)).toEqual({
		failure: expect.stringMatching(/it had no answer from the SCION daemon\. Look whether that runs/),
		code: 'stopped',
	});
});

test('a hundred hosts at step 10 are measured in every slot', () => {
	const timing = { stepSeconds: 10, pings: 5 };
	const batches = Math.ceil(100 / sping.batchMax(timing));
	expect(sping.needMs(sping.batchMax(timing), timing)).toBeLessThanOrEqual(10_000);
	expect(sping.lanes).toBeGreaterThanOrEqual(batches);
});

test('a clock that is set meanwhile makes the times worthless', async () => {
	const { path } = programs.program({ pauseSeconds: 0.3, later: scionJson(target, [1, 2]) });
	const realNow = Date.now;
	const results = measure({ settings: { command: path } });
	await expect.poll(() => existsSync(`${path}.args`)).toBe(true);
	vi.spyOn(Date, 'now').mockImplementation(() => realNow() + 500);
	expect((await results).get(target)).toEqual({
		failure: expect.stringContaining('the clock was set, or the machine slept, while scion ping ran'),
		code: 'clock',
	});
	vi.restoreAllMocks();
});

describe('as another user', () => {
	const line = { program: '/usr/bin/scion', args: ['ping', 'a b'] };
	const tools = { runCommand: probeTools({}).runCommand, signal: never };
	const isRoot = process.geteuid?.() === 0;

	test('root uses setpriv, everybody else sudo, which it must outlast', () => {
		const asRoot = '--reuid=64 --regid=65 --init-groups --inh-caps=-all -- /usr/bin/scion ping';
		expect(withSetpriv('64', '65')(line)).toEqual({
			program: 'setpriv',
			args: [...asRoot.split(' '), 'a b'],
		});
		const other =
			'-n -u scion -- timeout --preserve-status --signal=INT --kill-after=1 60 /usr/bin/scion ping'.split(
				' ',
			);
		expect(withSudo('scion', 60_000)(line)).toEqual({ program: 'sudo', args: [...other, 'a b'] });
	});

	test('it is checked that there is one, and whether it is not ourselves', async () => {
		await expect(asUser('no-such-user', 1000, tools)).rejects.toThrow(
			'there is no user no-such-user. Create it, or correct user: in the config file',
		);
		const ourselves = await asUser(String(process.geteuid?.()), 1000, tools);
		expect(ourselves(line)).toEqual(line);
		const nobody = await asUser('nobody', 1000, tools);
		expect(nobody(line).program).toBe(isRoot ? 'setpriv' : 'sudo');
	});

	test('others than root use sudo', async () => {
		vi.spyOn(process, 'geteuid').mockReturnValue(1);
		expect((await asUser('nobody', 1000, tools))(line).args.slice(0, 4)).toEqual([
			'-n',
			'-u',
			'nobody',
			'--',
		]);
		vi.restoreAllMocks();
	});

	test('it really runs so, as far as we may', async () => {
		const seen: CommandResult[] = [];
		const runCommand: RunCommand = async (program, args, options) => {
			const argv = program === 'setpriv' ? [...args.slice(0, args.indexOf('--') + 1), 'id', '-un'] : args;
			const run = await tools.runCommand(program, argv, options);
			seen.push(run);
			return run;
		};
		const results = await measure({ settings: { user: 'nobody' }, tools: { runCommand } });
		if (isRoot) expect(seen.at(-1)).toMatchObject({ stdout: 'nobody\n', exitCode: 0 });
		else expect(results.get(target)).toEqual({ failure: expect.stringContaining('sudo') });
	});

	test('a program that is missing is missing there too', async () => {
		const settings = { command: '/no/such/scion', user: 'nobody' };
		const missing =
			'/no/such/scion is not installed: install the SCION tools, https://docs.scion.org says how';
		const failure = isRoot ? missing : expect.stringContaining('sudo');
		expect((await measure({ settings })).get(target)).toEqual({ failure, code: expect.any(String) });
	});

	test.each([
		[
			'sudo: The "no new privileges" flag is set, which prevents sudo from running as root.',
			'. Set NoNewPrivileges=no in the systemd unit, or run pingmachine as scion',
		],
		[
			'sudo: a password is required',
			'. Let sudo run it as scion without a password (NOPASSWD: in sudoers), or run pingmachine as scion',
		],
		[
			'pingmachine is not in the sudoers file.',
			'. Let sudo run it as scion without a password (NOPASSWD: in sudoers), or run pingmachine as scion',
		],
		[
			'setpriv: setresuid failed: Operation not permitted',
			'. Add CAP_SETUID and CAP_SETGID to CapabilityBoundingSet= of the systemd unit, or run pingmachine as scion',
		],
		['Error: no path found', ''],
	])('it is told what to do about: %s', (stderr, remedy) => {
		expect(remedyForUser('scion', { stderr } as CommandResult)).toBe(remedy);
	});
});
