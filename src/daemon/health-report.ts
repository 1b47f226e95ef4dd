import { allDropped, describeSinks } from '../delivery/sink-stats.ts';
import type { ServiceNotify } from '../host/service-notify.ts';
import type { Log } from '../model/log.ts';
import type { LoopDelay } from './loop-delay.ts';
import type { Rooms } from './rooms.ts';

export interface HealthReportParts {
	readonly rooms: Pick<Rooms, 'book' | 'scheduler' | 'store' | 'delivery'>;
	readonly loopDelay: LoopDelay;
	readonly notify: ServiceNotify;
	readonly log: Log;
}

const storeHungMs = 60_000;

/** Tells the log, the service manager and `ps` how the daemon is. */
export class HealthReport {
	readonly #parts: HealthReportParts;
	#reportedTrouble = 0;
	#title = '';

	constructor(parts: HealthReportParts) {
		this.#parts = parts;
	}

	/** In half a sentence. */
	get status(): string {
		const { book } = this.#parts.rooms;
		return `${book.live} orders measured, ${book.rejected} rejected`;
	}

	showTitle(): void {
		const title = `pingmachine [orders: ${this.#parts.rooms.book.live}]`;
		if (title !== this.#title) process.title = title;
		this.#title = title;
	}

	/** For the log; what is new trouble is for everybody to see. */
	report(): void {
		const { rooms, loopDelay, log } = this.#parts;
		const { queued, lagMs, dropped, lastResultErrors, rrdErrors, rrdRefused } = rooms.store.stats();
		const { measured, failed, skipped, late, overrun } = rooms.scheduler.counters;
		const sinks = rooms.delivery.stats();
		const lost = sinks.reduce((sum, sink) => sum + allDropped(sink.dropped), 0);
		const trouble =
			failed + skipped + late + overrun + dropped + lastResultErrors + rrdErrors + rrdRefused + lost;
		const level = trouble > this.#reportedTrouble ? 'info' : 'debug';
		this.#reportedTrouble = trouble;
		const { p50, p99, max } = loopDelay.delays;
		const ms = (seconds: number) => (seconds * 1000).toFixed(1);
		const sinksLine = sinks.length === 0 ? '' : `${describeSinks(sinks)}; `;
		log[level](
			`${this.status}; slots since the start: ${measured} measured, ${failed} failed, ` +
				`${skipped} skipped, ${late} late, ${overrun} overrun; results not written: ${dropped + lastResultErrors}, ` +
				`rows not written: ${rrdErrors + rrdRefused}; store: ${queued} waiting, lag ${Math.round(lagMs)} ms; ` +
				`${sinksLine}` +
				`main-thread delay p50 ${ms(p50)} p99 ${ms(p99)} max ${ms(max)} ms`,
		);
		loopDelay.reset();
	}

	/** Only as long as work gets done. */
	feedWatchdog(): void {
		const { rooms, notify, log } = this.#parts;
		const stuck = rooms.scheduler.stuck() ?? this.#hungStore();
		if (stuck === null) notify.alive(this.status);
		else log.error(`${stuck}: not feeding the watchdog`);
	}

	#hungStore(): string | null {
		const { lagMs } = this.#parts.rooms.store.stats();
		if (lagMs <= storeHungMs) return null;
		return `the store has been waiting for the disk for ${Math.round(lagMs / 1000)} s`;
	}
}
