/** A base directory, and what the shells need for completion. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { commandLine, olderPrograms } from '../../src/commands/command-line.ts';
import { commandTree } from '../../src/commands/shared/command-tree.ts';
import { everyCommand } from '../../src/commands/shared/completion-offers.ts';

export const cli = new URL('../../dist/src/cli.js', import.meta.url).pathname;
export const nodes = [commandLine(), ...olderPrograms()]
	.map((program) => commandTree(program))
	.flatMap(everyCommand);

/** Holds bin/pingmachine, a script for each shell, and the base directory `base`. */
export let scratch: string;
export let env: NodeJS.ProcessEnv;

/** For all tests of the file. Take the variables above only within them. */
export function useShells(): void {
	beforeAll(() => {
		scratch = mkdtempSync(join(tmpdir(), 'pingmachine-completion-'));
		env = {
			...process.env,
			PATH: `${scratch}/bin:${process.env['PATH']}`,
			BASE: `${scratch}/base`,
			LC_ALL: 'C.UTF-8',
		};
		fill();
	});
	afterAll(() => rmSync(scratch, { recursive: true }));
}

function fill(): void {
	put('bin/pingmachine', `#!/bin/sh\nexec "${process.execPath}" "${cli}" "$@"\n`, 0o755);
	for (const shell of ['bash', 'zsh', 'fish']) {
		put(
			shell === 'zsh' ? 'zsh/_pingmachine' : shell,
			execFileSync(process.execPath, [cli, 'completion', shell]),
		);
	}
	const orders = [
		'me/router',
		'me/two words',
		"me/it's",
		'me/say "hi" twice',
		'me/$HOME `id`',
		'me/back\\slash',
	];
	for (const id of [
		...orders,
		'me/zürich',
		'me/-dash',
		'v6/2001:db8::1',
		'v6/2001:db8::2',
		'me/esc\x1b[31m',
	]) {
		put(`base/orders/${id}`, 'user: "o\'neil b"\n');
	}
	put('base/output/me/router/last_result', '');
	put('base/archive/old/one/order', '');
	put('config.yaml', '');
}

function put(path: string, content: string | Buffer, mode = 0o644): void {
	mkdirSync(dirname(join(scratch, path)), { recursive: true });
	writeFileSync(join(scratch, path), content, { mode });
}

export const start = 'pingmachine status --basedir';
