/** The systemd unit, as far as it can be tried without a running systemd. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
	chmodSync,
	copyFileSync,
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Daemon, fpingOrder } from '../support/daemon.ts';
import { spawnMortal } from '../support/mortal.ts';

const root = new URL('../..', import.meta.url).pathname;
const destdir = mkdtempSync(join(tmpdir(), 'pingmachine-install-'));
afterAll(() => rmSync(destdir, { recursive: true, force: true }));

beforeAll(() => {
	execFileSync(join(root, 'scripts/install'), { env: { ...process.env, DESTDIR: destdir }, stdio: 'pipe' });
});

test('what scripts/install installs runs, and keeps a config that is there', () => {
	const version = execFileSync(join(destdir, 'usr/local/bin/pingmachine'), ['--version'], {
		encoding: 'utf8',
	});
	expect(version.trim()).toBe(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version);
	expect(existsSync(join(destdir, 'usr/local/lib/pingmachine/node_modules/vitest'))).toBe(false);
	expect(readFileSync(join(destdir, 'etc/pingmachine/pingmachine.yaml'), 'utf8')).toBe(
		readFileSync(join(root, 'pingmachine.example.yaml'), 'utf8'),
	);
	const config = join(destdir, 'etc/pingmachine/pingmachine.yaml');
	execFileSync('sh', ['-c', `echo 'log_level: debug' > ${config}`]);
	execFileSync(join(root, 'scripts/install'), { env: { ...process.env, DESTDIR: destdir }, stdio: 'pipe' });
	expect(readFileSync(config, 'utf8')).toBe('log_level: debug\n');
});

test('the manual page and the completion of three shells are where Debian looks for them, and go with --remove', () => {
	const elsewhere = mkdtempSync(join(tmpdir(), 'pingmachine-install-'));
	try {
		for (const share of ['usr/share', 'usr/local/share']) {
			cpSync(join(destdir, share), join(elsewhere, share), { recursive: true, verbatimSymlinks: true });
		}
		const names = ['pingmachine', 'pingmachine-status', 'pingmachine-graph', 'mpcli'];
		const files = names.flatMap((name) => [
			join(elsewhere, 'usr/local/share/man/man1', `${name}.1.gz`),
			join(elsewhere, 'usr/share/bash-completion/completions', name),
			join(elsewhere, 'usr/share/fish/vendor_completions.d', `${name}.fish`),
		]);
		files.push(join(elsewhere, 'usr/local/share/man/man1/pingmachine-order-add.1.gz'));
		files.push(join(elsewhere, 'usr/share/zsh/vendor-completions/_pingmachine'));
		for (const file of files) {
			const content = readFileSync(file);
			const text = file.endsWith('.gz') ? gunzipSync(content).toString() : content.toString();
			expect(text, file).toMatch(
				file.endsWith('.gz') ? /^\.TH (PINGMACHINE|MPCLI)\S* 1 /m : /pingmachine completion/,
			);
			expect(statSync(file).mode & 0o777, file).toBe(0o644);
		}
		execFileSync(join(root, 'scripts/install'), ['--remove'], {
			env: { ...process.env, DESTDIR: elsewhere },
			stdio: 'pipe',
		});
		expect(files.filter((file) => existsSync(file))).toEqual([]);
	} finally {
		rmSync(elsewhere, { recursive: true });
	}
});

test('systemd finds nothing wrong with the unit', () => {
	const unit = join(destdir, 'pingmachine.service');
	const text = readFileSync(join(destdir, 'etc/systemd/system/pingmachine.service'), 'utf8');
	// systemd looks for the program where it would be installed.
	writeFileSync(unit, text.replace('/usr/local/bin/pingmachine', `${destdir}/usr/local/bin/pingmachine`));
	expect(spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' })).toMatchObject({
		status: 0,
		stderr: '',
	});
});

test('the unit is hardened: systemd-analyze security finds an exposure below 3.0', () => {
	const unit = join(root, 'packaging/systemd/pingmachine.service');
	const report = execFileSync('systemd-analyze', ['security', '--offline=yes', '--no-pager', unit], {
		encoding: 'utf8',
	});
	const exposure = Number(/Overall exposure level for pingmachine\.service: ([\d.]+)/.exec(report)?.[1]);
	expect(exposure).toBeLessThan(3);
});

test('the snippets for users and folders are valid', () => {
	const users = spawnSync(
		'systemd-sysusers',
		['--dry-run', join(root, 'packaging/systemd/pingmachine.sysusers')],
		{
			encoding: 'utf8',
		},
	);
	expect(users.stderr).not.toMatch(/:\d+:|Failed to parse/);
	expect(users.status).toBe(0);
	// Tried with a user that every system has, below another root.
	const text = readFileSync(join(root, 'packaging/systemd/pingmachine.tmpfiles'), 'utf8');
	const elsewhere = join(destdir, 'tmpfiles');
	mkdirSync(join(elsewhere, 'etc'), { recursive: true });
	for (const name of ['passwd', 'group']) copyFileSync(`/etc/${name}`, join(elsewhere, 'etc', name));
	const names = text.replaceAll(/(?<!\/)\bpingmachine\b(?!\/)/g, 'daemon');
	writeFileSync(join(elsewhere, 'snippet.conf'), names);
	const create = ['--create', `--root=${elsewhere}`, join(elsewhere, 'snippet.conf')];
	expect(spawnSync('systemd-tmpfiles', create, { encoding: 'utf8' })).toMatchObject({
		status: 0,
		stderr: '',
	});
	// An application with an ordinary umask makes a folder: the daemon may remove what is in it.
	const orders = join(elsewhere, 'var/lib/pingmachine/orders');
	execFileSync('sh', ['-c', `umask 022; mkdir ${orders}/app; touch ${orders}/app/order`]);
	chmodSync(destdir, 0o755);
	execFileSync('setpriv', [
		'--reuid=daemon',
		'--regid=daemon',
		'--clear-groups',
		'rm',
		'-f',
		`${orders}/app/order`,
	]);
	expect(existsSync(`${orders}/app/order`)).toBe(false);
});

/** Node has no datagram sockets of the unix kind. */
const printDatagrams = `
	use Socket; $| = 1;
	socket(my $socket, AF_UNIX, SOCK_DGRAM, 0) or die $!;
	bind($socket, sockaddr_un($ARGV[0])) or die $!;
	while (1) { recv($socket, my $message, 4096, 0); print "$message\n"; }
`;

test('it tells the service manager when it is ready, alive, reloading and stopping', async () => {
	await using daemon = new Daemon();
	const socket = daemon.path('notify');
	const listener = spawnMortal('perl', ['-e', printDatagrams, socket]);
	try {
		let heard = '';
		listener.stdout.on('data', (text) => {
			heard += text;
		});
		await daemon.until('the socket is there', () => existsSync(socket));
		await daemon.start([], { env: { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '1500000' } });
		await daemon.until('it is ready', () => heard.includes('READY=1'));
		daemon.order('a', fpingOrder('127.0.0.1'));
		await daemon.until('it is alive', () => /WATCHDOG=1\nSTATUS=1 orders measured, 0 rejected/.test(heard));
		daemon.kill('SIGHUP');
		await daemon.until('it reloads', () => /RELOADING=1\nMONOTONIC_USEC=\d+[\s\S]*READY=1/.test(heard));
		await daemon.stop();
		await daemon.until('it stops', () => heard.includes('STOPPING=1'));
		expect(daemon.exitCode).toBe(0);
	} finally {
		listener.kill();
	}
});
