/** Faults that the Perl pingmachine had, and their kin: what a user sees of them now. */
import { execFileSync } from 'node:child_process';
import {
	chmodSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { expect, test } from 'vitest';
import { Daemon, fpingOrder } from '../support/daemon.ts';

/** Process ids of the children of a process. */
function childrenOf(pid: number): number[] {
	return readdirSync(`/proc/${pid}/task`).flatMap((task) => {
		const list = readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim();
		return list === '' ? [] : list.split(' ').map(Number);
	});
}

function isRunning(pid: number): boolean {
	return existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

/** The real fping, but for the times when the file `gate` beside it says otherwise. */
function fpingBehindAGate(daemon: Daemon): { config: string; gate: (script: string | null) => void } {
	const command = daemon.path('gated-fping');
	const gatePath = daemon.path('gate');
	writeFileSync(command, `#!/bin/sh\nif [ -e ${gatePath} ]; then . ${gatePath}; fi\nexec fping "$@"\n`);
	chmodSync(command, 0o755);
	const config = daemon.path('config.yaml');
	writeFileSync(config, `probes:\n    fping:\n        command: ${command}\n`);
	return {
		config,
		gate: (script) => (script === null ? rmSync(gatePath, { force: true }) : writeFileSync(gatePath, script)),
	};
}

test('orders that are no orders are rejected with a reason each, kept, and harm nobody', async () => {
	await using daemon = new Daemon();
	await daemon.start();
	const good = fpingOrder('127.0.0.1');
	daemon.order('good', good);
	daemon.order('no-section', good.replace(/fping:\n.*\n/, ''));
	daemon.order('negative/step', good.replace('step: 1', 'step: -1'));
	daemon.order('negative/pings', good.replace('pings: 1', 'pings: -5'));
	daemon.order('no-yaml', '{ this is: [not yaml');
	daemon.order('empty', '');
	daemon.order('option', good.replace('"127.0.0.1"', '"-f/etc/passwd"'));
	execFileSync('mkfifo', [daemon.path('orders/fifo')]);
	symlinkSync('/dev/zero', daemon.path('orders/device'));
	symlinkSync('circle', daemon.path('orders/circle'));
	writeFileSync(daemon.path('orders/large'), 'x'.repeat(64 * 1024 + 1));
	expect(await daemon.errorOf('no-section')).toMatch(/fping/);
	expect(await daemon.errorOf('negative/step')).toMatch(/^step: /);
	expect(await daemon.errorOf('negative/pings')).toMatch(/^pings: /);
	expect(await daemon.errorOf('no-yaml')).toMatch(/line 1/);
	expect(await daemon.errorOf('empty')).toMatch(/nothing in it/);
	expect(await daemon.errorOf('option')).toMatch(/^fping\.host: /);
	expect(await daemon.errorOf('fifo')).toMatch(/FIFO/);
	expect(await daemon.errorOf('device')).toMatch(/device/);
	expect(await daemon.errorOf('circle')).toMatch(/circle/);
	expect(await daemon.errorOf('large')).toMatch(/65536|64 KiB/);
	const first = await daemon.resultOf('good');
	await daemon.resultOf('good', ({ time }) => time > first.time + 1);
	expect(readdirSync(daemon.path('orders')).sort()).toEqual(
		[
			'circle',
			'device',
			'empty',
			'fifo',
			'good',
			'large',
			'negative',
			'no-section',
			'no-yaml',
			'option',
		].sort(),
	);
	// Each reason is logged once.
	expect(daemon.output.split('rejected order: negative/step').length - 1).toBe(1);
	// A rejected order that goes away leaves nothing behind.
	rmSync(daemon.path('orders/empty'));
	await daemon.until('its folder is gone', () => !daemon.exists('output/empty'));
	expect(daemon.exists('archive/empty')).toBe(false);
});

test('an unknown name is the fault of its own order, and costs the others nothing', async () => {
	await using daemon = new Daemon();
	await daemon.start();
	daemon.order('good', fpingOrder('127.0.0.1'));
	daemon.order('unknown', fpingOrder('no-such-host.invalid'));
	expect(await daemon.errorOf('unknown')).toContain('no-such-host.invalid');
	const first = await daemon.resultOf('good');
	await daemon.resultOf('good', ({ time }) => time > first.time + 1);
	expect(daemon.exists('output/unknown/last_result')).toBe(false);
});

test('a run that is longer than its slot is ended, counted, and followed by others', async () => {
	await using daemon = new Daemon();
	const { config, gate } = fpingBehindAGate(daemon);
	gate('exec sleep 1000');
	await daemon.start(['--config', config]);
	daemon.order('a', fpingOrder('127.0.0.1', { step: 2, pings: 2 }));
	await daemon.logged('overrun');
	expect(daemon.result('a')).toBeNull();
	gate(null);
	await daemon.resultOf('a', ({ loss }) => loss === 0);
	await daemon.until('the reason is gone', () => !daemon.exists('output/a/error'));
});

test('an fping that is killed is a failure, not a success and not a loss; the next slot is measured', async () => {
	await using daemon = new Daemon();
	await daemon.start();
	daemon.order('a', fpingOrder('127.255.255.255', { step: 4, pings: 2 }));
	await daemon.until('fping runs', () => childrenOf(daemon.pid).length > 0);
	for (const pid of childrenOf(daemon.pid)) process.kill(pid, 'SIGKILL');
	expect(await daemon.errorOf('a')).toContain('SIGKILL');
	expect(daemon.result('a')).toBeNull();
	expect(await daemon.resultOf('a')).toMatchObject({ loss: 2, pings: 2, min: null, median: null, max: null });
	await daemon.until('the reason is gone', () => !daemon.exists('output/a/error'));
});

test('a missing fping is said at once and to the order; measuring begins when it is there', async () => {
	await using daemon = new Daemon();
	const command = daemon.path('bin-fping');
	const config = daemon.path('config.yaml');
	writeFileSync(config, `probes:\n    fping:\n        command: ${command}\n`);
	await daemon.start(['--config', config]);
	daemon.order('a', fpingOrder('127.0.0.1'));
	expect(await daemon.errorOf('a')).toMatch(/fping.*(not|missing)/);
	await daemon.logged('could not be measured');
	symlinkSync('/usr/bin/fping', command);
	await daemon.resultOf('a');
	await daemon.until('the reason is gone', () => !daemon.exists('output/a/error'));
});

test('leftovers in archive/ and output/ are set aside, not overwritten, and block nothing', async () => {
	await using daemon = new Daemon();
	await daemon.start();
	daemon.order('a', fpingOrder('127.0.0.1'));
	await daemon.resultOf('a');
	mkdirSync(daemon.path('archive/a'), { recursive: true });
	writeFileSync(daemon.path('archive/a/main.rrd'), 'an old leftover');
	rmSync(daemon.path('orders/a'));
	await daemon.until('it is archived', () => daemon.exists('archive/a/last_result'));
	const contents = readdirSync(daemon.path('archive/a')).map((name) =>
		readFileSync(daemon.path('archive/a', name), 'latin1'),
	);
	expect(contents).toContain('an old leftover');
	execFileSync('rrdtool', ['info', daemon.path('archive/a/main.rrd')]);
	daemon.order('a', fpingOrder('127.0.0.1'));
	await daemon.logged('revived archived order: a');
	await daemon.until('it is out of the archive', () => !daemon.exists('archive/a'));
});

test('a damaged main.rrd is set aside and a new one made, with the sample in hand', async () => {
	await using daemon = new Daemon();
	await daemon.start();
	daemon.order('a', fpingOrder('127.0.0.1'));
	await daemon.resultOf('a');
	writeFileSync(daemon.path('output/a/main.rrd'), 'not an RRD');
	await daemon.until('it is set aside', () =>
		readdirSync(daemon.path('output/a')).some((name) => /^main\.corrupted\.\d{8}T\d{6}Z\.rrd$/.test(name)),
	);
	await daemon.until('a new one is there', () => daemon.exists('output/a/main.rrd'));
	await daemon.until('rrdtool accepts it', () =>
		execFileSync('rrdtool', ['lastupdate', daemon.path('output/a/main.rrd')], { encoding: 'utf8' }).includes(
			' 0 ',
		),
	);
});

test('SIGTERM in the middle of runs leaves no process behind and takes less than 5 s', async () => {
	await using daemon = new Daemon();
	await daemon.start();
	daemon.order('a', fpingOrder('127.0.0.1', { step: 30, pings: 20 }));
	daemon.order('b', fpingOrder('127.0.0.1', { step: 40, pings: 20 }));
	await daemon.until('two fpings run', () => childrenOf(daemon.pid).length >= 2);
	const children = childrenOf(daemon.pid);
	const startMs = Date.now();
	await daemon.stop();
	expect(Date.now() - startMs).toBeLessThan(5000);
	expect(daemon.exitCode).toBe(0);
	expect(children.filter(isRunning)).toEqual([]);
}, 90_000);

test('a kill -9 leaves nothing to clean up: the lock is gone and measuring goes on', async () => {
	await using daemon = new Daemon();
	await daemon.start();
	daemon.order('a', fpingOrder('127.0.0.1'));
	const before = await daemon.resultOf('a');
	daemon.kill('SIGKILL');
	await daemon.exited();
	expect(daemon.exitSignal).toBe('SIGKILL');
	await daemon.start();
	await daemon.resultOf('a', ({ time }) => time > before.time);
	execFileSync('rrdtool', ['dump', daemon.path('output/a/main.rrd'), '/dev/null']);
});

test('a second instance on the same base directory says so and exits 1; the first goes on', async () => {
	await using daemon = new Daemon();
	await daemon.start();
	daemon.order('a', fpingOrder('127.0.0.1'));
	const before = await daemon.resultOf('a');
	const second = new Daemon();
	await using _ = second;
	second.spawn(['--basedir', daemon.baseDir]);
	await second.exited();
	expect(second.exitCode).toBe(1);
	expect(second.output).toContain(
		`can't lock base directory ${daemon.baseDir}. Is pingmachine running already?`,
	);
	await daemon.resultOf('a', ({ time }) => time > before.time + 1);
});

test('an application may delete and recreate orders/ itself', async () => {
	await using daemon = new Daemon();
	await daemon.start();
	daemon.order('a', fpingOrder('127.0.0.1'));
	await daemon.resultOf('a');
	rmSync(daemon.path('orders'), { recursive: true });
	await daemon.until('it is archived', () => daemon.exists('archive/a/main.rrd'));
	daemon.order('a', fpingOrder('127.0.0.1'));
	await daemon.until('it is back', () => daemon.exists('output/a/main.rrd'));
});
