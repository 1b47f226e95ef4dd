/** Completion in the real shells: what is on the line after TAB was pressed. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandLine, olderPrograms } from '../../src/commands/command-line.ts';
import { completionScript, shells } from '../../src/commands/completion/index.ts';
import { Terminal } from '../support/terminal.ts';
import { cli, env, nodes, scratch, start, useShells } from './completion-rig.ts';

useShells();

test('what shells ask is told without loading what measures, and is what the program would make', () => {
	for (const args of [
		['--version'],
		['completion', 'zsh'],
		['complete', 'orders', `${scratch}/base`, 'me/'],
	]) {
		const folder = mkdtempSync(join(scratch, 'loaded-'));
		execFileSync(process.execPath, [cli, ...args], { env: { ...env, NODE_V8_COVERAGE: folder } });
		const loaded = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
		expect(loaded.join('')).toContain('/dist/src/cli.js');
		expect(loaded.join('')).not.toMatch(/node_modules\/(zod|winston|commander|koffi)\//);
	}
	for (const shell of shells) {
		const printed = execFileSync(process.execPath, [cli, 'completion', shell], { encoding: 'utf8' });
		expect(printed).toBe(completionScript(shell, [commandLine(), ...olderPrograms()]));
	}
});

/** What is typed before TAB, and what is then there. */
type LineCase = readonly [typed: string, line: string];

const inAllShells: readonly LineCase[] = [
	['pingmachine st', 'pingmachine status '],
	['cd . && X=1 pingmachine order ref', 'cd . && X=1 pingmachine order refresh '],
	['bin/pingmachine order ref', 'bin/pingmachine order refresh '],
	['pingmachine help ord', 'pingmachine help order '],
	['pingmachine completion z', 'pingmachine completion zsh '],
	['pingmachine status --fail', 'pingmachine status --failing '],
	['pingmachine order add --remove', 'pingmachine order add --remove-on-exit '],
	['pingmachine export --format j', 'pingmachine export --format json '],
	['pingmachine export --format=j', 'pingmachine export --format=json '],
	['pingmachine order add --probe httpi', 'pingmachine order add --probe httping '],
	[
		'pingmachine order add --probe httping --option user',
		'pingmachine order add --probe httping --option user_agent=',
	],
	['pingmachine run --log-level=d', 'pingmachine run --log-level=debug '],
	['pingmachine run --basedir ./ba', 'pingmachine run --basedir ./base/'],
	['pingmachine run --config ./conf', 'pingmachine run --config ./config.yaml '],
	['pingmachine run --user roo', 'pingmachine run --user root '],
	['pingmachine check ./conf', 'pingmachine check ./config.yaml '],
	[`${start} base m`, `${start} base me/`],
	[`${start} base me/ro`, `${start} base me/router `],
	[`${start} $BASE me/ro`, `${start} $BASE me/router `],
	[`${start} "$BASE" me/ro`, `${start} "$BASE" me/router `],
	[`${start}=base --sort loss me/ro`, `${start}=base --sort loss me/router `],
	[`${start} base me/tw`, `${start} base me/two\\ words `],
	[`${start} base me/two\\ w`, `${start} base me/two\\ words `],
	[`${start} base 'me/tw`, `${start} base 'me/two words' `],
	[`${start} base "me/tw`, `${start} base "me/two words" `],
	[`${start} base me/it`, `${start} base me/it\\'s `],
	[`${start} base me/back`, `${start} base me/back\\\\slash `],
	[`${start} base me/z`, `${start} base me/zürich `],
	[`${start} base -- me/-`, `${start} base -- me/-dash `],
	[`${start} base v6/`, `${start} base v6/2001:db8::`],
	[`${start} base v6/2001:`, `${start} base v6/2001:db8::`],
	[`${start} base v6/2001:db8::2`, `${start} base v6/2001:db8::2 `],
	[`${start} base me/es`, `${start} base me/es`],
	[`${start} none me/ro`, `${start} none me/ro`],
	['pingmachine export --basedir base ol', 'pingmachine export --basedir base old/'],
	['pingmachine graph --basedir base old/', 'pingmachine graph --basedir base old/one '],
	['pingmachine graph --basedir base me/', 'pingmachine graph --basedir base me/router '],
	[
		'pingmachine order add --basedir base --user o',
		"pingmachine order add --basedir base --user o\\'neil\\ b ",
	],
	['pingmachine-status --basedir base me/ro', 'pingmachine-status --basedir base me/router '],
	['pingmachine-graph --basedir base -i ol', 'pingmachine-graph --basedir base -i old/'],
];

/** A shell whose key Ctrl-X p prints the line as it stands. */
async function lineShell(command: string, preparation: string): Promise<Terminal> {
	const shell = new Terminal(command, { ...env, TERM: 'xterm', HISTFILE: '/dev/null' });
	shell.type(`stty cols 500; cd ${scratch}; ${preparation}; echo rea''dy\n`);
	await shell.shows(/ready\r?\n/);
	return shell;
}

async function afterTab(shell: Terminal, typed: string): Promise<string | undefined> {
	shell.output = '';
	// Ctrl-U first: away with the line before.
	shell.type(`\x15${typed}\t\x18p`);
	const [, line] = await shell.shows(/<<(.*?)>>/s);
	return line;
}

describe('bash', () => {
	let shell: Terminal;
	beforeAll(async () => {
		const print = `bind -x '"\\C-xp": printf "<<%s>>" "$READLINE_LINE"'`;
		shell = await lineShell('bash --norc --noprofile -i', `source ./bash; ${print}`);
	});
	afterAll(() => shell[Symbol.asyncDispose]());

	test.each<LineCase>([
		...inAllShells,
		['pingmachine status --bas', 'pingmachine status --basedir '],
		[`${start} base me/say`, `${start} base me/say\\ \\"hi\\"\\ twice `],
		[`${start} base "me/say`, `${start} base "me/say \\"hi\\" twice" `],
		[`${start} base "me/\\$`, `${start} base "me/\\$HOME \\\`id\\\`" `],
	])('%s', async (typed, line) => {
		expect(await afterTab(shell, typed)).toBe(line);
	});

	test('runs nothing that is written on the line', async () => {
		for (const quote of ['', '"', "'"]) {
			await afterTab(shell, `${start} ${quote}$(touch RUN)${quote} me/ro`);
			await afterTab(shell, `${start}=${quote}\`touch RUN\`${quote} me/ro`);
		}
		expect(existsSync(join(scratch, 'RUN'))).toBe(false);
	});

	test('knows the commands and options of --help, of every command', () => {
		const ask = nodes.map(
			({ path }) => `_pingmachine_command '${path.join(' ')}'; echo "\${commands[*]} \${options[*]}"`,
		);
		const lines = execFileSync('bash', ['-c', `source ./bash; ${ask.join('; ')}`], {
			cwd: scratch,
			encoding: 'utf8',
		});
		const expected = nodes.map(({ commands, options }) =>
			[
				commands.map(({ path }) => path.at(-1)).join(' '),
				options.flatMap(({ names }) => names).join(' '),
			].join(' '),
		);
		expect(
			lines
				.trimEnd()
				.split('\n')
				.map((line) => line.trim()),
		).toEqual(expected.map((line) => line.trim()));
	});
});

describe('zsh', () => {
	let shell: Terminal;
	beforeAll(async () => {
		const print = `print-line() print -rn -- "<<$BUFFER>>"; zle -N print-line; bindkey '^Xp' print-line`;
		const preparation = `bindkey -e; fpath=(${scratch}/zsh $fpath); autoload -U compinit; compinit -u -D; ${print}`;
		shell = await lineShell('zsh -f -i', preparation);
	});
	afterAll(() => shell[Symbol.asyncDispose]());

	test.each<LineCase>([
		...inAllShells,
		['pingmachine status --bas', 'pingmachine status --basedir='],
		[`${start} base me/say`, `${start} base me/say\\ \\"hi\\"\\ twice `],
		[`${start} base "me/say`, `${start} base "me/say \\"hi\\" twice" `],
	])('%s', async (typed, line) => {
		expect(await afterTab(shell, typed)).toBe(line);
	});

	test('runs nothing that is written on the line', async () => {
		for (const quote of ['', '"', "'"]) {
			await afterTab(shell, `${start} ${quote}$(touch RUN)${quote} me/ro`);
			await afterTab(shell, `${start}=${quote}\`touch RUN\`${quote} me/ro`);
		}
		expect(existsSync(join(scratch, 'RUN'))).toBe(false);
	});

	test('takes the script when it is sourced too', async () => {
		await using sourced = await lineShell(
			'zsh -f -i',
			`bindkey -e; autoload -U compinit; compinit -u -D; source ./zsh/_pingmachine; print-line() print -rn -- "<<$BUFFER>>"; zle -N print-line; bindkey '^Xp' print-line`,
		);
		expect(await afterTab(sourced, 'pingmachine st')).toBe('pingmachine status ');
		expect(await afterTab(sourced, 'pingmachine-status --fail')).toBe('pingmachine-status --failing ');
	});
});
