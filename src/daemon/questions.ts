import type { CountsBook } from '../counts/counts-book.ts';
import type { Delivery } from '../delivery/delivery-parts.ts';
import type { SinkStats } from '../delivery/sink-stats.ts';
import type { Batches } from '../engine/batches.ts';
import type { OrderBook } from '../engine/order-book.ts';
import type { Scheduler } from '../engine/scheduler.ts';
import { version } from '../host/version.ts';
import type { Memory } from '../memory/memory.ts';
import type { Questions } from '../memory/question-handler.ts';
import { feedStream } from '../memory/stream-feed.ts';
import type { DaemonAnswer, SinkAnswer } from '../model/answers.ts';
import type { Order } from '../model/order.ts';
import { identityOf } from '../model/outcome.ts';
import type { KnownOrders } from '../orders/known-orders.ts';
import type { ToldBeside } from '../outcomes/event-json.ts';
import type { OutcomeStream } from '../outcomes/stream.ts';
import type { Store } from '../store/store-parts.ts';
import { alertsAnswerOf } from './alert-answers.ts';
import type { AlertDesk } from './alert-desk.ts';
import { orderAnswerOf, ordersAnswerPieces } from './order-answers.ts';
import { hasKey, type PopDesk } from './pop-desk.ts';
import { statusAnswerPieces } from './status-answers.ts';
import type { WebState } from './web-child.ts';

/** Who knows the answers. */
export interface AnswerSources {
	/** Since the epoch. */
	readonly startedSeconds: number;
	readonly book: OrderBook;
	readonly batches: Batches;
	readonly scheduler: Scheduler;
	readonly memory: Memory;
	readonly counts: Pick<CountsBook, 'of' | 'fromSeconds'>;
	readonly stream: OutcomeStream;
	readonly store: Pick<Store, 'stats' | 'written'>;
	readonly delivery: Pick<Delivery, 'stats'>;
	readonly alerts: Pick<AlertDesk, 'firing' | 'notifiers'>;
	/** Null: it is no hub. */
	readonly pops: PopDesk | null;
	maxAgeSeconds(): number | null;
	/** What there is in orders/; null: it is not known just now. */
	known(): Promise<KnownOrders | null>;
	disk(): DaemonAnswer['disk'];
	loopDelay(): DaemonAnswer['main_thread_delay'];
	config(): DaemonAnswer['config'];
	web(): WebState | null;
	canaries(): DaemonAnswer['canaries'];
	failed(error: Error): void;
}

/** What the daemon can be asked. */
export function questionsFor(sources: AnswerSources): Questions {
	const { book } = sources;
	return {
		daemon: () => daemonAnswerOf(sources),
		alerts: () => alertsAnswerOf(sources.alerts.firing),
		orders: () => ordersAnswerPieces(book),
		status: async () => {
			const known = await sources.known();
			return statusAnswerPieces(daemonAnswerOf(sources), known, sources);
		},
		order: (id) => orderAnswerOf(id, sources),
		listen: (response, wish) => feedStream(sources.stream, response, wish, version, toldBeside(sources)),
		pops: () => sources.pops?.pops() ?? { pops: null },
		changePop: (wish, authorization) => {
			if (sources.pops === null) return { error: 'this pingmachine is no hub. Write hub: into its config' };
			return hasKey(authorization, sources.pops.key) ? sources.pops.change(wish) : null;
		},
		failed: sources.failed,
	};
}

/** Longer than results wait for the disk, as a rule. */
const recentSeconds = 30;

/** So that who counts goes on from here: a slot may have been told before, and not be in the files yet. */
function toldBeside({ counts, memory }: AnswerSources): (order: Order) => ToldBeside {
	return (order) => {
		const known = counts.of(order.id)?.toJSON();
		const fromSeconds = Date.now() / 1000 - order.stepSeconds - recentSeconds;
		const recent = memory.recent(identityOf(order), fromSeconds);
		const told = { counted_from: counts.fromSeconds, recent };
		return known === undefined ? told : { ...told, counts: known };
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
		disk: sources.disk(),
		sinks: sources.delivery.stats().map(sinkAnswerOf),
		notifiers: sources.alerts.notifiers.map(sinkAnswerOf),
		config: sources.config(),
		main_thread_delay: sources.loopDelay(),
		web: webAnswerOf(sources.web()),
		...canariesPart(sources.canaries()),
	};
}

function sinkAnswerOf({
	sinceMs,
	spooledBytes,
	lagSeconds,
	lastError,
	dropped,
	...same
}: SinkStats): SinkAnswer {
	const { queueFull, spoolFull, tooOld, ...others } = dropped;
	return {
		...same,
		since: sinceMs / 1000,
		spooled_bytes: spooledBytes,
		dropped: { queue_full: queueFull, spool_full: spoolFull, too_old: tooOld, ...others },
		lag: lagSeconds,
		last_error: lastError,
	};
}

function webAnswerOf(state: WebState | null): DaemonAnswer['web'] {
	if (state === null) return null;
	const { lastError, ...same } = state;
	return { ...same, addresses: [...state.addresses], last_error: lastError };
}

function canariesPart(canaries: DaemonAnswer['canaries']): Pick<DaemonAnswer, 'canaries'> {
	return canaries === undefined ? {} : { canaries };
}
