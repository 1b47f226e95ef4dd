/** What can be pressed to scroll. */
export type ScrollKey = 'up' | 'down' | 'page-up' | 'page-down' | 'first' | 'last';

/** As terminals send them, in their usual and in their application mode; and as `less` has them. */
const sequences: ReadonlyMap<string, ScrollKey> = new Map([
	['\x1b[A', 'up'],
	['\x1bOA', 'up'],
	['k', 'up'],
	['\x1b[B', 'down'],
	['\x1bOB', 'down'],
	['j', 'down'],
	['\r', 'down'],
	['\x1b[5~', 'page-up'],
	['b', 'page-up'],
	['\x1b[6~', 'page-down'],
	[' ', 'page-down'],
	['f', 'page-down'],
	['\x1b[H', 'first'],
	['\x1bOH', 'first'],
	['\x1b[1~', 'first'],
	['\x1b[7~', 'first'],
	['g', 'first'],
	['\x1b[F', 'last'],
	['\x1bOF', 'last'],
	['\x1b[4~', 'last'],
	['\x1b[8~', 'last'],
	['G', 'last'],
]);

/** An escape sequence, or one character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals send them
const key = /\x1b(?:O.|\[[\d;]*.)|./gs;

/** The keys in what was typed; what means nothing is left out. */
export function keysIn(typed: string): ScrollKey[] {
	return (typed.match(key) ?? []).flatMap((one) => sequences.get(one) ?? []);
}

/** Which part of a list that may grow and shrink is in sight. */
export class Scroll {
	#from = 0;
	/** As of the last drawing. */
	#lines = 0;
	#room = 0;
	/** At the end it stays at the end, whatever comes. */
	#isAtEnd = false;

	press(pressed: ScrollKey): void {
		const page = Math.max(1, this.#room);
		const steps = { up: -1, down: 1, 'page-up': -page, 'page-down': page } as const;
		if (pressed === 'first') this.#from = 0;
		else if (pressed === 'last') this.#from = this.#last;
		else this.#from += steps[pressed];
		this.#from = Math.min(this.#last, Math.max(0, this.#from));
		this.#isAtEnd = pressed !== 'first' && this.#last > 0 && this.#from === this.#last;
	}

	/** What is in sight of so many lines when there is room for so many. */
	part(lines: number, room: number): { readonly from: number; readonly to: number } {
		this.#lines = lines;
		this.#room = room;
		this.#from = this.#isAtEnd ? this.#last : Math.min(this.#from, this.#last);
		return { from: this.#from, to: Math.min(lines, this.#from + room) };
	}

	get #last(): number {
		return Math.max(0, this.#lines - this.#room);
	}
}
