import { printable } from '../../model/printable.ts';
import { OrderTrouble } from '../writer.ts';

export interface OrderStreams {
	readonly stdin: AsyncIterable<Buffer | string>;
	readonly stdout: { write(text: string): unknown };
	readonly stderr: { write(text: string): unknown };
}

/** What the commands tell: what was done on stdout, what was not on stderr, each on one line. */
export class OrderReport {
	readonly #streams: OrderStreams;
	/** What was wrong in this round and in the one before. */
	#told = new Set<string>();
	#toldBefore = new Set<string>();
	/** 1 as soon as there was trouble. */
	exitCode: 0 | 1 = 0;

	constructor(streams: OrderStreams) {
		this.#streams = streams;
	}

	say(line: string): void {
		this.#streams.stdout.write(`${printable(line)}\n`);
	}

	/** Trouble that lasts is told once, not in every round. */
	trouble(line: string): void {
		this.exitCode = 1;
		if (!this.#told.has(line) && !this.#toldBefore.has(line)) {
			this.#streams.stderr.write(`${printable(line)}\n`);
		}
		this.#told.add(line);
	}

	/** Does something about one order; trouble with it is told and does not stop the others. */
	attempt(id: string, act: () => void): void {
		try {
			act();
		} catch (error) {
			if (!(error instanceof OrderTrouble)) throw error;
			this.trouble(`${id}: ${error.message}`);
		}
	}

	nextRound(): void {
		this.#toldBefore = this.#told;
		this.#told = new Set();
	}
}
