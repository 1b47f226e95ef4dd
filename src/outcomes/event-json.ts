import type { Measured, OrderIdentity, Outcome } from '../model/outcome.ts';
import { orderFromJson, orderToJson, outcomeFromJson, outcomeToJson } from './outcome-json.ts';
import { type PackedOutcome, unpackOutcome } from './packed.ts';
import type { EarlyPings, GoneWhy, StreamEvent } from './subscriber.ts';

/** The stream between processes: one JSON object a line. */

/** What is told of an order beside who it is, for those that count. */
export interface ToldBeside {
	/** What was counted of it so far that no file tells; read by who wrote it. */
	readonly counts?: object;
	/** Since when there are counts of orders, seconds since the epoch. */
	readonly counted_from?: number;
	/** What was measured of it lately, the oldest first: it may not be in the files yet. */
	readonly recent?: readonly Measured[];
	/** The points of presence that measure it now. */
	readonly pops?: readonly string[];
	/** They alone do. */
	readonly is_elsewhere?: true;
}

/** What the stream of another process tells. */
export type ToldEvent =
	/** First of all: so many `changed` follow that tell of every order there is. */
	| { readonly about: 'hello'; readonly orders: number; readonly version: string }
	| ({
			readonly about: 'changed';
			readonly order: OrderIdentity;
			readonly stepSeconds: number;
			readonly pings: number;
	  } & ToldBeside)
	| Exclude<StreamEvent, { readonly about: 'changed' }>
	/** Nothing happened; it lives. */
	| { readonly about: 'alive' };

/** The line of an event, without its end. */
export function lineOfEvent(event: ToldEvent): string {
	return JSON.stringify(jsonOf(event));
}

/** That of outcomes, in a third of the time with packing them: for those whom `changed` has told who was measured. */
export function lineOfPacked(outcomes: readonly Outcome[], packed: readonly PackedOutcome[]): string {
	return JSON.stringify({ about: 'outcomes', ids: outcomes.map(({ order }) => order.id), packed });
}

function jsonOf(event: ToldEvent): object {
	switch (event.about) {
		case 'changed': {
			const { order, stepSeconds: step, pings, counts, counted_from, recent, pops, is_elsewhere } = event;
			return {
				...{ about: 'changed', order: orderToJson(order), step, pings },
				...(pops === undefined ? {} : { pops }),
				...(is_elsewhere === undefined ? {} : { is_elsewhere }),
				...(counts === undefined ? {} : { counts }),
				...(counted_from === undefined ? {} : { counted_from }),
				...(recent === undefined || recent.length === 0 ? {} : { recent: recent.map(outcomeToJson) }),
			};
		}
		case 'outcomes':
			return { about: 'outcomes', outcomes: event.outcomes.map(outcomeToJson) };
		case 'early': {
			const { order, slot, pings, early } = event;
			return {
				...{ about: 'early', id: order.id, slot: slot.startSeconds, step: slot.stepSeconds, pings },
				early: early.map(({ index, sentAtSeconds: sent, rttSeconds: rtt }) => ({ index, sent, rtt })),
			};
		}
		default:
			return event;
	}
}

/**
 * Reads a line. Null when it is nothing of the kind; what a later version may tell beside is left out.
 *
 * @param orderOf an order that `changed` told of, by its id
 */
export function eventOfLine(
	line: string,
	orderOf: (id: string) => OrderIdentity | undefined,
): ToldEvent | null {
	try {
		const json: unknown = JSON.parse(line);
		return typeof json === 'object' && json !== null ? eventOf(json as Json, orderOf) : null;
	} catch {
		// No JSON, or damaged where it was packed.
		return null;
	}
}

type Json = Readonly<Record<string, unknown>>;

const goneWhys: ReadonlySet<unknown> = new Set<GoneWhy>(['deleted', 'expired', 'rejected']);
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isText = (value: unknown): value is string => typeof value === 'string';

function eventOf(json: Json, orderOf: (id: string) => OrderIdentity | undefined): ToldEvent | null {
	switch (json['about']) {
		case 'hello': {
			const { orders, version } = json;
			return isNumber(orders) && isText(version) ? { about: 'hello', orders, version } : null;
		}
		case 'changed': {
			const order = orderFromJson(json['order']);
			const { step, pings } = json;
			if (order === null || !isNumber(step) || !isNumber(pings)) return null;
			return { about: 'changed', order, stepSeconds: step, pings, ...besideOf(json) };
		}
		case 'outcomes': {
			if (Array.isArray(json['packed'])) return unpackedOf(json['packed'], json['ids'], orderOf);
			if (!Array.isArray(json['outcomes'])) return null;
			const outcomes = json['outcomes'].map(outcomeFromJson).filter((outcome) => outcome !== null);
			return { about: 'outcomes', outcomes };
		}
		case 'gone': {
			const { id, why } = json;
			return isText(id) && goneWhys.has(why) ? { about: 'gone', id, why: why as GoneWhy } : null;
		}
		case 'missed': {
			const { ids, count } = json;
			return Array.isArray(ids) && ids.every(isText) && isNumber(count)
				? { about: 'missed', ids, count }
				: null;
		}
		case 'early':
			return earlyOf(json, orderOf);
		case 'alive':
			return { about: 'alive' };
		default:
			return null;
	}
}

/** Those of orders that nobody has told of are left out. */
function unpackedOf(
	packed: readonly unknown[],
	ids: unknown,
	orderOf: (id: string) => OrderIdentity | undefined,
): ToldEvent | null {
	if (!Array.isArray(ids) || ids.length !== packed.length) return null;
	const outcomes: Outcome[] = [];
	for (let at = 0; at < packed.length; at++) {
		const [id, text]: readonly unknown[] = [ids[at], packed[at]];
		if (!isText(id) || !isText(text)) return null;
		const order = orderOf(id);
		if (order !== undefined) outcomes.push(unpackOutcome(text, order));
	}
	return { about: 'outcomes', outcomes };
}

function besideOf({ counts, counted_from, recent, pops, is_elsewhere }: Json): ToldBeside {
	const outcomes = Array.isArray(recent) ? recent.map(outcomeFromJson) : [];
	const known = outcomes.filter((outcome) => outcome?.kind === 'measured');
	return {
		...(typeof counts === 'object' && counts !== null ? { counts } : {}),
		...(isNumber(counted_from) ? { counted_from } : {}),
		...(known.length === 0 ? {} : { recent: known }),
		...(Array.isArray(pops) && pops.every(isText) ? { pops } : {}),
		...(is_elsewhere === true ? { is_elsewhere } : {}),
	};
}

function earlyOf(
	{ id, slot, step, pings, early }: Json,
	orderOf: (id: string) => OrderIdentity | undefined,
): ToldEvent | null {
	const order = isText(id) ? orderOf(id) : undefined;
	if (order === undefined || !isNumber(slot) || !isNumber(step) || !isNumber(pings) || !Array.isArray(early))
		return null;
	const told: EarlyPings['early'][number][] = [];
	for (const one of early as Json[]) {
		const { index, sent, rtt } = one ?? {};
		if (!isNumber(index) || !isNumber(sent) || !(rtt === null || isNumber(rtt))) return null;
		told.push({ index, sentAtSeconds: sent, rttSeconds: rtt });
	}
	return { about: 'early', order, slot: { startSeconds: slot, stepSeconds: step }, pings, early: told };
}
