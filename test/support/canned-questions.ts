import type { Questions } from '../../src/memory/question-handler.ts';
import { feedStream } from '../../src/memory/stream-feed.ts';
import type { DaemonAnswer, OrderAnswer } from '../../src/model/answers.ts';
import { OutcomeStream } from '../../src/outcomes/stream.ts';

/** What a daemon says of itself. */
export function cannedDaemon(startedSeconds: number): DaemonAnswer {
	return {
		version: '2.0.0',
		pid: 4211,
		started: startedSeconds,
		max_age: 3660,
		orders: { measured: 1, rejected: 1 },
		batches: 1,
		jobs_running: 0,
		slots: { measured: 1234, failed: 2, skipped: 1, overrun: 0, late: 3 },
		store: { waiting: 0, lag: 0.0021, results_not_written: 0, rows_not_written: 0 },
		disk: { main_rrd: 1_344_016, history: 900_000, free: 80_000_000_000 },
		sinks: [],
		notifiers: [],
		config: { in_force_since: startedSeconds, last_read_ok: true },
		main_thread_delay: { p50: 0.0001, p99: 0.0004, max: 0.002 },
		web: null,
	};
}

/** Answers that do not change: what is served is real, who knows it is not. */
export function cannedQuestions(
	daemon: DaemonAnswer,
	orders: Readonly<Record<string, OrderAnswer>>,
	bulk: () => Iterable<string> = () => ['{"orders":[]}'],
	stream = new OutcomeStream(() => {}),
): Questions & { readonly failures: Error[] } {
	const failures: Error[] = [];
	return {
		failures,
		pops: () => ({ pops: null }),
		changePop: () => null,
		alerts: () => ({ firing: [] }),
		daemon: () => daemon,
		orders: bulk,
		// As one that is older.
		status: async () => ['null\n'],
		order: (id) => orders[id] ?? null,
		listen: (response, wish) => feedStream(stream, response, wish, daemon.version),
		failed: (error) => failures.push(error),
	};
}
