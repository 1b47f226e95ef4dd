import { constants, openSync, readFileSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';

/** What a terminal can do with sixels. */
export interface SixelTerminal {
	/** How many colours a picture may have: 2 to 256. */
	readonly colours: number;
}

/** How many colours it has for pictures (XTSMGRAPHICS), then what it is (DA1): every terminal answers the second. */
const question = '\x1b[?1;1;0S\x1b[c';

/** Those that are near answer within a few; through slow lines it takes longer. */
const timeoutMs = 1000;

/**
 * Asks the terminal that this process runs in. Null: it cannot show sixels or does not answer, or there is none. What
 * is typed meanwhile is lost, except Ctrl-C.
 */
export async function askForSixels(): Promise<SixelTerminal | null> {
	try {
		if (!isInForeground()) return null;
		return readAnswer(await answerOf(openSync('/dev/tty', constants.O_RDWR | constants.O_NOCTTY)));
	} catch {
		// Whatever the reason: no picture.
		return null;
	}
}

/** A process in the background is stopped when it reads from its terminal, or changes how that works. */
function isInForeground(): boolean {
	const stat = readFileSync('/proc/self/stat', 'utf8');
	// The name of the process, in parentheses, can hold anything.
	const [, , processGroup, , , terminalGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	return processGroup === terminalGroup;
}

/** All that comes until the answer is whole, or the time is over. */
function answerOf(fd: number): Promise<string> {
	const terminal = new ReadStream(fd);
	return new Promise<string>((resolve, reject) => {
		let answer = '';
		const timer = setTimeout(() => resolve(answer), timeoutMs);
		terminal.on('error', reject).on('end', () => resolve(answer));
		terminal.on('data', (bytes: Buffer) => {
			answer += bytes.toString('latin1');
			if (wholeAnswer.test(answer) || answer.includes('\x03')) resolve(answer);
		});
		// Else the answer would be shown, and wait for the end of a line.
		terminal.setRawMode(true);
		writeSync(fd, question);
		terminal.once('close', () => clearTimeout(timer));
	}).then(
		(answer) => {
			giveBack(terminal);
			// In this mode Ctrl-C is a character like others.
			if (answer.includes('\x03')) process.kill(process.pid, 'SIGINT');
			return answer;
		},
		(error) => {
			giveBack(terminal);
			throw error;
		},
	);
}

function giveBack(terminal: ReadStream): void {
	terminal.setRawMode(false);
	terminal.destroy();
}

const wholeAnswer = /\[\?([\d;]*)c/;
const coloursAnswer = /\[\?1;0;(\d+)S/;

/** The number of a terminal's abilities that means sixels. */
const sixelAbility = '4';

function readAnswer(answer: string): SixelTerminal | null {
	const [, abilities = ''] = wholeAnswer.exec(answer) ?? [];
	if (!abilities.split(';').includes(sixelAbility)) return null;
	const [, colours = '256'] = coloursAnswer.exec(answer) ?? [];
	return { colours: Math.min(256, Math.max(2, Number(colours))) };
}
