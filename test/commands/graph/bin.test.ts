import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { registerExport } from '../../../src/commands/export/index.ts';
import { registerGraph } from '../../../src/commands/graph/index.ts';
import { compileModule } from '../../support/compiled-module.ts';
import { makeOrder } from './rrds.ts';

let compiled: ReturnType<typeof compileModule>;
beforeAll(() => {
	compiled = compileModule('src/commands/graph/bin.ts');
	// Where the version is read from.
	const packageJson = fileURLToPath(new URL('../../../package.json', import.meta.url));
	copyFileSync(packageJson, join(dirname(compiled.module), '../../../package.json'));
});
afterAll(() => compiled.remove());

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'pingmachine-'));
	makeOrder(folder, { id: 'me/one', stepSeconds: 60, pings: 5, firstSeconds: 1_795_000_020, slots: [[0.1]] });
});
afterEach(() => {
	process.exitCode = undefined;
	rmSync(folder, { recursive: true });
});

function pingmachineGraph(...args: string[]) {
	const { status, stdout, stderr } = spawnSync(
		process.execPath,
		[compiled.module, '--basedir', folder, ...args],
		{ cwd: folder, encoding: 'utf8' },
	);
	return { status, stdout, stderr };
}

test('the flags of the Perl program draw what they drew', () => {
	const args = ['-i', 'me/one', '-p', 'week', '-o', 'picture'];
	expect(pingmachineGraph(...args)).toEqual({ status: 0, stdout: '', stderr: '' });
	expect(readFileSync(join(folder, 'picture')).toString('latin1', 1, 4)).toBe('PNG');
	expect(pingmachineGraph('-i', 'me/one')).toEqual({ status: 0, stdout: 'me_one.png\n', stderr: '' });
	expect(readdirSync(folder).sort()).toEqual(['me_one.png', 'output', 'picture']);
});

test('what is wrong is on standard error, without a stack', () => {
	expect(pingmachineGraph('-i', 'me/oen', '-p', 'day')).toEqual({
		status: 1,
		stdout: '',
		stderr: 'pingmachine graph: me/oen: there is no such order. Did you mean me/one?\n',
	});
	expect(pingmachineGraph('-p', 'day')).toMatchObject({ status: 1, stdout: '' });
});

test('the commands take times that begin with a dash', async () => {
	const program = new Command('pingmachine').exitOverride();
	registerExport(program);
	registerGraph(program, builtInProbes);
	const run = (...words: string[]) =>
		program.parseAsync([
			'node',
			'pingmachine',
			...words,
			'--basedir',
			folder,
			'--start',
			'-2h',
			'--end',
			'-1h',
		]);
	const file = join(folder, 'one.svg');
	await run('graph', 'me/one', '--out', file);
	expect(process.exitCode).toBe(0);
	expect(readFileSync(file, 'utf8')).toContain('<svg');
});

test('the help documents the exit codes', () => {
	const program = new Command('pingmachine');
	registerExport(program);
	registerGraph(program, builtInProbes);
	for (const command of program.commands) {
		let help = '';
		const writeOut = (text: string) => {
			help += text;
		};
		command.configureOutput({ writeOut }).outputHelp();
		expect(help).toContain('Exit code: 0');
		expect(help).toContain('Examples:');
	}
});

test.each([
	['ends at once', 'exit 0', 'it was ended by exit code 0'],
	['is killed', 'kill -SEGV $$', 'it was ended by SIGSEGV'],
	[
		'prints what is no picture',
		'head -c 5000 /dev/zero',
		'what it prints is no picture. Is it the right program?',
	],
	['prints 100 MB', 'yes | head -c 100000000', 'what it prints is no picture. Is it the right program?'],
])('an rrdtool that %s is told, and no file is written', (_what, script, reason) => {
	writeFileSync(join(folder, 'rrdtool'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
	const args = [compiled.module, '--basedir', folder, '-i', 'me/one', '-o', 'picture'];
	const env = { ...process.env, PATH: `${folder}:${process.env['PATH']}` };
	const { status, stdout, stderr } = spawnSync(process.execPath, args, {
		cwd: folder,
		encoding: 'utf8',
		env,
	});
	expect({ status, stdout, stderr }).toEqual({
		status: 1,
		stdout: '',
		stderr: `pingmachine graph: me/one: rrdtool could not draw it: ${reason}\n`,
	});
	expect(readdirSync(folder).sort()).toEqual(['output', 'rrdtool']);
});
