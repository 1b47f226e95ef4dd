/** Asking the running daemon: `pingmachine explain` and `pingmachine status`. */
import { spawnSync } from 'node:child_process';
import {
	chmodSync,
	existsSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	renameSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Explanation, MeasurementFacts, WholeMeasurement } from '../../src/commands/explain/facts.ts';
import { cli, Daemon, fpingOrder } from '../support/daemon.ts';
import { toldHere } from '../support/explain-here.ts';
import { waitFor } from '../support/waiting.ts';

function pingmachine(daemon: Daemon, ...args: string[]) {
	const command = [cli, ...args, '--basedir', daemon.baseDir];
	return spawnSync(process.execPath, command, { encoding: 'utf8', timeout: 60_000 });
}

function explained(daemon: Daemon, id: string): Explanation {
	const { status, stdout, stderr } = pingmachine(daemon, 'explain', id, '--json');
	expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
	return JSON.parse(stdout);
}

function memoryOf(told: Explanation) {
	if ('silence' in told.daemon || told.daemon.memory === null) throw new Error(JSON.stringify(told.daemon));
	return told.daemon.memory;
}

function isSent(measurement: MeasurementFacts): measurement is WholeMeasurement {
	return 'samples' in measurement;
}

test.concurrent('explain shows the command line that was run and ten measurements that agree with last_result', async () => {
	await using daemon = new Daemon();
	const wrapper = daemon.path('fping-wrapper');
	const ran = daemon.path('ran');
	writeFileSync(wrapper, `#!/bin/sh\necho "$@" >> ${ran}\nexec fping "$@"\n`, { mode: 0o755 });
	const config = daemon.path('config.yaml');
	writeFileSync(config, `probes:\n    fping:\n        command: ${wrapper}\n`);
	await daemon.start(['--config', config]);
	daemon.order('me/here', fpingOrder('127.0.0.1', { step: 1, pings: 1 }));
	daemon.order('me/same', fpingOrder('127.0.0.1', { step: 1, pings: 1 }));
	daemon.order('me/there', fpingOrder('127.0.0.2', { step: 1, pings: 1 }));
	daemon.order('me/wrong', fpingOrder('127.0.0.1').replace('host', 'hots'));
	const { time: first } = await daemon.resultOf('me/here');
	await daemon.resultOf('me/here', ({ time }) => time >= first + 9);
	let told = await toldHere(daemon, 'me/he');
	// Slots may have been skipped on a busy machine.
	// And between its reading the result and asking the daemon, the next slot may have ended.
	const last = () => told.measurements.find(({ time }) => time === told.result?.time);
	await waitFor(
		async () => {
			told = await toldHere(daemon, 'me/he');
			return told.measurements.filter(isSent).length === 10 && last() !== undefined;
		},
		() => `ten measurements, the last result among them, are not remembered: ${JSON.stringify(told)}`,
	);

	const { last_run: run, batch, slots, next_due: nextDue } = memoryOf(told);
	const [command] = run?.commands ?? [];
	expect(command?.program).toBe(wrapper);
	expect(spawnSync('cat', [ran], { encoding: 'utf8' }).stdout.split('\n')).toContain(command?.args.join(' '));
	expect(command?.input_lines).toBe(2);
	expect(batch).toMatchObject({
		targets: 2,
		orders: { count: 3 },
		same_target: { count: 1, ids: ['me/same'] },
	});
	expect(slots.measured).toBeGreaterThanOrEqual(10);
	expect(nextDue).toBeGreaterThan(told.measurements[0]?.time ?? Number.POSITIVE_INFINITY);

	expect(told.measurements).toHaveLength(10);
	expect(told.measurements.every(isSent)).toBe(true);
	const same = last();
	if (same === undefined || !isSent(same)) throw new Error(`none of the slot ${told.result?.time}`);
	expect(same.samples).toHaveLength(1);
	expect(same.samples[0]?.rtt?.toExponential(6)).toBe(told.result?.median?.toExponential(6));
	for (const { time, samples } of told.measurements.filter(isSent)) {
		expect(samples[0]?.sent).toBeGreaterThanOrEqual(time);
		expect(samples[0]?.sent).toBeLessThan(time + 1);
	}

	const page = pingmachine(daemon, 'explain', 'me/here');
	expect(page).toMatchObject({ status: 0, stderr: '' });
	expect(run).toMatchObject({ address: '127.0.0.1', address_kept_since: null });
	expect(page.stdout).toMatch(/^ +address +127\.0\.0\.1$/m);
	// What stands there can be pasted into a shell, and pings this order's target alone.
	const [, pasted = ''] = /^ +\$ ((?:.*\\\n)*.*)/m.exec(page.stdout) ?? [];
	expect(pasted).toMatch(/^printf '%s\\n' 127\.0\.0\.1 \|/);
	expect(pasted).toContain(`${wrapper} -q`);
	const { stderr } = spawnSync('sh', ['-c', pasted], { encoding: 'utf8' });
	expect(stderr).toMatch(/^127\.0\.0\.1 : \S+\n$/);
	expect(pingmachine(daemon, 'explain', 'me/wrong').stdout).toMatch(
		/^me\/wrong {2}rejected\n {2}fping\.hots: /,
	);

	const status = pingmachine(daemon, 'status', '--json');
	const rows = status.stdout
		.trimEnd()
		.split('\n')
		.map((line) => JSON.parse(line));
	expect(rows.map(({ id, in_daemon }) => [id, in_daemon])).toEqual([
		['me/here', 'measured'],
		['me/same', 'measured'],
		['me/there', 'measured'],
		['me/wrong', 'rejected'],
	]);
	expect(rows[0].unknown).toEqual({ failed: 0, skipped: expect.any(Number) });
	const totals = JSON.parse(pingmachine(daemon, 'status', '--totals', '--json').stdout);
	expect(totals).toMatchObject({
		orders: 4,
		daemon: { pid: daemon.pid, orders: { measured: 3, rejected: 1 } },
	});
});

test.concurrent('why pings were lost is told', async () => {
	await using daemon = new Daemon();
	await daemon.start();
	const order = (probe: string, section: string) =>
		`user: me\nstep: 1\npings: 1\nprobe: ${probe}\n${probe}: {${section}}\n`;
	daemon.order('ssh', order('ssh', 'host: 127.0.0.1, port: 1'));
	daemon.order('web', order('httping', 'url: "http://127.0.0.1:1/"'));
	for (const id of ['ssh', 'web']) {
		await daemon.resultOf(id, ({ loss }) => loss === 1);
		expect(memoryOf(explained(daemon, id)).last_loss?.reason).toBe('connection refused (1 of 1)');
	}
	expect(pingmachine(daemon, 'explain', 'web').stdout).toMatch(
		/\n {4}last loss {5}\S+ \(.*\): connection refused \(1 of 1\)\n/,
	);
});

test.concurrent('what failed is told with the reason, and what was archived with what archived it', async () => {
	await using daemon = new Daemon();
	await daemon.start();
	daemon.order('a', fpingOrder('no-such-name.invalid'));
	daemon.order('b', fpingOrder('127.0.0.1'));
	await daemon.errorOf('a');
	const { slots, last_failure: failure } = memoryOf(explained(daemon, 'a'));
	expect(slots.failed).toBeGreaterThan(0);
	expect(failure?.reason).toMatch(/no-such-name\.invalid/);
	await daemon.resultOf('b');
	rmSync(daemon.path('orders/b'));
	await daemon.until('b is archived', () => daemon.exists('archive/b/last_result'));
	expect(explained(daemon, 'b')).toMatchObject({
		state: 'archived',
		archived: { why: 'removed' },
		daemon: { state: 'unseen', memory: null },
	});
});

test.concurrent('the socket goes with the daemon, and a kill leaves one that the next daemon replaces', async () => {
	await using daemon = new Daemon();
	await daemon.start();
	await daemon.stop();
	expect(daemon.exists('pingmachine.sock')).toBe(false);
	await daemon.start();
	daemon.order('a', fpingOrder('127.0.0.1'));
	await daemon.resultOf('a');
	daemon.kill('SIGKILL');
	await daemon.exited();
	expect(lstatSync(daemon.path('pingmachine.sock')).isSocket()).toBe(true);
	const silent = pingmachine(daemon, 'explain', 'a');
	expect(silent.status).toBe(0);
	expect(silent.stderr).toMatch(/^no answer from a daemon in \S+: it does not run\. .*\n$/);
	expect(pingmachine(daemon, 'status').stdout).toMatch(/\ndaemon: no answer: it does not run\n$/);
	await daemon.start();
	await waitFor(
		async () => {
			const { daemon: known } = await toldHere(daemon, 'a');
			return !('silence' in known) && known.memory !== null;
		},
		() => `a is not measured\n${daemon.output}`,
	);
	expect(readdirSync(daemon.baseDir).sort()).toEqual([
		'alerts',
		'archive',
		'mutes',
		'orders',
		'output',
		'pingmachine.sock',
		'spool',
		'state',
		'telegraf',
	]);
	expect(readdirSync(daemon.path('output'))).toEqual(['a']);
});

test.concurrent('a base directory whose path is longer than that of a socket may be', async () => {
	await using daemon = new Daemon();
	const long = daemon.path('x'.repeat(120), 'y'.repeat(120));
	mkdirSync(long, { recursive: true });
	await daemon.start(['--basedir', long]);
	mkdirSync(join(long, 'orders/me'));
	writeFileSync(join(long, 'orders/me/.new'), fpingOrder('127.0.0.1'));
	renameSync(join(long, 'orders/me/.new'), join(long, 'orders/me/a'));
	await daemon.logged('new order: me/a');
	const args = [cli, 'explain', 'me/a', '--json', '--basedir', long];
	const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
	expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
	expect(JSON.parse(stdout).daemon).toMatchObject({ pid: daemon.pid, state: 'measured' });
	await daemon.stop();
	expect(existsSync(join(long, 'pingmachine.sock'))).toBe(false);
});

test.concurrent('where no socket can be made, measuring goes on, and a line says why', async () => {
	await using daemon = new Daemon();
	writeFileSync(daemon.path('pingmachine.sock'), 'mine');
	await daemon.start();
	expect(daemon.output).toMatch(
		/warn: cannot listen on \S+: there is something else of that name: move it away\./,
	);
	daemon.order('a', fpingOrder('127.0.0.1'));
	await daemon.resultOf('a');
	await daemon.stop();
	expect(daemon.read('pingmachine.sock')).toBe('mine');
});

test.concurrent('who may not ask the daemon is told so, and what the files say', async () => {
	await using daemon = new Daemon();
	chmodSync(daemon.baseDir, 0o755);
	await daemon.start();
	daemon.order('a', fpingOrder('127.0.0.1'));
	await daemon.resultOf('a');
	const asNobody = ['--reuid', '65534', '--regid', '65534', '--clear-groups', process.execPath, cli];
	const args = [...asNobody, 'explain', 'a', '--basedir', daemon.baseDir];
	const { status, stdout, stderr } = spawnSync('setpriv', args, { encoding: 'utf8' });
	expect(status).toBe(0);
	expect(stderr).toMatch(/^no answer from a daemon in \S+: permission denied\. Ask as root.*\n$/);
	expect(stdout).toContain('a  measuring');
});
