/** Links in orders/ that are refused, with the real daemon and all commands. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cli, Daemon, fpingOrder } from '../support/daemon.ts';

function run(daemon: Daemon, ...args: string[]) {
	return spawnSync(process.execPath, [cli, ...args, '--basedir', daemon.baseDir], { encoding: 'utf8' });
}

interface Line {
	readonly id: string;
	readonly error?: string;
	readonly state?: string;
	readonly reason?: string;
	readonly message?: string;
}

function linesOf(text: string): Line[] {
	return text
		.split('\n')
		.filter((line) => line !== '')
		.map((line) => JSON.parse(line));
}

/** What each command says is wrong, by id. */
function faults(daemon: Daemon): Record<string, Record<string, string | undefined>> {
	const ls = linesOf(run(daemon, 'order', 'ls', '--json').stdout);
	const status = linesOf(run(daemon, 'status', '--json').stdout);
	const check = spawnSync(process.execPath, [cli, 'check', '--json', daemon.path('orders')], {
		encoding: 'utf8',
	});
	return {
		ls: Object.fromEntries(ls.filter(({ error }) => error !== undefined).map(({ id, error }) => [id, error])),
		status: Object.fromEntries(
			status.filter(({ state }) => state === 'rejected').map(({ id, reason }) => [id, reason]),
		),
		check: Object.fromEntries(linesOf(check.stdout).map(({ id, message }) => [id, message])),
	};
}

test('a link to what has a path already, and one to no orders at all, are one rejected order each', async () => {
	await using daemon = new Daemon();
	daemon.order('office/router', fpingOrder('127.0.0.1'));
	mkdirSync(daemon.path('share/docs'), { recursive: true });
	for (let index = 0; index < 1200; index++)
		writeFileSync(daemon.path('share/docs', String(index)), 'no order');
	symlinkSync('office', daemon.path('orders/second'));
	symlinkSync('../share', daemon.path('orders/share'));
	await daemon.start();

	const found = 'what is there is found as office already, which counts. Remove the link';
	const crowded = expect.stringMatching(/^more than 1000 files behind this link are no orders\. /);
	expect(await daemon.errorOf('second')).toBe(found);
	expect(await daemon.errorOf('share')).toEqual(crowded);
	await daemon.resultOf('office/router');
	const wrong = { second: found, share: crowded };
	expect(faults(daemon)).toEqual({ ls: wrong, status: wrong, check: wrong });
	expect(readdirSync(daemon.path('output')).sort()).toEqual(['office', 'second', 'share']);
	expect(readdirSync(daemon.path('output/share'))).toEqual(['error']);
	expect(daemon.output.match(/rejected order/g)).toHaveLength(2);

	// The commands that ask for results say so.
	const explained = run(daemon, 'explain', '--json', 'second');
	expect(JSON.parse(explained.stdout)).toMatchObject({ id: 'second', state: 'rejected', reason: found });
	expect(JSON.parse(run(daemon, 'explain', '--json', 'share').stdout)).toMatchObject({ state: 'rejected' });
	expect(run(daemon, 'explain', 'second/router').stderr).toContain('second/router: there is no such order');
	for (const command of ['graph', 'export']) {
		expect(run(daemon, command, 'second')).toMatchObject({
			status: 1,
			stderr: expect.stringContaining('second: has no main.rrd'),
		});
	}
	const page = daemon.path('page.html');
	expect(run(daemon, 'graph', 'office', '--out', daemon.path('one.png'))).toMatchObject({
		status: 0,
		stderr: '',
	});
	expect(run(daemon, 'graph', 'off*/**', 'office/router', '--out', page)).toMatchObject({
		status: 0,
		stderr: '',
	});
	expect(run(daemon, 'graph', 'x*').stderr).toBe('pingmachine graph: x*: no order matches\n');

	// Refreshing all is no trouble; the link can be removed, and with it all that was said of it.
	expect(run(daemon, 'order', 'refresh', '--all')).toMatchObject({
		status: 0,
		stdout: 'refreshed office/router\n',
	});
	expect(run(daemon, 'order', 'refresh', 'second').stderr).toBe(`second: ${found}\n`);
	expect(run(daemon, 'order', 'rm', 'second')).toMatchObject({ status: 0, stdout: 'removed second\n' });
	unlinkSync(daemon.path('orders/share'));
	await daemon.until('their folders are gone', () => readdirSync(daemon.path('output')).length === 1);
	expect(faults(daemon)).toEqual({ ls: {}, status: {}, check: {} });
	expect(daemon.exists('orders/office/router')).toBe(true);
});

test('an order that has a name of ours is rejected with the remedy, and its results stay', async () => {
	await using daemon = new Daemon();
	daemon.put(
		'output/office/slots/last_result',
		'time: 1\nupdated: 2\nstep: 1\npings: 1\nloss: 1\nmin: ~\nmedian: ~\nmax: ~\n',
	);
	daemon.order('office/slots', fpingOrder('127.0.0.1'));
	daemon.order('office/histograms', fpingOrder('127.0.0.1'));
	daemon.order('@mine/router', fpingOrder('127.0.0.1'));
	daemon.order('@hub/router', fpingOrder('127.0.0.1'));
	await daemon.start();
	await daemon.logged('rejected order: office/histograms: its path has histograms in it');
	expect(await daemon.errorOf('office/slots')).toContain('Choose another name');
	expect(await daemon.errorOf('@mine/router')).toContain("names that begin with @ are pingmachine's own");
	// Only the link to a hub writes there.
	expect(await daemon.errorOf('@hub/router')).toContain('hub');
	// A folder of that name would be in the way of what is written for an order called office.
	expect(daemon.exists('output/office/histograms')).toBe(false);
	expect(daemon.read('output/office/slots/last_result')).toContain('time: 1\n');
	expect(Object.keys(faults(daemon)['status'] ?? {}).sort()).toEqual([
		'@mine/router',
		'office/histograms',
		'office/slots',
	]);
	const added = ['order', 'add', '@hub/x', '--user', 'me', '--step', '60', '--pings', '5'];
	expect(run(daemon, ...added, '--probe', 'fping', '--host', '127.0.0.1').stderr).toContain(
		"pingmachine's own",
	);
});

test('a base directory behind a link is written to slot by slot, without a warning', async () => {
	await using daemon = new Daemon();
	symlinkSync('.', daemon.path('link'));
	daemon.order('a', fpingOrder('127.0.0.1'));
	await daemon.start(['--basedir', daemon.path('link')]);
	const first = await daemon.resultOf('a');
	await daemon.resultOf('a', ({ time }) => time > first.time);
	await daemon.stop();
	expect(daemon.output).not.toContain('Warning');
	expect(daemon.exitCode).toBe(0);
});
