import type { z } from 'zod';
import type { OrderIdentity, Outcome } from './outcome.ts';
import type { FactsOf } from './sink-facts.ts';

/** What a sink may know of the order that was measured. */
export type DeliveredOrder = OrderIdentity;

/** One outcome on its way to a sink. Plain data: it may be kept on disk meanwhile. */
export type Delivered = Outcome;

/**
 * Where measurements also go. One folder in `src/sinks/` and one line in its index. It stays naive: queueing, batching,
 * retry, the spool and all counting are done for it, outside. Several sinks of one kind may be open at a time.
 */
export interface Sink<Settings = unknown> {
	/** The value of `type:` in an entry of `sinks:` in the config file. */
	readonly name: string;
	/**
	 * Strict schema of the entry's own keys. It does not see those that all sinks have in common, and cannot use their
	 * names: type, name, orders, users, probes, facts, queue, batch, timeout, spool.
	 */
	readonly settings: z.ZodType<Settings>;
	/** Where it sends to, without passwords and tokens: `udp://127.0.0.1:8094`. For people, and to tell sinks apart. */
	destination(settings: Settings): string;
	/**
	 * Whether the other end says that it has taken what was written. If not (datagrams), nothing can be known, so
	 * nothing is promised: no spool, and a batch is tried once, unless the sink says `SinkBusy`.
	 */
	confirms(settings: Settings): boolean;
	/** What a batch is where the entry does not say: 1,000 results, after a second. */
	readonly batch?: { readonly size: number; readonly waitSeconds: number };
	/**
	 * Which outcomes it is given: those that were `measured`, as by default, or `all`, so that it can tell also why slots
	 * are unknown.
	 */
	readonly outcomes?: 'measured' | 'all';
	/** Whether outcomes of this order are for this sink at all. By default they are. */
	takes?(order: DeliveredOrder, settings: Settings): boolean;
	/**
	 * Whether what comes of an order has to arrive in its order. Then nothing is ever written before its turn, so it is for
	 * the sink to say which result the other end refuses: nobody else looks for one at which it fails. By default not.
	 */
	readonly ordered?: boolean;
	/**
	 * Makes ready to write. Rejects when the other end cannot be reached, with an `Error` whose message is fit for the
	 * user: it is tried again later, so a name that is looked up here is looked up anew.
	 */
	open(settings: Settings, tools: SinkTools): Promise<OpenSink>;
	/**
	 * Makes at the other end what it needs there, once, for `pingmachine sink setup`. What is there already is left alone.
	 * Rejects with an `Error` whose message is fit for the user. Left out: it needs nothing there.
	 */
	setup?(settings: Settings, tools: SetupTools): Promise<void>;
}

/** What is lent to a sink that makes ready the other end. */
export interface SetupTools extends Pick<SinkTools, 'version' | 'timeoutMs' | 'signal'> {
	/** Nothing is to be made: it only says what it would make. */
	readonly isDryRun: boolean;
	/** Tells the user what was made, or would be, or is there already: lines without the line feed at the end. */
	say(text: string): void;
}

/** Any sink, whatever its settings: for tables of sinks. */
// biome-ignore lint/suspicious/noExplicitAny: settings are checked by the sink's own schema before they reach it
export type AnySink = Sink<any>;

/** The sinks there are, by name. */
export type SinkTable = ReadonlyMap<string, AnySink>;

/** What is lent to a sink. */
export interface SinkTools {
	/** The version of pingmachine. */
	readonly version: string;
	/** How long opening, and writing a batch, may take. */
	readonly timeoutMs: number;
	/** The facts that the entry asks for with `facts:`; null: none. */
	readonly facts: FactsOf | null;
	/** The JSON of an outcome, as our sockets and brokers have it too; of facts those that the entry names, if it does. */
	readonly toJson: (outcome: Outcome) => object;
	/** Fires when opening takes too long or the daemon ends. */
	readonly signal: AbortSignal;
}

/**
 * What became of one result of a batch. It is there (`taken`), it never will be (`refused`, and why), the other end could
 * not take it now (`again`, and why), or it was not its turn yet (`later`): these two are written again. One that is
 * asked for again and again while others are taken is set aside.
 */
export type Verdict = 'taken' | 'later' | { readonly refused: string } | { readonly again: string };

/**
 * One connection, or what stands for it. After `write` has rejected with anything but `SinkRefusal` or `SinkTooLarge`
 * it is closed.
 */
export interface OpenSink {
	/**
	 * Resolves with a verdict for each of the batch, in its order, or with nothing when the other end has taken all of it
	 * or, if it does not confirm, when the system has. One at a time. Where it cannot be told of each, it rejects: with
	 * `SinkRefusal` when the other end is there and will never take this batch, or a part of it, with `SinkTooLarge` when
	 * it may take less at a time, with `SinkBusy` when it says when to come back, and with any other `Error`, its message
	 * fit for the user, when it may work later.
	 */
	write(batch: readonly Delivered[], signal: AbortSignal): Promise<readonly Verdict[] | undefined>;
	close(): Promise<void>;
}

/**
 * Trying again is no use: something in the batch is not acceptable. Where nobody knows what, the batch is cut into
 * pieces until what is refused is alone, and that is set aside and counted.
 */
export class SinkRefusal extends Error {
	override readonly name: string = 'SinkRefusal';
	/** So many of the batch are refused and all others have been taken: it is over. Null: nothing counts as taken. */
	readonly refusedOnly: number | null;
	/** That was said of so many at the beginning of the batch; the others were not written. Null: of all. */
	readonly ofFirst: number | null;

	constructor(message: string, refusedOnly: number | null = null, ofFirst: number | null = null) {
		super(message);
		this.refusedOnly = refusedOnly;
		this.ofFirst = ofFirst;
	}
}

/** It was too much at a time. What passes is remembered; one result that is too large alone is refused. */
export class SinkTooLarge extends SinkRefusal {
	override readonly name = 'SinkTooLarge';
}

/** The other end is there and wants to be left alone for a while. */
export class SinkBusy extends Error {
	override readonly name = 'SinkBusy';
	/** Null when it does not say how long. */
	readonly retryAfterMs: number | null;

	constructor(message: string, retryAfterMs: number | null) {
		super(message);
		this.retryAfterMs = retryAfterMs;
	}
}
