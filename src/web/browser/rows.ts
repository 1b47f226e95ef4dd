/** Orders as the overview has them: the same on the server and in the browser. Pure. */

/** Worst first. */
export const stateNames = ['rejected', 'failing', 'down', 'loss', 'waiting', 'measuring'] as const;
export type StateName = (typeof stateNames)[number];

/** So many slots have a place in the picture of a row. */
export const sparkSlots = 40;

/** The last slots of an order, oldest first. */
export interface Spark {
	/** Start of the last one, seconds since the epoch. */
	readonly endSeconds: number;
	/** Seconds; null: not measured, or no answer. */
	readonly medians: readonly (number | null)[];
	/** From 0 to 1; null: not measured. */
	readonly losses: readonly (number | null)[];
}

/** What is known of an order. Times are seconds since the epoch. */
export interface Row {
	/** Its number with this server, as long as it runs. */
	readonly handle: number;
	readonly id: string;
	readonly title: string;
	readonly user: string;
	readonly probe: string;
	readonly target: string;
	readonly tags: Readonly<Record<string, string>>;
	readonly stepSeconds: number;
	readonly pings: number;
	/** Its file is no order. */
	readonly isRejected: boolean;
	/** Start of the last slot that was measured; 0: none was. */
	timeSeconds: number;
	loss: number;
	sent: number;
	medianSeconds: number | null;
	/** Why the last slot is unknown, or why it is rejected; empty: it is not. */
	reason: string;
	spark: Spark | null;
	/** All that a filter looks through, in small letters; made when it is first needed. */
	haystack: string | null;
}

/** An order in the feed. */
export type RowWire = readonly [
	...head: [handle: number, id: string, title: string, user: string, probe: string, target: string],
	...more: [
		tags: Readonly<Record<string, string>> | 0,
		stepSeconds: number,
		pings: number,
		isRejected: 0 | 1,
	],
	...last: [timeSeconds: number, loss: number, sent: number, medianMicros: number | null, reason: string],
];

/** What came of it, in the feed. */
export type ResultWire = readonly [
	...of: [handle: number, timeSeconds: number, loss: number, sent: number],
	...more: [medianMicros: number | null, reason: string],
];

export function wireOf(row: Row): RowWire {
	const { handle, id, title, user, probe, target, tags, stepSeconds, pings, isRejected } = row;
	const [, ...last] = resultWireOf(row);
	const own = Object.keys(tags).length === 0 ? 0 : tags;
	return [handle, id, title, user, probe, target, own, stepSeconds, pings, isRejected ? 1 : 0, ...last];
}

export function resultWireOf({ handle, timeSeconds, loss, sent, medianSeconds, reason }: Row): ResultWire {
	return [handle, timeSeconds, loss, sent, microsOf(medianSeconds), reason];
}

function microsOf(seconds: number | null): number | null {
	return seconds === null ? null : Math.round(seconds * 1e7) / 10;
}

export function rowOf(wire: RowWire): Row {
	const [handle, id, title, user, probe, target, tags, stepSeconds, pings, isRejected, ...last] = wire;
	const [timeSeconds, loss, sent, micros, reason] = last;
	// Written out: rows that are spread together each have a shape of their own, and looking through them is slow.
	return {
		handle,
		id,
		title,
		user,
		probe,
		target,
		tags: tags === 0 ? {} : tags,
		stepSeconds,
		pings,
		isRejected: isRejected === 1,
		timeSeconds,
		loss,
		sent,
		medianSeconds: micros === null ? null : micros / 1e6,
		reason,
		spark: null,
		haystack: null,
	};
}

/** Tells a row what came of its last slot. */
export function takeResult(row: Row, [, timeSeconds, loss, sent, micros, reason]: ResultWire): void {
	if (timeSeconds > row.timeSeconds && row.spark !== null) {
		const median = micros === null ? null : micros / 1e6;
		row.spark = sparkWith(row.spark, row.stepSeconds, timeSeconds, median, sent === 0 ? null : loss / sent);
	}
	row.timeSeconds = timeSeconds;
	row.loss = loss;
	row.sent = sent;
	row.medianSeconds = micros === null ? null : micros / 1e6;
	row.reason = reason;
}

/** The picture goes on. What lies between is unknown. */
export function sparkWith(
	{ endSeconds, medians, losses }: Spark,
	stepSeconds: number,
	timeSeconds: number,
	median: number | null,
	loss: number | null,
): Spark {
	const steps = Math.max(1, Math.round((timeSeconds - endSeconds) / stepSeconds));
	const gap = new Array<null>(Math.min(steps - 1, sparkSlots)).fill(null);
	return {
		endSeconds: timeSeconds,
		medians: [...medians, ...gap, median].slice(-sparkSlots),
		losses: [...losses, ...gap, loss].slice(-sparkSlots),
	};
}

/** By what time it is, and whether the daemon can be heard: without it nothing can come. */
export interface Now {
	readonly seconds: number;
	readonly isHeard: boolean;
}

/** Since the end of its last measured slot; null before the first. */
export function ageOf({ timeSeconds, stepSeconds }: Row, now: Now): number | null {
	return timeSeconds === 0 ? null : Math.max(0, now.seconds - timeSeconds - stepSeconds);
}

export function stateOf(row: Row, now: Now): StateName {
	if (row.isRejected) return 'rejected';
	if (row.reason !== '' || isLate(row, now)) return 'failing';
	if (row.timeSeconds === 0) return 'waiting';
	if (row.sent > 0 && row.loss >= row.sent) return 'down';
	return row.loss > 0 ? 'loss' : 'measuring';
}

/** Nothing came for more than two steps. */
export function isLate(row: Row, now: Now): boolean {
	const age = ageOf(row, now);
	return now.isHeard && age !== null && age > 2 * row.stepSeconds;
}

/** Of its last slot, from 0 to 1; null before the first. */
export function lossOf({ loss, sent, timeSeconds }: Row): number | null {
	return timeSeconds === 0 || sent === 0 ? null : loss / sent;
}
