import type { Clock } from '../model/clock.ts';
import type { OpenSink } from '../model/sink.ts';
import type { SinkEntry } from '../model/sink-entry.ts';
import type { AtDisk, Backlog } from './backlog.ts';
import { reasonOf } from './file-errors.ts';
import type { Health } from './health.ts';
import { type Fate, OpenBatch } from './open-batch.ts';
import { PartSize } from './part-size.ts';
import { type BatchWriter, writeInParts } from './refusals.ts';
import { RefusedFile } from './refused-file.ts';
import type { DropCounts } from './sink-stats.ts';
import type { Waiting } from './spool-lines.ts';
import { isOver, type Patience, wasRefused } from './tries.ts';

export interface DispatchParts {
	readonly limits: SinkEntry['limits'];
	/** Fit to be told. */
	readonly destination: string;
	readonly confirms: boolean;
	/** Nothing may be written before its turn. */
	readonly isOrdered: boolean;
	/** Its spool. */
	readonly folder: string;
	readonly backlog: Backlog;
	readonly atDisk: AtDisk;
	readonly drops: DropCounts;
	readonly health: Health;
	readonly patience: Patience;
	readonly clock: Clock;
	/** The sink, opened if it is not. */
	open(): Promise<OpenSink>;
	/** What is open is closed. */
	closeOpen(): Promise<void>;
	/** Without secrets, printable. */
	clean(text: string): string;
}

/** From so many failures in a row on, it is looked for a result that may be at fault. */
const searchAfter = 4;
/** So often the other end may ask for a result again, while it takes others. */
const againMax = 10;

/** Writes what waits to the sink, batch by batch, and sees to it that each result is accounted for. */
export class Dispatch {
	/** Results that the other end has. */
	sent = 0;
	readonly #parts: DispatchParts;
	readonly #size: PartSize;
	readonly #batch: OpenBatch;
	readonly #refused: RefusedFile;

	constructor(parts: DispatchParts) {
		this.#parts = parts;
		this.#size = new PartSize(parts.limits.batchMax);
		this.#batch = new OpenBatch(parts.backlog, (fate, count) => this.#count(fate, count));
		this.#refused = new RefusedFile(parts.folder);
	}

	/** Results that were written once more because the first try failed. */
	get retried(): number {
		return this.#batch.retried;
	}

	/** Writes the oldest that wait. Rejects as the sink does. */
	async send(): Promise<void> {
		const { backlog, health } = this.#parts;
		const batch = this.#batch.take(this.#size.now);
		// All that was said to wait in the spool was damaged.
		if (batch.length === 0) return;
		await writeInParts(batch, this.#writer());
		health.wrote(backlog.count + batch.length);
	}

	#writer(): BatchWriter {
		const { confirms, isOrdered, health, backlog, open } = this.#parts;
		const { failedInARow } = health;
		const maySearch = confirms && !isOrdered && failedInARow >= searchAfter;
		return {
			isOrdered,
			searchRound: maySearch ? failedInARow - searchAfter : null,
			ready: open,
			write: (part) => this.#write(part),
			newest: () => backlog.newest,
			taken: (some) => {
				this.#size.took(some.length);
				health.progressed();
				this.#batch.settle(some, 'sent');
			},
			partlyTaken: (part, refused, reason) => this.#takePartly(part, refused, this.#parts.clean(reason)),
			refused: (one, reason) => this.#refuse(one, this.#parts.clean(reason)),
			again: (one, reason) => this.#again(one, this.#parts.clean(reason)),
			tooLarge: (count) => this.#size.tooLarge(count),
		};
	}

	async #write(part: readonly Waiting[]): ReturnType<OpenSink['write']> {
		const { open, closeOpen, patience, limits, confirms } = this.#parts;
		const sink = await open();
		const some = part.map(({ delivered }) => delivered);
		try {
			return await patience.during(limits.timeoutMs, (signal) => sink.write(some, signal));
		} catch (error) {
			if (wasRefused(error)) throw error;
			// Nobody knows how much of it has arrived.
			if (!confirms && !isOver(error)) this.#batch.settle(part, 'unsent');
			await closeOpen();
			throw error;
		}
	}

	#takePartly(part: readonly Waiting[], refused: number, reason: string): void {
		const { destination, health } = this.#parts;
		health.progressed();
		health.lastError = reason;
		// Which of them they are is not known.
		this.#batch.settle(part.slice(0, refused), 'refused');
		this.#batch.settle(part.slice(refused), 'sent');
		const message = `${destination} refuses ${refused} of ${part.length} results, which are dropped: ${reason}`;
		health.tell('refused', 'warn', message);
	}

	#again(one: Waiting, reason: string): void {
		if (this.#batch.again(one) < againMax) return;
		this.#refuse(one, `not taken in ${againMax} tries, while others were: ${reason}`);
	}

	#refuse(one: Waiting, reason: string): void {
		const { destination, health, confirms, clock, folder, atDisk } = this.#parts;
		this.#batch.settle([one], 'refused');
		health.lastError = reason;
		const { order, slot } = one.delivered;
		const of = `${order.id} of ${new Date(slot.startSeconds * 1000).toISOString()}`;
		const gone = confirms ? 'set aside' : 'dropped';
		health.tell('refused', 'warn', `${destination} refuses the result ${of}, which is ${gone}: ${reason}`);
		if (!confirms) return;
		try {
			atDisk(() => this.#refused.add(one, reason, clock.wallMs()));
		} catch (error) {
			health.tell('refused file', 'error', `cannot write ${folder}/refused.jsonl: ${reasonOf(error)}`);
		}
	}

	#count(fate: Fate, count: number): void {
		if (fate === 'sent') this.sent += count;
		else this.#parts.drops[fate] += count;
	}
}
