import type { SlotCount } from '../model/alert.ts';
import type { Verdict } from './verdict.ts';

/** Slots that count towards something, told by their starts, seconds since the epoch. */
interface Marks {
	readonly first: number;
	readonly last: number;
	readonly count: number;
	/** Where they need not be in a row: each of those that are in the window, ascending. */
	readonly each?: readonly number[];
}

/**
 * How a rule stands with an order, as far as slots are counted. Plain data; the healthy one is `healthy`, which most
 * orders share. Slots that are missing are unknown by that alone.
 */
export interface Run {
	readonly isFiring: boolean;
	/** While it does not fire: bad slots that may raise it; while it fires: good ones that may clear it. */
	readonly marks: Marks | null;
}

export const healthy: Run = { isFiring: false, marks: null };
const firing: Run = { isFiring: true, marks: null };

/** `raise`: with the first slot that counted. */
export type Change = { readonly about: 'raise'; readonly sinceSeconds: number } | { readonly about: 'clear' };

export interface Counting {
	readonly raise: SlotCount;
	readonly clearSlots: SlotCount;
}

export interface Advanced {
	readonly run: Run;
	readonly change: Change | null;
}

/** So many unknown slots side by side, at least, and a row that was begun is forgotten. */
const gapLeast = 5;

/**
 * The run after one more slot, newer than all before, and whether that raises or clears. In `3 slots` known slots are
 * counted: unknown ones between them neither count nor break the row, unless they are more than the row is long, and
 * more than five. In `3 of 5 slots` unknown slots are slots that are not bad.
 */
export function advance(
	run: Run,
	verdict: Verdict,
	startSeconds: number,
	stepSeconds: number,
	{ raise, clearSlots }: Counting,
): Advanced {
	const counts = verdict === (run.isFiring ? 'good' : 'bad');
	if (verdict === 'none' || (!counts && run.marks === null)) return { run, change: null };
	const slots = run.isFiring ? clearSlots : raise;
	const marks = counted(run.marks, counts, { startSeconds, stepSeconds, ...neededOf(slots, stepSeconds) });
	if (marks === null) return { run: run.isFiring ? firing : healthy, change: null };
	if (!counts || marks.count < neededOf(slots, stepSeconds).needed)
		return { run: { isFiring: run.isFiring, marks }, change: null };
	return run.isFiring
		? { run: healthy, change: { about: 'clear' } }
		: { run: firing, change: { about: 'raise', sinceSeconds: marks.first } };
}

interface Needed {
	readonly needed: number;
	/** Of so many of the newest; null: in a row. */
	readonly of: number | null;
}

function neededOf(slots: SlotCount, stepSeconds: number): Needed {
	if ('forSeconds' in slots)
		return { needed: Math.max(1, Math.ceil(slots.forSeconds / stepSeconds - 1e-9)), of: null };
	return { needed: slots.count, of: slots.of === slots.count ? null : slots.of };
}

function counted(
	before: Marks | null,
	counts: boolean,
	slot: Needed & { readonly startSeconds: number; readonly stepSeconds: number },
): Marks | null {
	const { startSeconds, stepSeconds, needed, of } = slot;
	if (of !== null) {
		const oldest = startSeconds - (of - 1) * stepSeconds;
		const kept = (before?.each ?? []).filter((mark) => mark >= oldest);
		const each = counts ? [...kept, startSeconds].slice(-needed) : kept;
		const [first] = each;
		return first === undefined ? null : { first, last: each.at(-1) ?? first, count: each.length, each };
	}
	if (!counts) return null;
	const fresh = { first: startSeconds, last: startSeconds, count: 1 };
	if (before === null) return fresh;
	const gap = (startSeconds - before.last) / stepSeconds - 1;
	if (gap > Math.max(gapLeast, needed)) return fresh;
	return { first: before.first, last: startSeconds, count: before.count + 1 };
}
