/** scripts/setup, where it cannot do what it should: it says so, and what to do. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const root = new URL('..', import.meta.url).pathname;
let bin: string;

/** A machine with nothing but these programs. */
beforeEach(() => {
	bin = mkdtempSync(join(tmpdir(), 'pingmachine-bin-'));
	chmodSync(bin, 0o755);
	for (const name of [
		'bash',
		'env',
		'dirname',
		'id',
		'cmp',
		'find',
		'sed',
		'tr',
		'sh',
		'ls',
		'cat',
		'mkdir',
		'ln',
		'chmod',
		'rm',
	])
		symlinkSync(`/usr/bin/${name}`, join(bin, name));
	program('node', `exec ${process.execPath} "$@"`);
	program('npm', 'exit 0');
});

afterEach(() => rmSync(bin, { recursive: true }));

function program(name: string, script: string): void {
	writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

function setup(args: string[] = [], uid = 0): { status: number | null; stderr: string } {
	const options = { env: { PATH: bin }, encoding: 'utf8', uid, gid: uid } as const;
	const { status, stderr } = spawnSync('/usr/bin/bash', [join(root, 'scripts/setup'), ...args], options);
	return { status, stderr };
}

test('without Node.js', () => {
	rmSync(join(bin, 'node'));
	expect(setup()).toEqual({
		status: 1,
		stderr: 'setup: Node.js is missing. Install version 20.19 or newer: apt-get install nodejs npm\n',
	});
});

test('with a Node.js that is too old', () => {
	program('node', `if [ "$1" = --version ]; then echo v18.20.4; else exit 1; fi`);
	expect(setup()).toEqual({
		status: 1,
		stderr: 'setup: Node.js v18.20.4 is too old. pingmachine needs 20.19 or newer.\n',
	});
});

test('as a user who can become nobody else', () => {
	expect(setup([], 65_534)).toEqual({
		status: 1,
		stderr:
			'setup: these Debian packages are missing: fping httping rrdtool. Install them as root: apt-get install fping httping rrdtool\n',
	});
});

test('on another system than Debian', () => {
	expect(setup()).toEqual({
		status: 1,
		stderr:
			"setup: these programs are missing: fping httping rrdtool. Install them with your system's package manager.\n",
	});
});

test('with packages that cannot be had', () => {
	program('apt-get', 'echo "$@" >> "$0.log"; exit 100');
	const { status, stderr } = setup();
	expect(status).toBe(1);
	expect(stderr).toBe(
		"setup: reading the list of Debian's packages\n" +
			'setup: installs with apt-get: fping httping rrdtool\n' +
			'setup: apt-get could not install fping httping rrdtool. Install them by hand, then try again.\n',
	);
});

test('sudo is used by others than root', () => {
	program('sudo', 'echo "sudo $*" >&2; exit 1');
	program('apt-get', 'exit 0');
	const { status, stderr } = setup([], 65_534);
	expect(status).toBe(1);
	expect(stderr).toContain('could not install');
});

test('what is going to be installed is said before, and how much it is', () => {
	program('apt-get', `echo "$@" >> ${bin}/apt.log; case "$*" in *--assume-no*) ${sizes}; exit 1 ;; esac`);
	// The list of packages is read only when it is needed.
	const { status, stderr } = setup();
	expect(stderr.split('\n')[0]).toBe(
		'setup: installs with apt-get: fping httping rrdtool (12.3 MB to fetch, 45.6 MB on disk)',
	);
	expect(status).toBe(0);
	const install = 'install --no-install-recommends';
	expect(readFileSync(join(bin, 'apt.log'), 'utf8')).toBe(
		`${install} -s fping httping rrdtool\n${install} --assume-no fping httping rrdtool\n${install} -y -qq fping httping rrdtool\n`,
	);
});

const sizes = [
	'echo Need to get 12.3 MB/13.5 MB of archives.',
	'echo After this operation, 45.6 MB of additional disk space will be used.',
].join('; ');

test('services that Debian would start stay off, also where systemd does not run', () => {
	const look = `if [ "$3" = -y ]; then ls -l /etc/systemd/system; cat /usr/sbin/policy-rc.d; fi >> ${bin}/seen`;
	program('apt-get', look);
	// Only this test sees these folders empty.
	const inside = [
		'mount -t tmpfs tmpfs /etc/systemd/system',
		'mount -t tmpfs tmpfs /usr/sbin',
		`PATH=${bin} bash ${join(root, 'scripts/setup')} test`,
		'ls /usr/sbin',
	].join(' && ');
	const ran = spawnSync('unshare', ['--mount', 'bash', '-c', inside], { encoding: 'utf8' });
	const off = [
		'rrdcached',
		'influxdb',
		'victoria-metrics',
		'redis-server',
		'prometheus',
		'prometheus-alertmanager',
		'ssh',
	];
	expect(ran.stderr).toContain(
		`these services stay off: ${off.join(' ')}; systemctl unmask lets them start\n`,
	);
	const seen = readFileSync(join(bin, 'seen'), 'utf8');
	for (const service of off) expect(seen).toContain(`${service}.service -> /dev/null\n`);
	expect(seen).toContain(`in ${off.join('|')}) exit 101 ;; esac\n`);
	// Nothing is kept from starting afterwards but these.
	expect(ran.stdout).toBe('');
});

test('what it says of the size of the npm packages is true', () => {
	const [, said] = /^npm_mb=(\d+)$/m.exec(readFileSync(join(root, 'scripts/setup'), 'utf8')) ?? [];
	const megabytes = Number.parseInt(
		execFileSync('du', ['-sm', join(root, 'node_modules')], { encoding: 'utf8' }),
		10,
	);
	expect(megabytes).toBeGreaterThan(Number(said) / 2.5);
	expect(megabytes).toBeLessThanOrEqual(Number(said));
});

test('what it says of the size of the jars is true', () => {
	execFileSync(join(root, 'scripts/jars'), ['kafka', 'opensearch']);
	const [, said] = /^needed_mb=(\d+)$/m.exec(readFileSync(join(root, 'scripts/jars'), 'utf8')) ?? [];
	const megabytes = Number.parseInt(
		execFileSync('du', ['-sm', join(root, '.jars')], { encoding: 'utf8' }),
		10,
	);
	expect(megabytes).toBeGreaterThan(Number(said) / 2.5);
	expect(megabytes).toBeLessThanOrEqual(Number(said));
	expect(readFileSync(join(root, 'scripts/setup'), 'utf8')).toContain(`(up to ${said} MB on disk)`);
});

test.each([
	[[], 'jars: Maven is missing. Install it: apt-get install maven\n'],
	[['mvn'], 'jars: the jars of a-server need 240 MB and there are 3 MB. Free some\n'],
	[['no pom'], 'jars: there is no test/support/other/pom.xml\n'],
])('jars that cannot be fetched: %j', (programs, message) => {
	const checkout = mkdtempSync(join(tmpdir(), 'pingmachine-checkout-'));
	try {
		for (const folder of ['scripts', 'test/support/a-server'])
			execFileSync('mkdir', ['-p', join(checkout, folder)]);
		execFileSync('cp', [join(root, 'scripts/jars'), join(checkout, 'scripts/jars')]);
		writeFileSync(join(checkout, 'test/support/a-server/pom.xml'), '<project/>');
		for (const name of ['flock', 'tail']) symlinkSync(`/usr/bin/${name}`, join(bin, name));
		program('df', 'echo Avail; echo 3');
		for (const name of programs.filter((one) => one === 'mvn')) program(name, 'exit 0');
		const wanted = programs.includes('no pom') ? 'other' : 'a-server';
		const ran = spawnSync('/usr/bin/bash', [join(checkout, 'scripts/jars'), wanted], {
			env: { PATH: bin },
			encoding: 'utf8',
		});
		expect({ status: ran.status, stderr: ran.stderr }).toEqual({ status: 1, stderr: message });
	} finally {
		rmSync(checkout, { recursive: true });
	}
});
