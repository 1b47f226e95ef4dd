import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileModule } from '../../support/compiled-module.ts';
import { Terminal } from '../../support/terminal.ts';

let compiled: ReturnType<typeof compileModule>;
beforeAll(() => {
	compiled = compileModule('src/commands/terminal/terminal-answer.ts');
});
afterAll(() => compiled.remove());

/** Asks, and says how the terminal worked before, what came of it, and how the terminal works now. */
function asking(before = ''): Terminal {
	const script = `
		const { askForSixels } = await import(process.argv[1]);
		console.log('pid: ' + process.pid + '.');
		console.log('answer: ' + JSON.stringify(await askForSixels()) + '.');`;
	const ask = `"${process.execPath}" --input-type=module -e "$SCRIPT" "${compiled.module}"`;
	const modes = 'echo "modes: $(stty -g)."';
	return new Terminal(`${modes}; ${before} ${ask}; echo "code: $?."; ${modes}; echo end`, { SCRIPT: script });
}

const question = /\[\?1;1;0S.\[c/;

/** What it came to, when the terminal works as it did before. */
async function outcome(terminal: Terminal): Promise<string | undefined> {
	await terminal.shows(/end\r?\n/);
	await terminal.ended();
	const [before, after, ...more] = [...terminal.output.matchAll(/modes: (.*?)\./g)].map(([, modes]) => modes);
	expect(more).toEqual([]);
	expect(before).toMatch(/:/);
	expect(after).toBe(before);
	return /answer: (.*?)\./.exec(terminal.output)?.[1];
}

test.each([
	['knows sixels and says how many colours it has', '\x1b[?1;0;16S\x1b[?63;1;2;4;6;9c', '{"colours":16}'],
	['has more colours than a picture needs', '\x1b[?1;0;1024S\x1b[?62;4c', '{"colours":256}'],
	['knows sixels, but not the question for colours', '\x1b[?62;4;22c', '{"colours":256}'],
	['says that it cannot tell its colours', '\x1b[?1;3;0S\x1b[?62;4;22c', '{"colours":256}'],
	['does not know sixels', '\x1b[?64;1;2;14;24;40c', 'null'],
	['is a simple one', '\x1b[?6c', 'null'],
	['answers after a key was pressed', 'x\x1b[A\x1b[?62;4c', '{"colours":256}'],
])('a terminal that %s', async (_, answer, expected) => {
	await using terminal = asking();
	await terminal.shows(question);
	terminal.type(answer);
	expect(await outcome(terminal)).toBe(expected);
});

test('an answer that comes in parts is waited for', async () => {
	await using terminal = asking();
	await terminal.shows(question);
	terminal.type('\x1b[?62;');
	// So that it is read on its own.
	await new Promise((resolve) => setTimeout(resolve, 50));
	terminal.type('4;9c');
	expect(await outcome(terminal)).toBe('{"colours":256}');
});

test('a terminal that does not answer is not waited for for ever', async () => {
	await using terminal = asking();
	await terminal.shows(question);
	expect(await outcome(terminal)).toBe('null');
});

test('Ctrl-C ends the program, with the terminal as it was', async () => {
	await using terminal = asking();
	await terminal.shows(question);
	terminal.type('\x03');
	expect(await outcome(terminal)).toBeUndefined();
	expect(terminal.output).toContain('code: 130.');
});

test('a signal ends the program, with the terminal as it was', async () => {
	await using terminal = asking();
	await terminal.shows(question);
	const [, pid] = await terminal.shows(/pid: (\d+)\./);
	process.kill(Number(pid), 'SIGTERM');
	expect(await outcome(terminal)).toBeUndefined();
	expect(terminal.output).toContain('code: 143.');
});

test('without a terminal, and in the background of one, nothing is asked', async () => {
	await using alone = asking('setsid --wait');
	expect(await outcome(alone)).toBe('null');
	expect(alone.output).not.toMatch(question);
	// With job control, a command in the background has a process group of its own.
	const script = `const { askForSixels } = await import(process.argv[1]); console.log('answer: ' + await askForSixels() + '.')`;
	await using background = new Terminal(
		`bash -mc '"$0" --input-type=module -e "$SCRIPT" "$1" & wait' "${process.execPath}" "${compiled.module}"`,
		{ SCRIPT: script },
	);
	await background.shows(/answer: null\./);
	await background.ended();
	expect(background.output).not.toMatch(question);
});
