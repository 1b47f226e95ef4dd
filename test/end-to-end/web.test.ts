/** The web server beside the real daemon. */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cli, Daemon } from '../support/daemon.ts';
import { configureWeb, patient, webAddress } from '../support/web-daemon.ts';
import { parseText } from '../web/metrics/parse-exposition.ts';

const order =
	'{user: me, step: 2, pings: 2, probe: icmp, icmp: {host: 127.0.0.1, interval: 100}, tags: {site: zrh}}';
/** Of the process that the daemon has started for it. */
function webPid(daemon: Daemon): number {
	const children = readFileSync(`/proc/${daemon.pid}/task/${daemon.pid}/children`, 'utf8').trim().split(' ');
	return Number(children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--child')));
}

async function metrics(address: string) {
	const response = await fetch(`${address}/metrics`);
	expect(response.status).toBe(200);
	return parseText(await response.text());
}

test('metrics of all orders, as they come, are measured and go', async () => {
	await using daemon = new Daemon();
	daemon.order('core/a', order);
	await daemon.start(['--config', configureWeb(daemon, { labels: ['site'] })]);
	const address = await webAddress(daemon);
	await expect.poll(async () => (await fetch(`${address}/-/ready`)).status, patient).toBe(200);
	const sent = async (id: string) =>
		(await metrics(address)).find(
			({ name, labels }) => name === 'pingmachine_pings_sent_total' && labels['order'] === id,
		);
	await expect.poll(async () => (await sent('core/a'))?.value ?? 0, patient).toBeGreaterThanOrEqual(4);
	expect((await sent('core/a'))?.labels).toEqual({ order: 'core/a', site: 'zrh' });
	daemon.order('core/b', order);
	await expect.poll(async () => (await sent('core/b'))?.value ?? 0, patient).toBeGreaterThan(0);
	const some = await fetch(`${address}/metrics?orders=core/b`);
	expect(new Set(parseText(await some.text()).map(({ labels }) => labels['order']))).toEqual(
		new Set([undefined, 'core/b']),
	);
	rmSync(daemon.path('orders/core/b'));
	await expect.poll(() => sent('core/b'), patient).toBeUndefined();
});

test('it is nobody with power, is started again when it dies, and ends with the daemon', async () => {
	await using daemon = new Daemon();
	daemon.order('a', order);
	await daemon.start(['--config', configureWeb(daemon, {})]);
	const first = await webAddress(daemon);
	const pid = webPid(daemon);
	expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^CapEff:\s0+$.*^CapBnd:\s0+$/ms);
	process.kill(pid, 'SIGKILL');
	const second = await webAddress(daemon, 2);
	expect(webPid(daemon)).not.toBe(pid);
	expect((await fetch(`${second}/-/healthy`)).status).toBe(200);
	const totals = spawnSync(process.execPath, [cli, 'status', '--totals', '--basedir', daemon.baseDir], {
		encoding: 'utf8',
	});
	expect(totals.stdout).toMatch(/web: +http:\/\/127\.0\.0\.1:\d+, started again 1 times/);
	// Its debugger would be open to every user of the machine. What the signal would have begun is over with the answers.
	process.kill(webPid(daemon), 'SIGUSR1');
	for (let i = 0; i < 20; i++) expect((await fetch(`${second}/-/healthy`)).status).toBe(200);
	expect(daemon.output).not.toMatch(/debugger|inspector/i);
	expect(first).not.toBe('');
	const last = webPid(daemon);
	await daemon.stop();
	expect(() => process.kill(last, 0)).toThrow('ESRCH');
});

test('an address that is taken does not stop the measuring, and is told', async () => {
	await using first = new Daemon();
	await first.start(['--config', configureWeb(first, {})]);
	const { host } = new URL(await webAddress(first));
	await using daemon = new Daemon();
	daemon.order('a', order);
	await daemon.start(['--config', configureWeb(daemon, { listen: host })]);
	await expect
		.poll(() => daemon.output, patient)
		.toMatch(/web: cannot listen on .*: something else listens there/);
	await expect.poll(() => daemon.result('a'), patient).not.toBeNull();
	const totals = spawnSync(process.execPath, [cli, 'status', '--totals', '--basedir', daemon.baseDir], {
		encoding: 'utf8',
	});
	expect(totals.stdout).toMatch(/web: +failing: web: cannot listen/);
});

test('a token opens what is not public, and is told once', async () => {
	await using daemon = new Daemon();
	const file = daemon.path('tokens');
	daemon.order('a', order);
	await daemon.start(['--config', configureWeb(daemon, { tokens_file: file })]);
	const address = await webAddress(daemon);
	expect((await fetch(`${address}/metrics`)).status).toBe(401);
	const make = (...args: string[]) =>
		spawnSync(process.execPath, [cli, 'web', 'token', ...args, '--file', file, '--basedir', daemon.baseDir], {
			encoding: 'utf8',
		});
	const made = make('grafana', '--scope', 'read');
	expect(made).toMatchObject({ status: 0, stdout: expect.stringMatching(/^[\w-]{43}\n$/) });
	expect(readFileSync(file, 'utf8')).toMatch(/^grafana read [0-9a-f]{64}\n$/);
	const headers = { authorization: `Bearer ${made.stdout.trim()}` };
	await expect.poll(async () => (await fetch(`${address}/metrics`, { headers })).status, patient).toBe(200);
	expect(make('grafana', '--scope', 'read')).toMatchObject({
		status: 1,
		stderr: expect.stringContaining('called grafana'),
	});
	expect(make('x', '--scope', 'write')).toMatchObject({
		status: 1,
		stderr: expect.stringContaining('read, order, alert'),
	});
	expect(make('a b', '--scope', 'read')).toMatchObject({
		status: 1,
		stderr: expect.stringContaining('the name'),
	});
});

test('counters go on when the web server dies', async () => {
	await using daemon = new Daemon();
	daemon.order('a', order);
	await daemon.start(['--config', configureWeb(daemon)]);
	const sentAt = async (address: string) => {
		const text = await (await fetch(`${address}/metrics`)).text();
		return parseText(text).find(({ name }) => name === 'pingmachine_pings_sent_total')?.value ?? 0;
	};
	const first = await webAddress(daemon);
	await expect.poll(() => sentAt(first), patient).toBeGreaterThanOrEqual(6);
	const before = await sentAt(first);
	process.kill(webPid(daemon), 'SIGKILL');
	const second = await webAddress(daemon, 2);
	let after = 0;
	await expect
		.poll(async () => {
			after = await sentAt(second);
			return after;
		}, patient)
		.toBeGreaterThan(0);
	// The first that is there has what was counted before.
	expect(after).toBeGreaterThanOrEqual(before);
});
