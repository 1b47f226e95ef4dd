import { z } from 'zod';
import { once } from './once.ts';
import { slotCountKeys } from './slot-count-keys.ts';

/**
 * What the running daemon answers to those who ask: JSON. Times are seconds since the epoch, spans and RTTs seconds.
 * The schemas are for those who read an answer, which may come from another version.
 */

const count = once(() => z.number().int().min(0));
const seconds = once(() => z.number());

/** How often things happened, in slots of an order; for the daemon as a whole, in orders times slots. */
const slotCounts = once(() =>
	z.object({
		/** Measured, wholly or in part. */
		measured: count(),
		/** Unknown: the job gave no samples. */
		failed: count(),
		/** Unknown: there was no job. */
		skipped: count(),
		/** The job was cut short at the end of its slot: measured in part, or failed. */
		overrun: count(),
		/** The job started too late. */
		late: count(),
	}),
);

export type SlotCounts = z.infer<ReturnType<typeof slotCounts>>;

const sink = once(() =>
	z.object({
		name: z.string(),
		/** Without passwords. */
		destination: z.string(),
		/** Whether it says what it has taken. */
		confirms: z.boolean(),
		state: z.enum(['starting', 'working', 'failing']),
		/** When this state began. */
		since: seconds(),
		/** Measurements that wait, those of them that are in the spool, and its size in bytes. */
		queued: count(),
		spooled: count(),
		spooled_bytes: count(),
		/** Since the daemon started: measurements sent, tries that failed, measurements sent again. */
		sent: count(),
		failed: count(),
		retried: count(),
		/** Measurements, by reason. */
		dropped: z.object({
			queue_full: count(),
			spool_full: count(),
			too_old: count(),
			refused: count(),
			unsent: count(),
			damaged: count(),
			overload: count(),
		}),
		/** How long the oldest has been waiting. */
		lag: seconds(),
		/** What the last try that failed said. */
		last_error: z.string().nullable(),
	}),
);

export type SinkAnswer = z.infer<ReturnType<typeof sink>>;

export const daemonAnswer = once(() =>
	z.object({
		version: z.string(),
		pid: z.number(),
		started: seconds(),
		/** Null: orders that do not say themselves never expire. */
		max_age: seconds().nullable(),
		orders: z.object({ measured: count(), rejected: count() }),
		batches: count(),
		jobs_running: count(),
		slots: slotCounts(),
		store: z.object({
			/** Requests and measurements that are not written yet, and how long the oldest has been waiting. */
			waiting: count(),
			lag: seconds(),
			/** Measurements whose last_result, and rows of main.rrd, that could not be written. */
			results_not_written: count(),
			rows_not_written: count(),
		}),
		disk: z.object({
			/** Bytes of all main.rrd, when all are made. */
			main_rrd: count(),
			/** Bytes of all histograms and single slots, when as many are kept as ever are. */
			history: count(),
			/** Bytes that are free, a minute ago or less; null when it is not known. */
			free: count().nullable(),
		}),
		/** Where measurements also go. */
		sinks: z.array(sink()),
		/** Who is told of alerts; they are counted in messages. */
		notifiers: z.array(sink()),
		config: z.object({
			/** When the config that is in force was read. */
			in_force_since: seconds(),
			/** Whether it could be read when it was read last. */
			last_read_ok: z.boolean(),
		}),
		/** How late its timers are, over the last minute or less. */
		main_thread_delay: z.object({ p50: seconds(), p99: seconds(), max: seconds() }),
		/** The process of the web server; null: there is none. */
		web: z
			.object({
				state: z.enum(['starting', 'running', 'failing']),
				/** Where it listens, as URLs. */
				addresses: z.array(z.string()),
				/** How often it was started again after it had ended by itself. */
				restarts: count(),
				last_error: z.string().nullable(),
			})
			.nullable(),
		/** What a platform's own canaries wrote to their topic; left out: it is not read. */
		canaries: z
			.object({
				orders: count(),
				/** What became of messages since the start: taken as results, or why not. */
				messages: z.object({
					taken: count(),
					doubled: count(),
					future: count(),
					too_many: count(),
					broken: count(),
				}),
				/** Why they cannot be read now; null: they are. */
				problem: z.string().nullable(),
			})
			.optional(),
	}),
);

/** What the daemon says of itself. */
export type DaemonAnswer = z.infer<ReturnType<typeof daemonAnswer>>;

/**
 * `measured`: live. `rejected`: its file is not a valid order. `unsettled`: its file may be half written yet.
 * `expiring`: it is being archived because it was not refreshed. `failing`: it has expired, but its file cannot be
 * removed.
 */
const bookState = once(() => z.enum(['measured', 'rejected', 'unsettled', 'expiring', 'failing']));

export type BookState = z.infer<ReturnType<typeof bookState>>;

const countsOrState = once(() => z.union([z.array(count()).length(slotCountKeys.length), bookState()]));

/** All orders, each with its id: the counts of those that are measured, the state of the others. */
export const ordersAnswer = once(() => z.object({ orders: z.array(z.tuple([z.string(), countsOrState()])) }));

export type OrdersAnswer = z.infer<ReturnType<typeof ordersAnswer>>;
export type CountsOrState = z.infer<ReturnType<typeof countsOrState>>;

const command = once(() =>
	z.object({
		program: z.string(),
		/** Secrets are `***`. */
		args: z.array(z.string()),
		/** It was longer than is remembered. */
		is_cut: z.boolean(),
		/** How many lines went to its standard input. */
		input_lines: count(),
		/** That line of them which was for the order's target, where it is known. */
		own_input: z.string().optional(),
	}),
);

export type CommandAnswer = z.infer<ReturnType<typeof command>>;

const run = once(() =>
	z.object({
		started: seconds(),
		/** Null as long as it runs. */
		took: seconds().nullable(),
		/** How much of the slot it might use. */
		window: seconds(),
		targets: count(),
		/** Where the order's target was measured; null when that is not known (yet). */
		address: z.string().nullable().optional(),
		/** Set when the name service did not answer: it had told that address last then. */
		address_kept_since: seconds().nullable().optional(),
		/** The programs that were started: those that name the order's target, then those that all orders share. */
		commands: z.array(command()),
		/** How many more there may have been for this target; with no `commands`, how many the run had. */
		commands_left_out: count(),
		/** What the probe says of how it measured. */
		notes: z.array(z.string()),
	}),
);

export type RunAnswer = z.infer<ReturnType<typeof run>>;

const sharers = once(() => z.object({ count: count(), ids: z.array(z.string()) }));

const batch = once(() =>
	z.object({
		targets: count(),
		/** How many targets it may hold. */
		targets_max: z.number().nullable(),
		/** All orders in it, with the first few ids. */
		orders: sharers(),
		/** Those of them that share the target, and so its pings; the order itself is not among them. */
		same_target: sharers(),
	}),
);

/** When, and why; `time` is the start of the slot, or of the last one of them. */
const unknownSlot = once(() =>
	z.object({
		time: seconds(),
		/** A `ReasonCode`; null for what has none. */
		code: z.string().nullable().default(null),
		reason: z.string(),
	}),
);

export type UnknownSlot = z.infer<ReturnType<typeof unknownSlot>>;

const scalar = once(() => z.union([z.number(), z.string(), z.boolean()]));

/** What the last measurement told beyond its samples. Facts of pings are lists, in sending order. */
const lastFacts = once(() =>
	z.object({
		/** Start of the slot. */
		time: seconds(),
		facts: z.record(z.string(), z.union([scalar(), z.array(scalar().nullable())])),
	}),
);

export type LastFacts = z.infer<ReturnType<typeof lastFacts>>;

/** What the daemon remembers of an order that it measures. */
const memory = once(() =>
	z.object({
		/** Since when. */
		since: seconds(),
		slots: slotCounts(),
		last_failure: unknownSlot().nullable(),
		last_skip: unknownSlot().nullable(),
		/** Why pings were lost, in the last measurement in which it is known; with counts. */
		last_loss: unknownSlot().nullable(),
		/** Null before the first measurement. */
		last_facts: lastFacts().nullable(),
		/** Of facts that are counts: the sums of all measurements since the daemon took it up, without those that are 0. */
		fact_sums: z.record(z.string(), z.number()),
		/** When its next job is due. */
		next_due: seconds(),
		batch: batch(),
		last_run: run().nullable(),
		/** The last measurements, newest first: `OutcomeJson`, without facts. */
		outcomes: z.array(z.unknown()),
	}),
);

export const orderAnswer = once(() =>
	z.object({
		state: bookState(),
		/** When it is archived unless it is refreshed; null: never, or it is not measured. */
		expires: seconds().nullable(),
		/** Null unless it is measured, by this machine. */
		memory: memory().nullable(),
		/** What is remembered of what a point of presence measures; left out where this machine does. */
		remembered: memory()
			.pick({ last_failure: true, last_skip: true, last_loss: true, last_facts: true, fact_sums: true })
			.extend({ outcomes: z.array(z.unknown()) })
			.optional(),
		/** The points of presence that measure it now; left out of an order that has none. */
		pops: z.array(z.string()).optional(),
	}),
);

/** What the daemon says of an order. */
export type OrderAnswer = z.infer<ReturnType<typeof orderAnswer>>;
