import { setTimeout as sleep } from 'node:timers/promises';
import { cutEnd } from '../terminal/text.ts';
import { keysIn, Scroll } from './scroll.ts';

/** The terminal that is drawn on, and the keyboard in front of it. */
export interface Screen {
	readonly output: NodeJS.WriteStream;
	readonly input: NodeJS.ReadStream;
}

/** What is drawn. */
export interface Drawing {
	/** Stays in sight above the lines, which can be scrolled. */
	readonly header?: readonly string[];
	readonly lines: readonly string[];
	/** Stays in sight when there are more lines than the screen has rows. */
	readonly footer: readonly string[];
}

/** From the end of one drawing to the next. */
const pauseMs = 1000;
/** With thousands of orders, reading must not keep a processor busy. */
const pauseShare = 4;

const enter = '\x1b[?1049h\x1b[?25l';
/** Erases first: tmux brings lines of a resized screen back with it. */
const leave = '\x1b[H\x1b[2J\x1b[?25h\x1b[?1049l';
/** Terminals that know it show what comes in between at once. */
const together = ['\x1b[?2026h\x1b[H', '\x1b[J\x1b[?2026l'] as const;
/** q, Q, Ctrl-C and Ctrl-D. */
const endKeys = ['q', 'Q', '\x03', '\x04'] as const;
const restOfLine = '\x1b[K';

/**
 * Draws `drawing()` again and again, until q, Ctrl-C, or a signal to end. Leaves the terminal as it was, whatever
 * happens.
 */
export async function watch({ output, input }: Screen, drawing: () => Promise<Drawing>): Promise<void> {
	const end = new AbortController();
	const stop = () => end.abort();
	const scroll = new Scroll();
	let drawn: Drawing | null = null;
	const draw = () => {
		if (drawn !== null && !end.signal.aborted) output.write(frame(drawn, output, scroll));
	};
	const onKey = (typed: Buffer) => {
		// Raw mode: Ctrl-C and Ctrl-D are keys like any other.
		if (endKeys.some((key) => typed.includes(key))) stop();
		else for (const key of keysIn(typed.toString('latin1'))) scroll.press(key);
		draw();
	};
	let wake = new AbortController();
	const onResize = () => wake.abort();
	const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
	for (const signal of signals) process.on(signal, stop);
	output.on('resize', onResize);
	output.on('error', stop);
	input.on('error', stop);
	if (input.isTTY) {
		input.setRawMode(true);
		input.on('data', onKey);
	}
	output.write(enter);
	try {
		while (!end.signal.aborted) {
			wake = new AbortController();
			const startedMs = performance.now();
			drawn = await drawing();
			draw();
			const delayMs = Math.max(pauseMs, (performance.now() - startedMs) * pauseShare);
			// Rejects when it is cut short, which is all that we want.
			await sleep(delayMs, null, { signal: AbortSignal.any([end.signal, wake.signal]) }).catch(() => {});
		}
	} finally {
		output.write(leave);
		output.off('resize', onResize);
		for (const signal of signals) process.off(signal, stop);
		if (input.isTTY) {
			input.setRawMode(false);
			input.off('data', onKey);
			input.pause();
		}
	}
}

/** One drawing: over the one before, without erasing that first, so that nothing flickers. */
function frame(
	{ header = [], lines, footer }: Drawing,
	{ rows, columns }: NodeJS.WriteStream,
	scroll: Scroll,
): string {
	const room = rows - header.length - footer.length;
	const part = scroll.part(lines.length, Math.max(0, lines.length > room ? room - 1 : room));
	const shown = lines.slice(part.from, part.to);
	const where = lines.length > room ? [cutEnd(whereWords(part, lines.length), columns)] : [];
	const drawn = [...header, ...shown, ...where, ...footer].slice(-rows);
	return together[0] + drawn.map((line) => `${line}${restOfLine}`).join('\r\n') + together[1];
}

function whereWords({ from, to }: { readonly from: number; readonly to: number }, lines: number): string {
	const above = from === 0 ? '' : `${from} above, `;
	const below = to === lines ? 'end of the list' : `${lines - to} more lines`;
	return `... ${above}${below}. Arrows, PgUp, PgDn, Home and End scroll`;
}
