/** What the scripts of this repository say before they begin. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const root = new URL('..', import.meta.url).pathname;
const nobody = 65_534;
let bin: string;

beforeEach(() => {
	bin = mkdtempSync(join(tmpdir(), 'pingmachine-bin-'));
	chmodSync(bin, 0o777);
	for (const name of ['bash', 'env', 'dirname', 'id', 'sed', 'cat', 'cmp', 'find', 'rm'])
		symlinkSync(`/usr/bin/${name}`, join(bin, name));
});

afterEach(() => rmSync(bin, { recursive: true }));

function program(name: string, script: string): void {
	writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

/** With nothing but the programs above, and none of what is installed here. */
function script(name: string, args: string[] = [], uid = 0) {
	const options = { env: { PATH: bin }, encoding: 'utf8', uid, gid: uid } as const;
	const { status, stdout, stderr } = spawnSync(
		'/usr/bin/bash',
		[join(root, 'scripts', name), ...args],
		options,
	);
	return { status, stdout, stderr };
}

test('npm test says first that it needs root', () => {
	expect(script('test', [], nobody)).toEqual({
		status: 1,
		stdout: '',
		stderr: 'test: the tests need root: run npm test as root, or install sudo\n',
	});
});

test('npm test asks for the password of sudo first, and goes no further without', () => {
	program('sudo', `printf "%s\\n" "$*" >> ${bin}/asked; exit 1`);
	expect(script('test', [], nobody)).toEqual({
		status: 1,
		stdout: '',
		stderr:
			'test: the tests need root, so sudo asks for your password\n' +
			'test: the tests need root, and sudo does not let you: run npm test as root\n',
	});
	expect(readFileSync(join(bin, 'asked'), 'utf8')).toBe('-n true\n-v\n');
});

test('a fresh machine is for root to make, with debootstrap', () => {
	expect(script('fresh-machine', [], nobody)).toMatchObject({
		status: 1,
		stderr: 'fresh-machine: only root can make such a system: run it as root\n',
	});
	expect(script('fresh-machine')).toMatchObject({
		status: 1,
		stderr: 'fresh-machine: debootstrap is missing. Install it: apt-get install debootstrap\n',
	});
	expect(script('fresh-machine', ['--help'])).toMatchObject({ status: 0, stderr: '' });
	expect(script('fresh-machine', ['--hlep'])).toMatchObject({
		status: 2,
		stderr: expect.stringMatching(/^fresh-machine: unknown option --hlep\n/),
	});
});

test('the tests on another Node.js: what can be asked for', () => {
	expect(script('test-node', ['--help'])).toMatchObject({
		status: 0,
		stdout: expect.stringContaining('npm run test:node -- 24'),
	});
	expect(script('test-node', ['new'])).toMatchObject({ status: 2, stdout: '' });
});

test('nothing of where packages come from on one machine is written into these scripts', () => {
	for (const name of ['fresh-machine', 'setup', 'test', 'test-node', 'test-as-root', 'install'])
		expect(readFileSync(join(root, 'scripts', name), 'utf8')).not.toMatch(/https?:\/\/(?!mirror\/)/);
});
