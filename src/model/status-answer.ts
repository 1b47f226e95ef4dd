import type { CountsOrState, DaemonAnswer } from './answers.ts';

/**
 * What the running daemon tells of all orders, for those who would read thousands of files else. It is compact, and
 * read without a schema: there are 100,000 orders. Another form has another number.
 */
export const statusFormat = 1;

/** The numbers of a last_result, as in the file. */
export type ResultNumbers = readonly [
	time: number,
	updated: number,
	step: number,
	pings: number,
	loss: number,
	min: number | null,
	median: number | null,
	max: number | null,
];

/** What an order says, and what was written of it. */
export type ToldOrder = readonly [
	/** Of its file, when it was last written or touched, and when it last changed: milliseconds since the epoch. */
	mtimeMs: number,
	/** Null: the file may say something else than what follows. */
	ctimeMs: number | null,
	/** How long it lives without a refresh, seconds; null: for ever; false: it does not say. */
	expires: number | null | false,
	user: string,
	stepSeconds: number,
	pings: number,
	probe: string,
	/** Without passwords, as is the link. */
	target: string,
	title: string | null,
	note: string | null,
	link: string | null,
	/** What its last_result says; null: that is to be read, as is its `error` file. */
	result: ResultNumbers | null,
];

/** An order with its counts, or its state; and what is told of one that this machine measures. */
type StatusEntry =
	| readonly [id: string, told: CountsOrState]
	| readonly [id: string, told: CountsOrState, order: ToldOrder];

export interface StatusAnswer {
	/** Device and inode of orders/, where what follows is all that was below it when this was asked; null: it may not be. */
	readonly folder: readonly [dev: number, ino: number] | null;
	readonly daemon: DaemonAnswer;
	/** By id: the counts, or the state. */
	readonly orders: ReadonlyMap<string, CountsOrState>;
	/** By id: those of which more is told. */
	readonly told: ReadonlyMap<string, ToldOrder>;
}

/** Takes what a daemon says of itself for an answer; null: it is none that can be understood. */
export type ReadDaemon = (told: unknown) => DaemonAnswer | null;

/** Reads it while it comes in: a line that has all but the orders, and then lines with lists of these. */
export class StatusReader {
	#begun = '';
	#head: Head | 'unknown' | null = null;
	readonly #orders = new Map<string, CountsOrState>();
	readonly #told = new Map<string, ToldOrder>();
	readonly #readDaemon: ReadDaemon;

	constructor(readDaemon: ReadDaemon) {
		this.#readDaemon = readDaemon;
	}

	/** Throws the error of `JSON.parse`. */
	take(text: string): void {
		const lines = (this.#begun + text).split('\n');
		this.#begun = lines.pop() ?? '';
		for (const line of lines) {
			if (this.#head === null) this.#head = headIn(JSON.parse(line), this.#readDaemon) ?? 'unknown';
			else if (this.#head !== 'unknown') this.#add(JSON.parse(line));
		}
	}

	/** Null: it is of another form. */
	get answer(): StatusAnswer | null {
		if (this.#head === null || this.#head === 'unknown') return null;
		return { ...this.#head, orders: this.#orders, told: this.#told };
	}

	#add(entries: readonly StatusEntry[]): void {
		for (const [id, countsOrState, order] of entries) {
			this.#orders.set(id, countsOrState);
			if (order !== undefined) this.#told.set(id, order);
		}
	}
}

type Head = Pick<StatusAnswer, 'folder' | 'daemon'>;

function headIn(told: unknown, readDaemon: ReadDaemon): Head | null {
	const { format, folder, daemon } = (told ?? {}) as Readonly<Record<string, unknown>>;
	const read = format === statusFormat ? readDaemon(daemon) : null;
	if (read === null) return null;
	const [dev, ino] = Array.isArray(folder) ? folder : [];
	return { folder: folder === null ? null : [Number(dev), Number(ino)], daemon: read };
}
