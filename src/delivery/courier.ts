import type { Clock } from '../model/clock.ts';
import { ClockSteps } from '../model/clock-steps.ts';
import type { FactTable } from '../model/facts.ts';
import type { Log } from '../model/log.ts';
import { printable } from '../model/printable.ts';
import type { AnySink, Delivered, OpenSink, SinkTools } from '../model/sink.ts';
import type { SinkEntry } from '../model/sink-entry.ts';
import type { PackedOutcome } from '../outcomes/packed.ts';
import { type AtDisk, Backlog } from './backlog.ts';
import { backoffMs } from './backoff.ts';
import { Dispatch } from './dispatch.ts';
import { factTools } from './fact-tools.ts';
import { forHub } from './for-hub.ts';
import { Health } from './health.ts';
import { hiderFor } from './secrets.ts';
import { noDrops, type SinkStats } from './sink-stats.ts';
import { Spool } from './spool.ts';
import { messageOf, Patience, retryAfterMs, SinkStopped } from './tries.ts';

export interface CourierParts {
	readonly entry: SinkEntry;
	readonly sink: AnySink;
	/** What the sink's schema made of its settings. */
	readonly settings: unknown;
	/** Holds the folders of all spools. */
	readonly spoolFolder: string;
	readonly version: string;
	/** What the probes declare. */
	readonly facts: FactTable;
	readonly clock: Clock;
	readonly log: Log;
	/** From 0 to 1. */
	random(): number;
	readonly atDisk?: AtDisk;
}

/** What was not confirmed this long after its batch was due goes to the spool. */
const spillAfterMs = 1000;
/** After the clock was set, nothing in the spool counts as too old for so long. */
const clockRestMs = 3600_000;
/** How long a connection may take to close when nothing more is sent. */
const closeMs = 500;

/** Brings measurements to one sink: collects them in batches, tries again, keeps them meanwhile, and counts. */
export class Courier {
	readonly #parts: CourierParts;
	readonly #confirms: boolean;
	readonly #destination: string;
	readonly #hide: (text: string) => string;
	readonly #health: Health;
	readonly #drops = noDrops();
	readonly #backlog: Backlog;
	readonly #spool: Spool | null;
	readonly #patience: Patience;
	readonly #clockSteps: ClockSteps;
	#open: OpenSink | null = null;
	readonly #dispatch: Dispatch;
	/** It was being opened when it failed, not written to. */
	#isOpening = false;
	#queueFullTold = 0;
	#isEnding = false;
	#running: Promise<void> = Promise.resolve();

	constructor(parts: CourierParts) {
		const { entry, sink, settings, clock, log, spoolFolder } = parts;
		this.#parts = parts;
		this.#hide = hiderFor(entry.settings);
		this.#confirms = sink.confirms(settings);
		this.#destination = this.#clean(sink.destination(settings));
		this.#health = new Health({ name: entry.name, destination: this.#destination, clock, log });
		this.#spool = this.#confirms
			? new Spool({
					folder: `${spoolFolder}/${entry.name}`,
					maxBytes: entry.limits.spoolMaxBytes,
					maxAgeMs: entry.limits.spoolMaxAgeMs,
					dropped: (reason, count) => {
						this.#backlog.spoolDropped(reason, count);
						if (count > 0)
							this.#health.tell(
								`dropped ${reason}`,
								'warn',
								`${dropReasons[reason]}, ${count} results are lost`,
							);
					},
					problem: (kind, message) => this.#health.tell(`spool: ${kind}`, 'error', message),
				})
			: null;
		this.#backlog = new Backlog(entry.limits.queueMax, this.#spool, this.#drops, this.#atDisk);
		this.#patience = new Patience(clock);
		this.#clockSteps = new ClockSteps(clock, clockRestMs);
		this.#dispatch = new Dispatch({
			limits: entry.limits,
			destination: this.#destination,
			confirms: this.#confirms,
			isOrdered: sink.ordered === true,
			folder: `${spoolFolder}/${entry.name}`,
			backlog: this.#backlog,
			atDisk: this.#atDisk,
			drops: this.#drops,
			health: this.#health,
			patience: this.#patience,
			clock,
			open: () => this.#openSink(),
			closeOpen: () => this.#closeOpen(),
			clean: (text) => this.#clean(text),
		});
	}

	/** Takes what an earlier run has left, and begins to send once `after` has settled. */
	start(after: Promise<unknown> = Promise.resolve()): void {
		this.#running = after.then(() => {
			this.#atDisk(() => this.#spool?.start());
			const { spooled } = this.#backlog;
			if (spooled > 0) {
				this.#health.tell('found', 'info', `${spooled} results of before are waiting in the spool`);
			}
			return this.#run();
		});
	}

	/** `packed`: the same, if it is at hand. */
	accept(delivered: Delivered, packed?: PackedOutcome): void {
		if (delivered.kind !== 'measured' && this.#parts.sink.outcomes !== 'all') return;
		this.#backlog.add({ delivered, sinceMs: this.#parts.clock.wallMs(), packed });
		this.#patience.wake();
	}

	/** To be called about twice a second. */
	tick(): void {
		const { clock, entry } = this.#parts;
		const nowMs = clock.wallMs();
		// A clock that was ahead for a moment must not cost what waits.
		if (this.#clockSteps.isSteady) this.#backlog.expire(nowMs);
		this.#tellQueueFull();
		const oldestMs = this.#backlog.oldestInMemoryMs;
		if (oldestMs === null) return;
		// The clock may have been set back.
		const waitedMs = Math.abs(nowMs - oldestMs);
		const isLate = waitedMs > entry.limits.batchWaitMs + spillAfterMs;
		if (isLate || this.#health.state === 'failing' || this.#backlog.spooled > 0) this.#backlog.spill();
	}

	#tellQueueFull(): void {
		const count = this.#drops.queueFull - this.#queueFullTold;
		this.#queueFullTold = this.#drops.queueFull;
		if (count > 0) this.#health.tell('queue full', 'warn', `the queue is full, ${count} results are lost`);
	}

	stats(): SinkStats {
		const oldestMs = this.#backlog.oldestMs;
		return {
			name: this.#parts.entry.name,
			destination: this.#destination,
			confirms: this.#confirms,
			state: this.#health.state,
			sinceMs: this.#health.sinceMs,
			queued: this.#backlog.count,
			spooled: this.#backlog.spooled,
			spooledBytes: this.#backlog.spooledBytes,
			sent: this.#dispatch.sent,
			failed: this.#health.failed,
			retried: this.#dispatch.retried,
			dropped: { ...this.#drops },
			lagSeconds: oldestMs === null ? 0 : Math.max(0, (this.#parts.clock.wallMs() - oldestMs) / 1000),
			lastError: this.#health.lastError,
		};
	}

	/**
	 * Brings what waits into safety, then sends as much of it as it can within `graceMs`. What a sink that confirms has
	 * not confirmed by then is in its spool.
	 */
	async close(graceMs: number): Promise<void> {
		const { clock } = this.#parts;
		const { unsent } = this.#drops;
		this.#isEnding = true;
		this.#backlog.spill();
		this.#patience.wake();
		const cancel = clock.after(graceMs, () => this.#patience.stop());
		await this.#running;
		cancel();
		this.#backlog.close();
		const lost = this.#drops.unsent - unsent;
		if (lost > 0) this.#health.tell('ended', 'warn', `${lost} results were not sent any more`);
		await this.#closeOpen();
		this.#health.flush();
	}

	async #run(): Promise<void> {
		while (!this.#isOver) {
			try {
				await this.#openSink();
				if (await this.#isBatchDue()) await this.#dispatch.send();
			} catch (error) {
				await this.#fail(error);
			}
		}
	}

	get #atDisk(): AtDisk {
		return this.#parts.atDisk ?? ((action) => action());
	}

	get #isOver(): boolean {
		return (
			this.#patience.isStopped ||
			(this.#isEnding && (this.#backlog.count === 0 || this.#health.failedInARow > 0))
		);
	}

	async #openSink(): Promise<OpenSink> {
		if (this.#open !== null) return this.#open;
		this.#isOpening = true;
		const { sink, settings, entry, version, facts } = this.#parts;
		const { timeoutMs } = entry.limits;
		const open = await this.#patience.during(
			timeoutMs,
			(signal) =>
				sink.open(settings, { version, timeoutMs, ...factTools(entry, facts), signal } satisfies SinkTools),
			// It came too late.
			(late) => late.close(),
		);
		const { asPop } = entry;
		this.#open = asPop === undefined ? open : forHub(open, asPop);
		this.#isOpening = false;
		this.#health.opened(this.#backlog.count);
		return this.#open;
	}

	/** Waits until there is a batch, or until it is time to end. */
	async #isBatchDue(): Promise<boolean> {
		const { entry, clock } = this.#parts;
		while (!this.#isOver) {
			const { batchMax, batchWaitMs } = entry.limits;
			const { count } = this.#backlog;
			if (count === 0) {
				await this.#patience.untilWoken();
				continue;
			}
			const waitedMs = Math.abs(clock.wallMs() - (this.#backlog.oldestInMemoryMs ?? 0));
			const leftMs = batchWaitMs - waitedMs;
			if (count >= batchMax || this.#isEnding || this.#backlog.spooled > 0 || leftMs <= 0) return true;
			await this.#patience.untilWoken(leftMs);
		}
		return false;
	}

	/** Rests before the next try. */
	async #fail(error: unknown): Promise<void> {
		const inWrite = !this.#isOpening;
		await this.#closeOpen();
		if (error instanceof SinkStopped) return;
		const { clock, random } = this.#parts;
		const asked = retryAfterMs(error);
		const reason = this.#clean(messageOf(error));
		if (asked === null) this.#health.fails(inWrite ? 'write' : 'open', reason);
		else this.#health.isBusy(reason);
		this.#backlog.spill();
		// What was tried once and dropped need not rest for long: the next may be more lucky.
		const failures = inWrite && !this.#confirms ? 1 : this.#health.failedInARow;
		const restMs = asked === null || asked < 0 ? backoffMs(failures, random()) : asked * (1 + random() / 10);
		const endMs = clock.monotonicMs() + restMs;
		while (!this.#isOver && clock.monotonicMs() < endMs) {
			await this.#patience.untilWoken(endMs - clock.monotonicMs());
		}
	}

	async #closeOpen(): Promise<void> {
		const open = this.#open;
		this.#open = null;
		if (open === null) return;
		const { clock } = this.#parts;
		await new Promise<void>((resolve) => {
			const cancel = clock.after(closeMs, resolve);
			const closed = async () => open.close();
			closed()
				.catch(() => {})
				.finally(() => {
					cancel();
					resolve();
				});
		});
	}

	#clean(text: string): string {
		return printable(this.#hide(text));
	}
}

const dropReasons = {
	spoolFull: 'the spool is full',
	tooOld: 'the oldest have been in the spool for too long',
	damaged: 'a file of the spool is damaged',
} as const;
