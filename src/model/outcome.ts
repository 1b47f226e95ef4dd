import type { Facts } from './facts.ts';
import { type Measurement, measurementOf, type Sample } from './measurement.ts';
import type { Order } from './order.ts';
import type { Slot } from './slot.ts';

/**
 * Why there are no samples of a slot: the whole list. Words for people stand beside a code, and are made where they
 * are shown or by the probe that knows more.
 */
export const reasonCodes = [
	/** The name does not exist, or has no address of the family that was asked for. */
	'name_unknown',
	/** The name servers did not answer. */
	'name_silent',
	/** This machine knows no way to the target. */
	'no_route',
	/** The address or interface to send from is not of this machine. */
	'no_address',
	/** The program that measures cannot be started. */
	'no_program',
	/** The program that measures ended badly, or said what cannot be understood. */
	'program_failed',
	/** This machine did not let us: rights, open files, buffers. */
	'refused_here',
	/** The slot was over before anything was known, or before there was a turn. */
	'overrun',
	/** The clock was set, or the machine slept. */
	'clock',
	/** The measuring was ended: the daemon stops, or the order was changed. */
	'stopped',
	/** It was too much: a limit of the config, or of what the machine can do. */
	'limited',
	/** A fault of the probe itself, or what it could not put better. */
	'probe_failed',
	/** The point of presence that was to measure is not heard of. */
	'pop_silent',
	/** The point of presence that was to measure does not want to. */
	'pop_refused',
] as const;

export type ReasonCode = (typeof reasonCodes)[number];

/** Who an order is, for all that is said of what came of it. Plain data. */
export interface OrderIdentity {
	/** The path of its file below `orders/`. */
	readonly id: string;
	readonly user: string;
	readonly task?: string;
	readonly probe: string;
	/** What was measured, fit to be shown: without passwords. */
	readonly target: string;
	readonly title?: string;
	readonly measurementName?: string;
	readonly tags: Readonly<Record<string, string>>;
}

/** How a machine's clock is kept, as far as it can tell. Seconds. */
export interface ClockState {
	readonly synced: boolean;
	/** Since when it has been so, seconds since the epoch. */
	readonly since?: number;
	/** How far it is ahead. */
	readonly offset?: number;
}

interface OutcomeHead {
	readonly order: OrderIdentity;
	/** The point of presence that measured; left out: this machine. */
	readonly pop?: string;
	readonly slot: Slot;
	/** How many pings the order asks for. */
	readonly pings: number;
	/** When the outcome was made, seconds since the epoch by the clock of who measured. */
	readonly updatedSeconds?: number;
	/** Names one run of the daemon that measured, whose outcomes have the numbers `seq`, from 1 on. */
	readonly boot?: string;
	readonly seq?: number;
	readonly clock?: ClockState;
}

/** There are samples. */
export interface Measured extends OutcomeHead {
	readonly kind: 'measured';
	readonly measurement: Measurement;
}

/** `failed`: there was a job, and no samples came of it. `skipped`: there was no job. Unknown, never loss. */
export interface NotMeasured extends OutcomeHead {
	readonly kind: 'failed' | 'skipped';
	readonly code: ReasonCode;
	/** Fit for the user, names the remedy if there is one. */
	readonly reason: string;
}

/** What came of one order in one slot. */
export type Outcome = Measured | NotMeasured;

type Details = Omit<OutcomeHead, 'order' | 'slot' | 'pings'>;

export function measured(
	order: OrderIdentity,
	slot: Slot,
	pings: number,
	samples: readonly Sample[],
	facts: Facts = {},
	details: Details = {},
): Measured {
	const measurement = measurementOf({ id: order.id, pings }, slot, samples, facts);
	return withDetails({ kind: 'measured', order, slot, pings, measurement }, details);
}

export function notMeasured(
	kind: NotMeasured['kind'],
	order: OrderIdentity,
	slot: Slot,
	pings: number,
	why: Pick<NotMeasured, 'code' | 'reason'>,
	details: Details = {},
): NotMeasured {
	return withDetails({ kind, order, slot, pings, code: why.code, reason: why.reason }, details);
}

/** One by one: spreading them would take as long as all the rest. */
function withDetails<One extends Outcome>(outcome: One, details: Details): One {
	const { pop, updatedSeconds, boot, seq, clock } = details;
	const head: { -readonly [Key in keyof OutcomeHead]: OutcomeHead[Key] } = outcome;
	if (pop !== undefined) head.pop = pop;
	if (updatedSeconds !== undefined) head.updatedSeconds = updatedSeconds;
	if (boot !== undefined) head.boot = boot;
	if (seq !== undefined) head.seq = seq;
	if (clock !== undefined) head.clock = clock;
	return outcome;
}

const identities = new WeakMap<Order, OrderIdentity>();

/** The same object each time for the same order object. */
export function identityOf(order: Order): OrderIdentity {
	let identity = identities.get(order);
	if (identity === undefined) {
		const { id, user, task, probe, title, measurementName, tags, target, shownTarget } = order;
		identity = {
			id,
			user,
			...(task === undefined ? {} : { task }),
			probe,
			target: shownTarget ?? target,
			...(title === undefined ? {} : { title }),
			...(measurementName === undefined ? {} : { measurementName }),
			tags,
		};
		identities.set(order, identity);
	}
	return identity;
}
