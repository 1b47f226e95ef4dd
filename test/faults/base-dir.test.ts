/** The base directory can be deleted at any time. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cli, Daemon, fpingOrder } from '../support/daemon.ts';

/** What becomes of a second daemon in the same place. */
function second(baseDir: string): { readonly status: number | null; readonly stderr: string } {
	const { status, stderr } = spawnSync(process.execPath, [cli, 'run', '--basedir', baseDir], {
		encoding: 'utf8',
		timeout: 20_000,
	});
	return { status, stderr };
}

function refused(baseDir: string) {
	return {
		status: 1,
		stderr: expect.stringContaining(
			`can't lock base directory ${baseDir}. Is pingmachine running already?`,
		) as unknown,
	};
}

const question = (daemon: Daemon) =>
	spawnSync(process.execPath, ['-e', ask, daemon.path('pingmachine.sock')], { encoding: 'utf8' }).stdout;
const ask = `require('node:http')
	.get({ socketPath: process.argv[1], path: '/v1/daemon' }, (answer) => answer.pipe(process.stdout))
	.on('error', () => {});`;

const folders = ['archive', 'orders', 'output', 'spool', 'state', 'telegraf'];

test.concurrent('a base directory that is removed and made again is taken up whole, and no second daemon can start in it', async () => {
	await using daemon = new Daemon();
	await daemon.start();
	daemon.order('a', fpingOrder('127.0.0.1', { step: 1, pings: 1 }));
	await daemon.resultOf('a');

	// While it is away, and just when it is made again: by the second one itself.
	rmSync(daemon.baseDir, { recursive: true, force: true });
	expect(second(daemon.baseDir)).toEqual(refused(daemon.baseDir));
	await daemon.logged('was removed and made again: going on in it');
	await daemon.until('it has its socket', () => question(daemon).includes('"pid"'));
	expect(folders.filter((folder) => !daemon.exists(folder))).toEqual([]);
	expect(JSON.parse(question(daemon))).toMatchObject({ pid: daemon.pid });

	daemon.order('b', fpingOrder('127.0.0.1', { step: 1, pings: 1 }));
	const first = await daemon.resultOf('b');
	await daemon.resultOf('b', ({ time }) => time > first.time);
	await daemon.until('b has a main.rrd', () => daemon.exists('output/b/main.rrd'));
	expect(second(daemon.baseDir)).toEqual(refused(daemon.baseDir));

	// Moved away, with an empty one in its place.
	renameSync(daemon.baseDir, `${daemon.baseDir}.old`);
	mkdirSync(daemon.baseDir);
	await daemon.until('it has its socket', () => question(daemon).includes('"pid"'));
	expect(folders.filter((folder) => !daemon.exists(folder))).toEqual([]);
	rmSync(`${daemon.baseDir}.old`, { recursive: true });

	await daemon.stop();
	expect(daemon.exitCode).toBe(0);
	expect(daemon.output).not.toMatch(/a fault in pingmachine/);
	await daemon.start();
});

test.concurrent('neither can one that comes by a link, or when the folder above is made again too', async () => {
	await using daemon = new Daemon();
	const baseDir = daemon.path('deep/base');
	await daemon.start(['--basedir', baseDir]);
	symlinkSync(daemon.path('deep'), daemon.path('link'));
	expect(second(daemon.path('link/base'))).toEqual(refused(daemon.path('link/base')));
	rmSync(daemon.path('deep'), { recursive: true });
	mkdirSync(baseDir, { recursive: true });
	expect(second(baseDir)).toEqual(refused(baseDir));
	await daemon.until('it has its socket', () => daemon.exists('deep/base/pingmachine.sock'));
});
