/** scripts/setup, where it cannot do what it should: it says so, and what to do. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const root = new URL('..', import.meta.url).pathname;
let bin: string;

/** A machine with nothing but these programs. */
beforeEach(() => {
	bin = mkdtempSync(join(tmpdir(), 'pingmachine-bin-'));
	chmodSync(bin, 0o755);
	for (const name of ['bash', 'env', 'dirname', 'id', 'cmp', 'find'])
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
		'setup: installing fping httping rrdtool\n' +
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
