/** Probes whose program cannot be had from Debian: the daemon with a stand-in for it. */
import { symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { Daemon } from '../support/daemon.ts';
import { StandIns, scionJson } from '../support/stand-in.ts';

const programs = new StandIns();
afterAll(() => programs.remove());

test('an order whose program is missing says how to get it, and is measured once it is installed', async () => {
	await using daemon = new Daemon();
	const target = '1-ff00:0:110,10.0.0.1';
	const command = daemon.path('bin-scion');
	const config = daemon.path('config.yaml');
	writeFileSync(config, `probes:\n    sping:\n        command: ${command}\n`);
	await daemon.start(['--config', config]);
	daemon.order('a', `user: test\nstep: 2\npings: 2\nprobe: sping\nsping:\n    host: ${target}\n`);
	expect(await daemon.errorOf('a')).toBe(
		`${command} does not exist: correct the path in the config file, or install the SCION tools, https://docs.scion.org says how`,
	);
	expect(daemon.result('a')).toBeNull();
	const { path } = programs.program({ first: scionJson(target, [1.5, null]) });
	symlinkSync(path, command);
	expect(await daemon.resultOf('a')).toMatchObject({ loss: 1, pings: 2, median: 0.0015 });
	await daemon.until('the reason is gone', () => !daemon.exists('output/a/error'));
});

test('SIGTERM in the middle of an ssh job takes less than 5 s', async () => {
	await using daemon = new Daemon();
	await daemon.start();
	daemon.order('a', 'user: test\nstep: 600\npings: 5\nprobe: ssh\nssh:\n    host: 127.0.0.1\n    port: 1\n');
	daemon.order('b', 'user: test\nstep: 1\npings: 1\nprobe: ssh\nssh:\n    host: 127.0.0.1\n    port: 1\n');
	expect(await daemon.resultOf('b')).toMatchObject({ loss: 1, pings: 1 });
	await daemon.stop();
	// It ends itself with 1 when that takes 5 s.
	expect(daemon.exitCode).toBe(0);
});
