/** Completion in the real shells: what is on the line after TAB was pressed. */
import { execFileSync } from 'node:child_process';
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandLine, olderPrograms } from '../../src/commands/command-line.ts';
import { completionScript, shells } from '../../src/commands/completion/index.ts';
import { commandTree } from '../../src/commands/shared/command-tree.ts';
import { everyCommand } from '../../src/commands/shared/completion-offers.ts';
import { Terminal } from '../support/terminal.ts';

const cli = new URL('../../dist/src/cli.js', import.meta.url).pathname;
const nodes = [commandLine(), ...olderPrograms()]
	.map((program) => commandTree(program))
	.flatMap(everyCommand);

/** Holds bin/pingmachine, a script for each shell, and the base directory `base`. */
const scratch = mkdtempSync(join(tmpdir(), 'pingmachine-completion-'));
const env = {
	...process.env,
	PATH: `${scratch}/bin:${process.env['PATH']}`,
	BASE: `${scratch}/base`,
	LC_ALL: 'C.UTF-8',
};

beforeAll(() => {
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
});
afterAll(() => rmSync(scratch, { recursive: true }));

function put(path: string, content: string | Buffer, mode = 0o644): void {
	mkdirSync(dirname(join(scratch, path)), { recursive: true });
	writeFileSync(join(scratch, path), content, { mode });
}

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

const start = 'pingmachine status --basedir';

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
	['pingmachine order add --probe htt', 'pingmachine order add --probe httping '],
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

/** What is on the line, and the words that are offered for its end. */
const offersOfFish: readonly (readonly [typed: string, ...words: string[]])[] = [
	['pingmachine st', 'status'],
	['pingmachine order r', 'refresh', 'rm'],
	['pingmachine help ord', 'order'],
	['pingmachine order help r', 'refresh', 'rm'],
	['pingmachine completion z', 'zsh'],
	['pingmachine export --format ', 'csv', 'influx', 'json'],
	['pingmachine export --format=j', '--format=json'],
	['pingmachine run --basedir ./ba', './base/'],
	['pingmachine run --config ./conf', './config.yaml'],
	['pingmachine run --user roo', 'root'],
	['pingmachine check ./conf', './config.yaml'],
	[`${start} base m`, 'me/'],
	[`${start} $BASE me/ro`, 'me/router'],
	[`${start} "$BASE" me/ro`, 'me/router'],
	[`${start} ~/base me/ro`, 'me/router'],
	[`${start}=base --sort loss me/ro`, 'me/router'],
	[`${start} base me/tw`, 'me/two words'],
	[`${start} base me/two\\ w`, 'me/two words'],
	[`${start} base 'me/two w`, 'me/two words'],
	[`${start} base me/it`, "me/it's"],
	[`${start} base me/say`, 'me/say "hi" twice'],
	[`${start} base me/z`, 'me/zürich'],
	[`${start} base -- me/-`, 'me/-dash'],
	[`${start} base v6/2001:`, 'v6/2001:db8::1', 'v6/2001:db8::2'],
	[`${start} base me/es`],
	[`${start} none me/ro`],
	['pingmachine export --basedir base ', 'me/', 'old/'],
	['pingmachine graph --basedir base old/', 'old/one'],
	['pingmachine order add --basedir base --user o', "o'neil b"],
	['pingmachine order add --basedir base --user=o', "--user=o'neil b"],
	['pingmachine-status --basedir base me/ro', 'me/router'],
	['pingmachine-graph --basedir base -i old/', 'old/one'],
];

describe('fish', () => {
	/** The words that are offered for the end of each line. */
	function offered(lines: readonly string[]): readonly (readonly string[])[] {
		const script =
			'source ./fish; for line in $argv; complete -C $line | string replace -r "\\t.*" ""; echo --end--; end';
		const output = execFileSync('fish', ['--no-config', '-c', script, ...lines], {
			cwd: scratch,
			env: { ...env, HOME: scratch },
			encoding: 'utf8',
		});
		return output
			.split('--end--\n')
			.slice(0, -1)
			.map((part) => part.split('\n').slice(0, -1));
	}

	test('offers what can be at the end of the line', () => {
		const found = offered(offersOfFish.map(([typed]) => typed));
		for (const [index, [typed, ...words]] of offersOfFish.entries())
			expect(found[index], typed).toEqual(words);
	});

	test('knows the commands and options of --help, of every command', () => {
		const lines = offered(nodes.flatMap(({ path }) => [`${path.join(' ')} `, `${path.join(' ')} --`]));
		for (const [index, { path, commands, options }] of nodes.entries()) {
			const names = commands.map((command) => command.path.at(-1) ?? '');
			if (names.length > 0) expect(lines[2 * index], path.join(' ')).toEqual(names.sort());
			const long = options.flatMap((option) => option.names.filter((name) => name.startsWith('--')));
			expect(lines[2 * index + 1], path.join(' ')).toEqual(long.sort());
		}
	});

	test('runs nothing that is written on the line', () => {
		offered(['', '"', "'"].map((quote) => `${start} ${quote}(touch RUN)$(touch RUN)${quote} me/ro`));
		expect(existsSync(join(scratch, 'RUN'))).toBe(false);
	});
});
