import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { commandLine, olderPrograms } from '../../../src/commands/command-line.ts';
import { commandPages } from '../../../src/commands/man/command-page.ts';
import { blocksOf } from '../../../src/commands/man/help-text.ts';
import { manPage } from '../../../src/commands/man/page.ts';
import { brokenCommand, filled } from '../../../src/commands/man/roff.ts';
import { type CommandNode, commandTree } from '../../../src/commands/shared/command-tree.ts';
import { everyCommand } from '../../../src/commands/shared/completion-offers.ts';

const main = commandTree(commandLine());
const older = olderPrograms().map((program) => commandTree(program));

/** As a terminal of 80 columns shows it, without bold and underlines. */
let shown: string;
beforeAll(() => {
	const args = ['-man', '-Tutf8', '-ww', '-P-c', '-P-b', '-P-o', '-P-u', '-rLL=78n'];
	const groff = spawnSync('groff', args, { input: manPage(main, older), encoding: 'utf8' });
	expect(groff).toMatchObject({ stderr: '', status: 0 });
	shown = groff.stdout;
});

function inOneLine(text: string): string {
	return text.replaceAll(/\s+/g, ' ').trim();
}

/** What the page says about a command, in one line. */
function sectionOf(node: CommandNode): string {
	const [, after = ''] = shown.split(`\n   ${node.usage}\n`);
	const [section = ''] = after.split(/\n {0,3}\S/);
	return inOneLine(section);
}

describe.each([...everyCommand(main).slice(1), ...older])('$usage', (node) => {
	test('is in the synopsis, or has commands that are', () => {
		const [, synopsis = ''] = /\nSYNOPSIS\n(.*?)\n\n/s.exec(shown) ?? [];
		const usages = everyCommand(node).map(({ usage }) => usage);
		expect(synopsis.split('\n').some((line) => usages.includes(line.trim()))).toBe(true);
	});

	test('has its section, with all arguments, options, choices and defaults', () => {
		const section = sectionOf(node);
		expect(section).toContain(inOneLine(node.description));
		const options = node.options.filter(({ names }) => !names.includes('--help'));
		for (const { flags, description, value } of options) {
			expect(section).toContain(inOneLine(`${flags.replaceAll(/[<>]/g, '')} ${description}`));
			for (const choice of value?.choices ?? []) expect(section).toContain(`"${choice}"`);
		}
		for (const { placeholder, description } of node.parameters) {
			if (description !== '') expect(section).toContain(inOneLine(`${placeholder} ${description}`));
		}
	});
});

test('defaults and exit codes are among what is said', () => {
	const status = sectionOf(everyCommand(main).find(({ path }) => path.at(-1) === 'status') ?? main);
	expect(status).toContain(
		'(choices: "order", "target", "step", "age", "median", "loss", "state", default: "order")',
	);
	expect(status).toContain('default: "/var/lib/pingmachine"');
	expect(status).toContain('Exit code: 0 when all that was asked for is shown');
	expect(status).toContain('expiring less than a tenth of --max-age is left');
});

test('the options that all commands have are told once', () => {
	expect(shown.match(/--help/g)).toHaveLength(1);
	expect(shown).toContain('-V, --version');
});

test('no line is too long for a terminal of 80 columns, and none has other characters than ASCII', () => {
	expect(shown.split('\n').filter((line) => line.length > 79)).toEqual([]);
	expect(shown).toMatch(/^[\n\x20-\x7e]*$/);
});

test('hidden commands are not in it', () => {
	expect(shown).not.toContain('pingmachine man ');
	expect(shown).not.toContain('pingmachine complete ');
});

test('examples can be copied', () => {
	expect(shown).toContain(`pingmachine status 'office/*' --sort loss`);
	expect(shown).toContain(`--json \\\n             | jq -r 'select(.state == "failing") | .id'`);
	expect(brokenCommand(`a 'b --c' --d`)).toEqual([`a 'b --c' --d`]);
	expect(brokenCommand(`${'a'.repeat(50)} --${'b'.repeat(20)} | c --d`)).toEqual([
		`${'a'.repeat(50)} \\`,
		`  --${'b'.repeat(20)} | c --d`,
	]);
});

test('text that roff would take for its own is printed as it is', () => {
	const odd = `.SH "x" \\fB 'y' -- ^~\``;
	const page = manPage(
		{
			...main,
			commands: [
				{
					...main,
					path: ['pingmachine', 'odd'],
					usage: 'pingmachine odd',
					description: odd,
					commands: [],
					options: [],
					after: `\n'br\n\n  .term    ${odd}\n\n  .command\n`,
				},
			],
		},
		older,
	);
	const groff = spawnSync('groff', ['-man', '-Tascii', '-ww', '-P-cbou', '-rLL=78n'], {
		input: page,
		encoding: 'utf8',
	});
	expect(groff.stderr).toBe('');
	const [, section = ''] = groff.stdout.split('\n   pingmachine odd\n');
	expect(section).toMatch(
		/^ {7}\.SH "x" \\fB 'y' -- \^~`\n\n {7}'br\n\n {7}\.term {2}\.SH "x" \\fB 'y' -- \^~`\n\n {11}\.command\n/,
	);
});

test('the text of --help is taken apart by its layout', () => {
	const text = `
Times are
long.

States:
  one    first
         and more
  two    second
After.

  run it
  pipe | it`;
	expect(blocksOf(text)).toEqual([
		{ kind: 'paragraph', text: 'Times are long.' },
		{ kind: 'paragraph', text: 'States:' },
		{ kind: 'entry', term: 'one', text: 'first and more' },
		{ kind: 'entry', term: 'two', text: 'second' },
		{ kind: 'paragraph', text: 'After.' },
		{ kind: 'command', text: 'run it' },
		{ kind: 'command', text: 'pipe | it' },
	]);
});

describe('a page for each command', () => {
	const pages = commandPages(main, older);

	test('there is one for each, and for mpcli', () => {
		const commands = everyCommand(main)
			.slice(1)
			.filter(({ path }) => path.at(-1) !== 'help')
			.map(({ path }) => path.join('-'));
		expect(commands).toContain('pingmachine-order-add');
		expect([...pages.keys()].sort()).toEqual([...commands, 'mpcli'].sort());
	});

	test('groff has nothing to say about any, and no line is wider than a terminal of 80 columns', () => {
		const args = ['-man', '-Tutf8', '-ww', '-P-c', '-P-b', '-P-o', '-P-u', '-rLL=78n'];
		const input = [...pages.values()].join('');
		const groff = spawnSync('groff', args, { input, encoding: 'utf8', maxBuffer: 2 ** 26 });
		expect(groff).toMatchObject({ stderr: '', status: 0 });
		expect(groff.stdout.split('\n').filter((line) => line.length > 79)).toEqual([]);
		const text = inOneLine(groff.stdout);
		for (const node of everyCommand(main).filter(({ path }) => path.length > 1 && path.at(-1) !== 'help')) {
			expect(text).toContain(inOneLine(`DESCRIPTION ${node.description}`));
			for (const { flags, description, names } of node.options)
				if (!names.includes('--help'))
					expect(text).toContain(inOneLine(`${flags.replaceAll(/[<>]/g, '')} ${description}`));
		}
	});

	test('npm installs them all: "man" in package.json has each', () => {
		const { man } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
		expect(man).toEqual(['pingmachine', ...pages.keys()].map((name) => `dist/man/${name}.1`).sort());
	});

	test('the older program of the same name stands on it', () => {
		expect(pages.get('pingmachine-status')).toContain('pingmachine\\-status is the same command.');
		expect(pages.get('pingmachine-explain')).not.toContain('is the same command.');
	});

	test('the name of a command stands alone in its line, as whatis needs it', () => {
		for (const [name, page] of pages)
			expect(page.split('\n').find((_, index, lines) => lines[index - 1] === '.SH NAME')).toMatch(
				new RegExp(`^${name.replaceAll('-', String.raw`\\-`)} \\\\- .`),
			);
	});
});

test('long text is broken without ends of sentences or requests that are none', () => {
	const words = 'words '.repeat(12);
	expect(filled(`${words}end. .SH x`)).toEqual([`${words}end.\\&`, '\\&.SH x']);
});
