import type { Batches } from './engine/batches.ts';
import { orderAnswerOf, ordersAnswerPieces } from './engine/order-answers.ts';
import type { OrderBook } from './engine/order-book.ts';
import type { Scheduler } from './engine/scheduler.ts';
import type { DaemonAnswer } from './model/answers.ts';
import type { Store } from './store/store.ts';
import { version } from './version.ts';
import type { Questions } from './web/question-handler.ts';

/** Who knows the answers. */
export interface AnswerSources {
	/** Since the epoch. */
	readonly startedSeconds: number;
	readonly book: OrderBook;
	readonly batches: Batches;
	readonly scheduler: Scheduler;
	readonly store: Pick<Store, 'stats'>;
	maxAgeSeconds(): number;
	loopDelay(): DaemonAnswer['main_thread_delay'];
	failed(error: Error): void;
}

/** What the daemon can be asked. */
export function questionsFor(sources: AnswerSources): Questions {
	const { book, scheduler } = sources;
	return {
		daemon: () => daemonAnswerOf(sources),
		orders: () => ordersAnswerPieces(book),
		order: (id) => orderAnswerOf(id, book, scheduler),
		failed: sources.failed,
	};
}

function daemonAnswerOf(sources: AnswerSources): DaemonAnswer {
	const { book, batches, scheduler, store } = sources;
	const { queued, lagMs, dropped, lastResultErrors, rrdErrors, rrdRefused } = store.stats();
	return {
		version,
		pid: process.pid,
		started: sources.startedSeconds,
		max_age: sources.maxAgeSeconds(),
		orders: { measured: book.live, rejected: book.rejected },
		batches: batches.size,
		jobs_running: scheduler.jobsRunning,
		slots: { ...scheduler.counters },
		store: {
			waiting: Math.max(0, queued),
			lag: lagMs / 1000,
			results_not_written: dropped + lastResultErrors,
			rows_not_written: rrdErrors + rrdRefused,
		},
		main_thread_delay: sources.loopDelay(),
	};
}
