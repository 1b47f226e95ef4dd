/** `pingmachine run`: flags, config, log, signals, users. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
	chmodSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { expect, test } from 'vitest';
import { cli, Daemon, fpingOrder } from '../support/daemon.ts';

function pingmachine(...args: string[]) {
	return spawnSync(process.execPath, [cli, ...args], { encoding: 'utf8', timeout: 60_000 });
}

test('the base directory and its folders are made', async () => {
	await using daemon = new Daemon();
	rmSync(daemon.baseDir, { recursive: true });
	await daemon.start();
	for (const folder of ['orders', 'telegraf', 'output', 'archive']) {
		expect(statSync(daemon.path(folder)).isDirectory()).toBe(true);
	}
});

test('a base directory that cannot be made is an error that names it', () => {
	const { status, stderr } = pingmachine('run', '--basedir', '/dev/null/here');
	expect(status).toBe(1);
	expect(stderr).toMatch(/^can't make \/dev\/null\/here: /);
});

test('a base directory that cannot be written to is an error that says to whom to give it', async () => {
	await using daemon = new Daemon();
	chmodSync(daemon.baseDir, 0o755);
	for (const folder of ['orders', 'telegraf', 'output', 'archive']) mkdirSync(daemon.path(folder));
	daemon.spawn(['--user', 'nobody']);
	await daemon.exited();
	expect(daemon.exitCode).toBe(1);
	expect(daemon.output).toMatch(/^can't write to .*\/output: EACCES.* Give it to the user nobody$/m);
});

test('wrong flags, a wrong config file and an unknown user are told in full, and nothing is started', async () => {
	await using daemon = new Daemon();
	const flags = pingmachine('run', '--basedir', daemon.baseDir, '--max-age', 'soon', '--log-level', 'loud');
	expect(flags.status).toBe(1);
	expect(flags.stderr).toMatch(/--max-age: .*"soon"/);
	expect(flags.stderr).toMatch(/--log-level: .*"loud"/);
	const config = daemon.path('config.yaml');
	writeFileSync(config, 'max_aeg: 60\nprobes:\n    fpnig: {}\n');
	const file = pingmachine('run', '--basedir', daemon.baseDir, '--config', config);
	expect(file.status).toBe(1);
	expect(file.stderr).toMatch(/config\.yaml.*max_aeg.*max_age/);
	expect(file.stderr).toMatch(/fpnig.*fping/);
	const user = pingmachine('run', '--basedir', daemon.baseDir, '--user', 'nobody-at-all');
	expect(user.status).toBe(1);
	expect(user.stderr).toBe('there is no user nobody-at-all. Create it: useradd --system nobody-at-all\n');
	expect(existsSync(daemon.path('output'))).toBe(false);
	const command = pingmachine('rum');
	expect(command.status).toBe(1);
	expect(command.stderr).toMatch(/unknown command 'rum'/);
});

test('SIGHUP reads the config again; a wrong one changes nothing', async () => {
	await using daemon = new Daemon();
	const config = daemon.path('config.yaml');
	writeFileSync(config, 'max_age: 3660\nlog_level: info\n');
	await daemon.start(['--config', config]);
	daemon.order('a', fpingOrder('127.0.0.1'));
	await daemon.resultOf('a');
	writeFileSync(config, 'max_age: a while\n');
	daemon.kill('SIGHUP');
	await daemon.logged('the config stays as it was');
	expect(daemon.output).toMatch(/max_age: .*"a while"/);
	writeFileSync(config, 'max_age: 1\nlog_format: json\n');
	daemon.kill('SIGHUP');
	await daemon.logged('changed max_age');
	await daemon.logged('restart pingmachine for the new log_format');
	await daemon.until('the order is too old now', () => daemon.exists('archive/a/order'));
	writeFileSync(config, 'max_age: 1\nlog_format: json\narchive_max_size: 0\n');
	daemon.kill('SIGHUP');
	await daemon.logged('removed from the archive: a (archived 0 hours ago)');
	expect(readdirSync(daemon.path('archive'))).toEqual([]);
});

test('the process title says how many orders are measured', async () => {
	await using daemon = new Daemon();
	await daemon.start();
	for (const id of ['a', 'b', 'c']) daemon.order(id, fpingOrder('127.0.0.1'));
	await daemon.until('the title counts them', () =>
		readFileSync(`/proc/${daemon.pid}/cmdline`, 'latin1').startsWith('pingmachine [orders: 3]'),
	);
});

test('the examples in the help are commands that work', async () => {
	const help = execFileSync(process.execPath, [cli, 'run', '--help'], { encoding: 'utf8' });
	const examples = help.match(/(?<=^ {2}pingmachine run ).*/gm) ?? [];
	expect(examples).toHaveLength(2);
	for (const example of examples) {
		await using daemon = new Daemon();
		const config = daemon.path('pingmachine.yaml');
		writeFileSync(config, 'log_level: info\n');
		const words = example
			.replace('--basedir /tmp/try', '')
			.replace('/etc/pingmachine/pingmachine.yaml', config);
		await daemon.start(words.split(' ').filter((word) => word !== ''));
		await daemon.stop();
		expect(daemon.exitCode).toBe(0);
	}
});

test('--log-format json writes one object a line, journal writes priorities', async () => {
	await using daemon = new Daemon();
	await daemon.start(['--log-format', 'json', '--log-level', 'debug']);
	daemon.order('bad', 'x: 1');
	await daemon.errorOf('bad');
	await daemon.stop();
	const lines = daemon.output
		.trimEnd()
		.split('\n')
		.map((line) => JSON.parse(line) as Record<string, string>);
	expect(lines[0]?.['message']).toBe(`pingmachine started in ${daemon.baseDir}`);
	expect(
		lines.some(({ level, message }) => level === 'warn' && message?.startsWith('rejected order: bad')),
	).toBe(true);
	for (const { time } of lines) expect(Number.isNaN(Date.parse(time ?? ''))).toBe(false);

	await using other = new Daemon();
	await other.start(['--log-format', 'journal']);
	await other.stop();
	expect(other.output).toBe(`<6>pingmachine started in ${other.baseDir}\n<6>pingmachine stopped\n`);
});

test('names of orders cannot forge log lines or send escape sequences to a terminal', async () => {
	await using daemon = new Daemon();
	await daemon.start();
	daemon.order('evil\nforged line\x1b[2J', fpingOrder('127.0.0.1'));
	await daemon.until('it is measured', () =>
		daemon.exists('output', 'evil\nforged line\x1b[2J', 'last_result'),
	);
	expect(daemon.output).not.toMatch(/^forged/m);
	expect(daemon.output).not.toContain('\x1b');
});

test('check says what is wrong with orders, without a daemon', async () => {
	await using daemon = new Daemon();
	daemon.order('good', fpingOrder('127.0.0.1'));
	daemon.order('bad', fpingOrder('127.0.0.1').replace('host', 'hots'));
	const good = pingmachine('check', daemon.path('orders/good'));
	expect(good).toMatchObject({ status: 0, stderr: '' });
	const both = pingmachine('check', daemon.path('orders/good'), daemon.path('orders/bad'));
	expect(both.status).toBe(1);
	expect(both.stdout).toMatch(new RegExp(`^${daemon.path('orders/bad')}: fping\\.hots: .*host`, 'm'));
	const json = pingmachine('check', '--json', daemon.path('orders/bad'));
	expect(JSON.parse(json.stdout.split('\n')[0] ?? '')).toMatchObject({
		file: daemon.path('orders/bad'),
		key: 'fping.hots',
	});
});

test('it runs where /tmp and the working directory are gone, and without HOME', async () => {
	await using daemon = new Daemon();
	const gone = daemon.path('gone');
	mkdirSync(gone);
	await daemon.start([], {
		prefix: ['env', '-u', 'HOME', 'sh', '-c', `cd ${gone} && rmdir ${gone} && exec "$@"`, 'sh'],
	});
	daemon.order('a', fpingOrder('127.0.0.1'));
	await daemon.resultOf('a');
	execFileSync('rrdtool', ['info', daemon.path('output/a/main.rrd')]);
});

test('SIGUSR1 opens no debugger', async () => {
	await using daemon = new Daemon();
	await daemon.start();
	daemon.kill('SIGUSR1');
	// What the signal would have begun is over when a later signal has been answered, and something has been measured.
	daemon.kill('SIGHUP');
	await daemon.until('it heard the next signal', () => daemon.output.includes('read the config again'));
	daemon.order('a', fpingOrder('127.0.0.1', { step: 1, pings: 1 }));
	await daemon.until('it measures', () => daemon.result('a') !== null);
	expect(daemon.output).not.toMatch(/debugger|inspector/i);
	expect(daemon.exitCode).toBeNull();
});
