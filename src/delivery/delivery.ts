import { Worker } from 'node:worker_threads';
import type { Outcome } from '../model/outcome.ts';
import { race } from '../model/race.ts';
import type { SinkEntry } from '../model/sink-entry.ts';
import { type PackedOutcome, packOutcomes } from '../outcomes/packed.ts';
import type { StreamEvent } from '../outcomes/subscriber.ts';
import { backoffMs } from './backoff.ts';
import { type Delivery, type DeliveryOptions, workerDataOf } from './delivery-parts.ts';
import { Held } from './held.ts';
import { tellLeftovers } from './leftovers.ts';
import type { DeliveryReport, DeliveryRequest } from './messages.ts';
import { type NumberedOrder, OrderNumbers } from './order-numbers.ts';
import { Pulse } from './pulse.ts';
import type { SinkStats } from './sink-stats.ts';
import { Tally } from './tally.ts';

/** Starts the thread, unless there is no sink. */
export function openDelivery(options: DeliveryOptions): Delivery {
	return new WorkerDelivery(options);
}

const defaultMaxQueued = 200_000;
const defaultHungMs = 60_000;
const defaultCloseMs = 3000;
/** Of the time for closing, what is left to put things away. */
const putAwayMs = 1500;
/** A thread that hangs in the disk cannot be ended. */
const terminateMs = 500;
/** Orders are numbered anew now and then, lest the numbers of those that are gone pile up. */
const renumberMs = 3600_000;
/** A thread that has lived for so long did not die of what it was started with. */
const soundMs = 60_000;
const watchIntervalMs = 1000;
const watchSlackMs = 1000;
const idleTickMs = 5000;

class WorkerDelivery implements Delivery {
	readonly name = 'delivery';
	readonly wantsEarly = true;
	readonly #options: DeliveryOptions;
	readonly #maxQueued: number;
	readonly #tally = new Tally();
	/** What came while there was no thread. */
	readonly #held: Held;
	#entries: readonly SinkEntry[];
	#worker: Worker | null = null;
	#pulse = new Pulse();
	#numbers = new OrderNumbers();
	#epoch = 0;
	#numberedAtMs = 0;
	/** Measurements, to the thread that runs now. */
	#posted = 0;
	#deaths = 0;
	#startedAtMs = 0;
	/** It does not answer, and is being ended. */
	#isHung = false;
	#isDiskTold = false;
	#isDropping = false;
	#isClosed = false;
	#cancelRestart: () => void = () => {};
	#cancelWatch: () => void = () => {};
	#heardClosed: () => void = () => {};

	constructor(options: DeliveryOptions) {
		this.#options = options;
		this.#entries = options.entries;
		this.#maxQueued = options.maxQueued ?? defaultMaxQueued;
		this.#held = new Held(this.#maxQueued);
		const names = this.#entries.map(({ name }) => name);
		tellLeftovers(`${options.baseDir}/spool`, names, options.log);
		if (this.#isNeeded) this.#start();
	}

	take(events: readonly StreamEvent[]): void {
		if (this.#isClosed) return;
		const isNeeded = this.#isNeeded;
		const messages: unknown[] = [];
		for (const event of events) {
			const message = this.#options.companion?.messageOf(event, this.#worker !== null) ?? null;
			if (message !== null) messages.push(message);
			if (!isNeeded) continue;
			if (event.about === 'outcomes') {
				this.#postToCompanion(messages.splice(0));
				this.#deliver(event.outcomes);
			} else if (event.about === 'gone') this.#forget(event.id);
		}
		this.#postToCompanion(messages);
	}

	tellCompanion(messages: readonly unknown[], wantsOthers = false): void {
		if (this.#isClosed) return;
		if (this.#worker !== null) {
			this.#postToCompanion(messages);
			if (wantsOthers) this.#renumber();
		} else if (this.#isNeeded && this.#deaths === 0) this.#start();
	}

	/** Where there is no thread, it hears all when there is one. */
	#postToCompanion(messages: readonly unknown[]): void {
		if (messages.length > 0) this.#post({ verb: 'companion', messages });
	}

	get #isNeeded(): boolean {
		return this.#entries.length > 0 || this.#options.companion?.isNeeded() === true;
	}

	#deliver(outcomes: readonly Outcome[]): void {
		if (this.#worker === null || this.#isHung) this.#tally.overload += this.#held.add(outcomes);
		else this.#hand(outcomes);
	}

	#forget(id: string): void {
		const number = this.#numbers.forget(id);
		if (number !== null) this.#post({ verb: 'forget', numbers: [number] });
	}

	configure(entries: readonly SinkEntry[]): void {
		if (this.#isClosed) return;
		this.#entries = entries;
		this.#tally.keepOnly(entries);
		if (this.#worker === null) {
			if (this.#isNeeded && this.#deaths === 0) this.#start();
			return;
		}
		this.#post({ verb: 'configure', entries });
		this.#renumber();
	}

	stats(): readonly SinkStats[] {
		return this.#tally.stats(this.#entries, this.#options.clock.wallMs());
	}

	async close(timeoutMs = defaultCloseMs): Promise<void> {
		if (this.#isClosed) return;
		this.#isClosed = true;
		this.#cancelRestart();
		this.#cancelWatch();
		if (this.#held.count > 0) {
			this.#options.log.error(`${this.#held.count} results did not go to the sinks: their thread has ended`);
		}
		const worker = this.#worker;
		if (worker === null) return;
		if (!this.#isHung) await this.#closeWorker(timeoutMs);
		await this.#within(terminateMs, worker.terminate());
	}

	async #closeWorker(timeoutMs: number): Promise<void> {
		const heard = new Promise<void>((resolve) => {
			this.#heardClosed = resolve;
		});
		this.#post({ verb: 'close', graceMs: Math.max(0, timeoutMs - putAwayMs) });
		if (await this.#within(timeoutMs, heard)) return;
		this.#options.log.error(`the sinks could not be closed within ${timeoutMs} ms: what they had is lost`);
	}

	/** Whether it settled in time. */
	async #within(timeoutMs: number, ending: Promise<unknown>): Promise<boolean> {
		const settled = ending.then(
			() => true,
			() => true,
		);
		return race(settled, { ms: timeoutMs, clock: this.#options.clock }, () => false);
	}

	#hand(outcomes: readonly Outcome[]): void {
		if (this.#posted - this.#pulse.taken + outcomes.length > this.#maxQueued) {
			this.#drop(outcomes.length);
			return;
		}
		this.#isDropping = false;
		const nowMs = this.#options.clock.monotonicMs();
		if (nowMs - this.#numberedAtMs > renumberMs || this.#numbers.isWasteful) this.#renumber();
		const news: NumberedOrder[] = [];
		const numbers: number[] = [];
		const packed: PackedOutcome[] = [];
		const all = packOutcomes(outcomes);
		for (const [index, outcome] of outcomes.entries()) {
			const number = this.#numbers.numberOf(outcome.order, news);
			if (number === null) continue;
			numbers.push(number);
			packed.push(all[index] ?? '');
		}
		if (packed.length === 0) return;
		this.#posted += packed.length;
		this.#post({ verb: 'deliver', orders: news, numbers, packed });
	}

	/** Says so once, when it begins. */
	#drop(count: number): void {
		this.#tally.overload += count;
		if (this.#isDropping) return;
		this.#isDropping = true;
		this.#options.log.error(
			`${this.#maxQueued} results wait for the thread of the sinks, new ones do not go there: it is too slow, or the disk of the spool hangs`,
		);
	}

	#renumber(): void {
		this.#numbers = new OrderNumbers();
		this.#numberedAtMs = this.#options.clock.monotonicMs();
		this.#post({ verb: 'renumber', epoch: ++this.#epoch });
	}

	#post(request: DeliveryRequest): void {
		this.#worker?.postMessage(request);
	}

	// ---- The thread ----

	#start(): void {
		const { clock, companion } = this.#options;
		this.#pulse = new Pulse();
		this.#pulse.beat();
		const idleMs = Math.min(idleTickMs, (this.#options.hungMs ?? defaultHungMs) / 4);
		const workerData = workerDataOf(this.#options, this.#entries, this.#pulse.shared, idleMs);
		const worker = new Worker(new URL('./delivery-worker.js', import.meta.url), {
			workerData,
			name: 'delivery',
		});
		this.#worker = worker;
		this.#posted = 0;
		this.#isHung = false;
		this.#startedAtMs = clock.monotonicMs();
		this.#renumber();
		this.#postToCompanion(companion?.first() ?? []);
		let reason = '';
		worker.on('message', (report: DeliveryReport) => this.#hear(report));
		worker.on('error', (error) => {
			reason = `: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
		});
		worker.on('exit', () => this.#ended(worker, reason));
		this.#watch();
		for (const outcomes of this.#held.take()) this.#hand(outcomes);
	}

	#watch(): void {
		this.#cancelWatch();
		const look = () => {
			if (this.#worker === null) return;
			const { silentMs } = this.#pulse;
			const seconds = Math.round(silentMs / 1000);
			const isSilent = silentMs > (this.#options.hungMs ?? defaultHungMs);
			if (!isSilent) this.#isDiskTold = false;
			else if (this.#pulse.isAtDisk) {
				// Nothing could end it, and what it has would be lost.
				if (!this.#isDiskTold)
					this.#options.log.error(
						`the disk of the spool has not answered for ${seconds} s: results wait in memory, look into the kernel log`,
					);
				this.#isDiskTold = true;
			} else if (!this.#isHung) {
				this.#isHung = true;
				this.#options.log.error(`the thread of the sinks has been silent for ${seconds} s: it is ended`);
				void this.#worker.terminate();
			}
			this.#watch();
		};
		this.#cancelWatch = this.#options.clock.after(watchIntervalMs, look, watchSlackMs);
	}

	#ended(worker: Worker, reason: string): void {
		if (this.#worker !== worker) return;
		this.#worker = null;
		if (this.#isClosed) return;
		const { clock, log } = this.#options;
		const lived = clock.monotonicMs() - this.#startedAtMs;
		this.#deaths = lived > soundMs ? 1 : this.#deaths + 1;
		this.#tally.threadEnded(Math.max(0, this.#posted - this.#pulse.taken));
		const restMs = backoffMs(this.#deaths, Math.random());
		log.error(`the thread of the sinks ended${reason}; starting another in ${(restMs / 1000).toFixed(1)} s`);
		this.#cancelRestart = clock.after(restMs, () => this.#start());
	}

	#hear(report: DeliveryReport): void {
		switch (report.about) {
			case 'log':
				this.#options.log[report.level](report.message);
				break;
			case 'stats':
				this.#tally.hear(report.stats);
				break;
			case 'unwanted':
				if (report.epoch === this.#epoch) this.#numbers.unwanted(report.numbers);
				break;
			case 'companion':
				this.#options.companion?.hear(report.message);
				break;
			case 'closed':
				this.#heardClosed();
				break;
		}
	}
}
