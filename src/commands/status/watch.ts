import { setTimeout as sleep } from 'node:timers/promises';
import { cutEnd } from '../terminal/text.ts';

/** The terminal that is drawn on, and the keyboard in front of it. */
export interface Screen {
	readonly output: NodeJS.WriteStream;
	readonly input: NodeJS.ReadStream;
}

/** What is drawn. */
export interface Drawing {
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
	const onKey = (keys: Buffer) => {
		// Raw mode: Ctrl-C and Ctrl-D are keys like any other.
		if (endKeys.some((key) => keys.includes(key))) stop();
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
			const drawn = await drawing();
			if (!end.signal.aborted) output.write(frame(drawn, output));
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
function frame({ lines, footer }: Drawing, { rows, columns }: NodeJS.WriteStream): string {
	const room = rows - footer.length;
	const fitting =
		lines.length <= room
			? lines
			: [...lines.slice(0, Math.max(0, room - 1)), cutEnd(more(lines, room), columns)];
	const drawn = [...fitting, ...footer].slice(-rows);
	return together[0] + drawn.map((line) => `${line}${restOfLine}`).join('\r\n') + together[1];
}

function more(lines: readonly string[], room: number): string {
	const hidden = lines.length - Math.max(0, room - 1);
	return `... ${hidden} more lines. Name orders, or use --failing, --user or --probe`;
}
