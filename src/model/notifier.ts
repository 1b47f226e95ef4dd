import type { z } from 'zod';
import type { AlertSlot, Part, Severity } from './alert.ts';
import type { OrderIdentity } from './outcome.ts';

/**
 * Where alerts go. One folder in `src/alerts/notifiers/` and one line in its index. It stays naive: grouping, queueing,
 * retry, the spool, reminders and all counting are done for it, outside. Several of one kind may be open at a time.
 */
export interface Notifier<Settings = unknown> {
	/** The value of `type:` in an entry of `notifiers:` in the config file. */
	readonly name: string;
	/** Strict schema of the entry's own keys. It does not see `type` and `name`. */
	readonly settings: z.ZodType<Settings>;
	/** Where it sends to, without passwords and tokens. For people. */
	destination(settings: Settings): string;
	/**
	 * It forgets what it is not reminded of: it is given all alerts that fire once a minute, and those that are over for
	 * five minutes more. As Alertmanager wants it. By default it is told of changes and reminders alone.
	 */
	readonly wantsState?: boolean;
	/** Makes ready to send. Rejects as `send` does. */
	open(settings: Settings, tools: NotifierTools): Promise<OpenNotifier>;
}

/** Any notifier, whatever its settings: for tables of notifiers. */
// biome-ignore lint/suspicious/noExplicitAny: settings are checked by the notifier's own schema before they reach it
export type AnyNotifier = Notifier<any>;

/** The notifiers there are, by name. */
export type NotifierTable = ReadonlyMap<string, AnyNotifier>;

/** What is lent to a notifier. */
export interface NotifierTools {
	/** The version of pingmachine. */
	readonly version: string;
	/** How long sending may take. */
	readonly timeoutMs: number;
	/** Tells the user, at a limited rate, of what went wrong though the message was taken. */
	warn(message: string): void;
	/** Draws the last hours of an order as PNG; null when it cannot be drawn. */
	graph(orderId: string): Promise<Uint8Array | null>;
	/** Fires when it takes too long or the daemon ends. */
	readonly signal: AbortSignal;
}

export interface OpenNotifier {
	/**
	 * Resolves when the other end has taken it. Rejects with `NotifierRefusal` when it never will, with `NotifierBusy`
	 * when it says when to come back, and with any other `Error`, its message fit for the user, when it may work later.
	 */
	send(notification: Notification, signal: AbortSignal): Promise<void>;
	close(): Promise<void>;
}

/** The other end is there and will not take this notification, however often it is sent. */
export class NotifierRefusal extends Error {
	override readonly name = 'NotifierRefusal';
}

/** The other end is there and wants to be left alone for a while. */
export class NotifierBusy extends Error {
	override readonly name = 'NotifierBusy';
	/** Null when it does not say how long. */
	readonly retryAfterMs: number | null;

	constructor(message: string, retryAfterMs: number | null) {
		super(message);
		this.retryAfterMs = retryAfterMs;
	}
}

/** One message: one alert, or several that changed together. Plain data: it may be kept on disk meanwhile. */
export interface Notification {
	/** The same when it is sent again: for the other end to tell doubles. */
	readonly key: string;
	/** `state`: how it is now, for notifiers that want it. `test`: nothing is wrong, somebody tries. */
	readonly about: 'raise' | 'clear' | 'reminder' | 'state' | 'test';
	/** The worst of its members. */
	readonly severity: Severity;
	/** When it was made, seconds since the epoch. */
	readonly atSeconds: number;
	/** At least one; sorted by rule and order. */
	readonly members: readonly NotifiedAlert[];
}

/** One alert, with all that people are told of it. */
export interface NotifiedAlert {
	/** The same from raise to clear. */
	readonly id: string;
	/** Name of the rule. */
	readonly rule: string;
	readonly severity: Severity;
	/** Null: of the daemon itself. */
	readonly order: OrderIdentity | null;
	/** Of the daemon itself: the part of it that is in trouble; absent: all of it. */
	readonly part?: Part;
	/** What is wrong (of `clear`: was wrong): `loss 60 % (over 20 %) in 3 of 5 slots`. */
	readonly what: string;
	/** Start of the first slot that counted, seconds since the epoch. */
	readonly sinceSeconds: number;
	readonly raisedSeconds: number;
	/** Absent: it fires. */
	readonly clearedSeconds?: number;
	/** The oldest first. */
	readonly slots: readonly AlertSlot[];
	/** Why pings of these slots were lost, as far as it is known: `3 host unreachable`. */
	readonly lossReasons: readonly string[];
	/** The places that see it; the machine itself is `local`. */
	readonly pops: readonly string[];
	/** The route at the moment, hop by hop, null for hops that did not answer; null: not known. */
	readonly route: readonly (string | null)[] | null;
	/** Of the order: title, note and link. */
	readonly title?: string;
	readonly note?: string;
	readonly link?: string;
	/** Of the rule. */
	readonly ruleTitle?: string;
	readonly ruleNote?: string;
	/** The page of the order, where the config says at which URL pages are. */
	readonly pageUrl?: string;
	/** Who has said that they know, and what. */
	readonly acknowledged?: string;
}

/**
 * Where notifications wait until the notifiers have taken them, over restarts too. The rules hand over what is grouped,
 * reminded of and complete: to the queue it is a text that has to arrive.
 */
export interface NotificationQueue {
	/** The notifiers that the config names now. */
	names(): readonly string[];
	/** Whether it is one that forgets: the rules hand it `state`, too. */
	wantsState(notifier: string): boolean;
	/**
	 * Takes it for one of these; others are left out, with a warning. Does not throw, and waits for nothing but the disk
	 * of the spool: once it has returned, a kill of the process loses nothing. What has the key of one that waits is it.
	 */
	send(notifier: string, notification: Notification): void;
	/**
	 * What was handed over of an alert last, as far as it is remembered, by a run before too; `raise` as long as any of
	 * those who were told of it was not told that it is over. It outlives kills that what others remember does not.
	 */
	toldOf(alertId: string): 'raise' | 'clear' | null;
	/**
	 * The id of an alert that was handed over as one that fires, and not as over, of a rule and an order: `about` is the id
	 * without its time. Null: there is none.
	 */
	openOf(about: string): string | null;
}
