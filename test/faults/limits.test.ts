/** The machine is short of something: file descriptors, processes, inotify watches. */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Daemon, fpingOrder } from '../support/daemon.ts';

function setLimit(daemon: Daemon, what: 'nofile' | 'nproc', soft: number): void {
	const { uid } = statSync(`/proc/${daemon.pid}`);
	// As the same user, who needs no right to that.
	const as = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
	execFileSync('env', [...as, 'prlimit', `--pid=${daemon.pid}`, `--${what}=${soft}:`]);
}

async function measuresOn(daemon: Daemon, id: string): Promise<void> {
	const now = Date.now() / 1000;
	await daemon.resultOf(id, ({ time }) => time >= now);
}

test.concurrent('without file descriptors nothing is measured, it is told, and all goes on with them', async () => {
	await using daemon = new Daemon();
	await daemon.start();
	daemon.order('a', fpingOrder('127.0.0.1'));
	daemon.order('b', fpingOrder('127.0.0.1', { step: 2, pings: 2 }));
	await daemon.resultOf('a');
	await daemon.resultOf('b');
	setLimit(daemon, 'nofile', 5);
	await daemon.logged('too many open files: raise the limit');
	// They come, go and change all the same, as soon as they can be read.
	daemon.order('new', fpingOrder('127.0.0.1'));
	daemon.order('folder/new', fpingOrder('127.0.0.1'));
	daemon.order('wrong', 'step: -1');
	rmSync(daemon.path('orders/b'));
	const before = daemon.result('a');
	await new Promise((resolve) => setTimeout(resolve, 2500));
	expect(daemon.result('a')?.loss).toBe(before?.loss);
	expect(daemon.exists('output/wrong')).toBe(false);
	setLimit(daemon, 'nofile', 1024);
	for (const id of ['a', 'new', 'folder/new']) await measuresOn(daemon, id);
	expect(await daemon.errorOf('wrong')).toMatch(/step/);
	await daemon.until(
		'b is archived',
		() => daemon.exists('archive/b/last_result') && !daemon.exists('output/b'),
	);
	await daemon.until('no reason is left', () => !daemon.exists('output/a/error'));
	expect(daemon.output).not.toMatch(/a fault in pingmachine/);
	await daemon.stop();
	expect(daemon.exitCode).toBe(0);
});

test.concurrent('without processes to be had nothing is measured, the order is told, and all goes on with them', async () => {
	await using daemon = new Daemon();
	// A user that has no other processes.
	const uid = 47_110 + (process.pid % 1000);
	chmodSync(daemon.baseDir, 0o755);
	for (const folder of ['orders', 'telegraf', 'output', 'archive']) {
		mkdirSync(daemon.path(folder));
		chownSync(daemon.path(folder), uid, uid);
	}
	const caps = ['--inh-caps=-all,+net_raw', '--ambient-caps=-all,+net_raw', '--bounding-set=-all,+net_raw'];
	const prefix = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--no-new-privs', ...caps];
	await daemon.start([], { prefix });
	daemon.order('a', fpingOrder('127.0.0.1'));
	await daemon.resultOf('a');
	setLimit(daemon, 'nproc', 1);
	expect(await daemon.errorOf('a')).toMatch(/too many processes: raise the limit/);
	const { time, loss } = await daemon.resultOf('a');
	// Names are looked up by threads that are there already.
	daemon.order('named', fpingOrder('localhost'));
	expect(await daemon.errorOf('named')).toMatch(/too many processes/);
	expect(daemon.result('a')).toMatchObject({ time, loss });
	setLimit(daemon, 'nproc', 1000);
	await measuresOn(daemon, 'a');
	await measuresOn(daemon, 'named');
	await daemon.until('the reason is gone', () => !daemon.exists('output/a/error'));
	await daemon.stop();
	expect(daemon.exitCode).toBe(0);
});

test.concurrent.each([
	['watches', 3, 'sysctl fs.inotify.max_user_watches=1048576'],
	['instances', 0, 'sysctl fs.inotify.max_user_instances=1024'],
])(
	'with %s of inotify limited to %i orders are picked up all the same, and the remedy is told',
	async (what, limit, remedy) => {
		await using daemon = new Daemon();
		// Limits of a user namespace, which needs a network of its own for the right to raw sockets.
		const script = `ip link set lo up && echo ${limit} > /proc/sys/user/max_inotify_${what} && exec "$@"`;
		await daemon.start([], {
			prefix: ['unshare', '--user', '--map-root-user', '--net', 'sh', '-c', script, 'sh'],
		});
		const ids = Array.from({ length: 8 }, (_, i) => `folder${i}/ping`);
		for (const id of ids) daemon.order(id, fpingOrder('127.0.0.1'));
		for (const id of ids) await daemon.resultOf(id);
		await daemon.logged(remedy);
		rmSync(daemon.path('orders/folder3'), { recursive: true });
		await daemon.until('it is archived', () => daemon.exists('archive/folder3/ping/last_result'));
		daemon.order('folder1/ping', fpingOrder('127.0.0.1', { step: 2, pings: 2 }));
		await daemon.resultOf('folder1/ping', ({ pings }) => pings === 2);
	},
	60_000,
);
