/** `pingmachine run --user`, on every Node. */
import { spawnSync } from 'node:child_process';
import {
	chmodSync,
	chownSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { expect, test } from 'vitest';
import { commandAsNobody, nobody } from '../support/as-nobody.ts';
import { cli, Daemon, fpingOrder } from '../support/daemon.ts';

test('started as root, it measures as that user, without capabilities, and in the same process', async () => {
	await using daemon = new Daemon();
	chmodSync(daemon.baseDir, 0o755);
	await daemon.start(['--user', 'nobody']);
	daemon.order('a', fpingOrder('127.0.0.1'));
	await daemon.resultOf('a');
	const status = readFileSync(`/proc/${daemon.pid}/status`, 'utf8');
	expect(status).toMatch(/^Uid:\s+65534\s+65534\s+65534\s+65534$/m);
	expect(status).toMatch(/^Gid:\s+65534\s+65534\s+65534\s+65534$/m);
	expect(status).toMatch(/^Groups:\s+65534\s*$/m);
	for (const set of ['Prm', 'Eff', 'Amb']) expect(status).toMatch(new RegExp(`^Cap${set}:\\s+0+$`, 'm'));
	expect(statSync(daemon.path('output/a/last_result')).uid).toBe(nobody);
	expect(statSync(daemon.path('orders')).uid).toBe(nobody);
	// The lock is its own.
	const second = spawnSync(process.execPath, [cli, 'run', '--basedir', daemon.baseDir, '--user', 'nobody'], {
		encoding: 'utf8',
	});
	expect(second).toMatchObject({
		status: 1,
		stderr: `can't lock base directory ${daemon.baseDir}. Is pingmachine running already?\n`,
	});
	await daemon.stop();
	expect(daemon.exitCode).toBe(0);
	expect(daemon.output).not.toMatch(/^\s+at /m);
});

test('a first start as root leaves to the owner of the base directory what it makes there', async () => {
	await using daemon = new Daemon();
	chmodSync(daemon.baseDir, 0o755);
	mkdirSync(daemon.path('orders'), { recursive: true });
	for (const path of [daemon.baseDir, daemon.path('orders')]) chownSync(path, nobody, 65534);
	await daemon.start();
	daemon.order('deep/er/a', fpingOrder('127.0.0.1'));
	await daemon.resultOf('deep/er/a');
	await daemon.stop();
	const owners = ['telegraf', 'archive', 'spool', 'state', 'output', 'output/deep', 'output/deep/er/a'];
	for (const path of [...owners, 'output/deep/er/a/main.rrd'])
		expect([path, statSync(daemon.path(path)).uid]).toEqual([path, nobody]);
	// The service goes on where root stopped.
	const before = readFileSync(daemon.path('output/deep/er/a/last_result'), 'utf8');
	await daemon.start(['--user', 'nobody']);
	await daemon.until('it has measured again', () => {
		return readFileSync(daemon.path('output/deep/er/a/last_result'), 'utf8') !== before;
	});
	expect(daemon.output).not.toMatch(/permission denied/i);
});

test('a config that only root can read is read once; nothing of it stays open', async () => {
	await using daemon = new Daemon();
	chmodSync(daemon.baseDir, 0o755);
	const config = daemon.path('config.yaml');
	writeFileSync(config, 'user: nobody\nmax_age: 3600\n', { mode: 0o600 });
	await daemon.start(['--config', config]);
	expect(statSync(`/proc/${daemon.pid}`).uid).toBe(nobody);
	const open = readdirSync(`/proc/${daemon.pid}/fd`).map((fd) =>
		spawnSync('readlink', [`/proc/${daemon.pid}/fd/${fd}`], { encoding: 'utf8' }).stdout.trim(),
	);
	expect(open).not.toContain(config);
	daemon.order('a', fpingOrder('127.0.0.1'));
	await daemon.resultOf('a');
	daemon.kill('SIGHUP');
	await daemon.logged('the config stays as it was');
	expect(daemon.output).toMatch(/permission denied. Make it readable for the user pingmachine runs as/);
});

test.each([
	[
		'a folder that the user may not enter',
		0o700,
		0o755,
		/^the user nobody may not enter the folder that \S+\/base is in$/,
	],
	[
		'a base directory that the user may not read',
		0o755,
		0o711,
		/^can't open \S+\/base as nobody\. Give it to the user nobody$/,
	],
])('%s is an error that names it', async (_what, outer, inner, message) => {
	await using daemon = new Daemon();
	chmodSync(daemon.baseDir, outer);
	const baseDir = daemon.path('base');
	mkdirSync(baseDir);
	chmodSync(baseDir, inner);
	const { status, stderr } = spawnSync(
		process.execPath,
		[cli, 'run', '--basedir', baseDir, '--user', 'nobody'],
		{ encoding: 'utf8' },
	);
	expect(status).toBe(1);
	expect(stderr.trimEnd()).toMatch(message);
});

test('a program that the user may not read is an error that says where to install it', async () => {
	await using daemon = new Daemon();
	chmodSync(daemon.baseDir, 0o755);
	// As in the home of somebody: seen through a folder that nobody else may enter.
	mkdirSync(daemon.path('home'), { mode: 0o700 });
	mkdirSync(daemon.path('home/pingmachine'));
	const checkout = new URL('../..', import.meta.url).pathname;
	const script = `mount --bind ${checkout} ${daemon.path('home/pingmachine')} && exec "$@"`;
	const program = daemon.path('home/pingmachine/dist/src/cli.js');
	const run = [process.execPath, program, 'run', '--basedir', daemon.path('base'), '--user', 'nobody'];
	const { status, stderr } = spawnSync('unshare', ['--mount', 'sh', '-c', script, 'sh', ...run], {
		encoding: 'utf8',
	});
	expect({ status, stderr }).toEqual({
		status: 1,
		stderr: `the user nobody may not read ${program}. Install pingmachine where everybody may: scripts/install\n`,
	});
});

test('only root can become somebody else', async () => {
	await using daemon = new Daemon();
	chmodSync(daemon.baseDir, 0o777);
	const [program = '', ...args] = [...commandAsNobody, process.execPath, cli, 'run'];
	const flags = ['--basedir', daemon.baseDir, '--user'];
	expect(spawnSync(program, [...args, ...flags, 'root'], { encoding: 'utf8' })).toMatchObject({
		status: 1,
		stderr: 'only root can become root: start pingmachine as root or as root\n',
	});
});

test('without setpriv, or where it may not do what it should, the reason is told', async () => {
	await using daemon = new Daemon();
	const args = [cli, 'run', '--basedir', daemon.path('base'), '--user', 'nobody'];
	const bin = daemon.path('bin');
	mkdirSync(bin);
	const withPath = () => spawnSync(process.execPath, args, { encoding: 'utf8', env: { PATH: bin } });
	expect(withPath().stderr).toBe(
		"can't look up the user nobody: getent is not installed: apt-get install libc-bin\n",
	);
	symlinkSync('/usr/bin/getent', `${bin}/getent`);
	expect(withPath()).toMatchObject({
		status: 1,
		stderr: "can't become nobody: setpriv is not installed: apt-get install util-linux\n",
	});
	const caps = ['--bounding-set=-setuid,-setgid', '--inh-caps=-setuid,-setgid'];
	const refused = spawnSync('setpriv', [...caps, process.execPath, ...args], { encoding: 'utf8' });
	expect(refused.status).toBe(1);
	expect(refused.stderr).toMatch(/^can't become nobody: setpriv: .*Operation not permitted$/m);
	expect(refused.stderr).not.toMatch(/^\s+at /m);
});
