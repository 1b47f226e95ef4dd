import type { ProbeTable } from '../../model/probe.ts';
import type { LastResult } from '../../store/last-result.ts';
import type { Output } from './order-output.ts';
import type { Verdict } from './order-verdict.ts';

/**
 * `expiring`: less than a tenth of the maximum age is left. `down`: it is measured, and every ping of the last slot was
 * lost. `failing`: the order is right, but is not measured. `unreadable`: a file that would tell cannot be read. The
 * worst comes last.
 */
export const states = [
	'measuring',
	'waiting',
	'expiring',
	'down',
	'failing',
	'rejected',
	'unreadable',
] as const;
export type State = (typeof states)[number];

/** What an order says; null where a rejected one does not say it. */
export interface RowAsked {
	readonly user: string | null;
	readonly stepSeconds: number | null;
	readonly pings: number | null;
	readonly probe: string | null;
	readonly target: string | null;
	/** What it says of itself to people. */
	readonly title: string | null;
	readonly note: string | null;
	readonly link: string | null;
}

/** How one order is doing, or what one point of presence measures of it. */
export interface StatusRow extends RowAsked {
	/** Of an order, or `ID/@POP`. */
	readonly id: string;
	/** The point of presence that it tells of; of an order that others alone measure, the worst of its own. */
	readonly pop?: string;
	readonly state: State;
	/** Why, for orders that are not measured. */
	readonly reason: string | null;
	readonly result: LastResult | null;
	/** Since the last result was written. */
	readonly ageSeconds: number | null;
	/** The last result is older than two steps. */
	readonly isLate: boolean;
	/** Until the order is archived unless it is refreshed; null for orders that are never archived. */
	readonly expiresInSeconds: number | null;
}

export interface RowSources {
	/** Absolute path. */
	readonly baseDir: string;
	readonly probes: ProbeTable;
	readonly nowSeconds: number;
	/** Of orders that do not say; null: they never expire. */
	readonly maxAgeSeconds: number | null;
	/** Told of each file that cannot be read. */
	problem(path: string, message: string): void;
}

/** The row of what says this, is judged so and was written so. */
export function rowOf(
	id: string,
	asked: RowAsked,
	verdict: Verdict,
	{ result }: Output,
	{ nowSeconds }: Pick<RowSources, 'nowSeconds'>,
	expiresInSeconds: number | null = null,
): StatusRow {
	const { user, stepSeconds, pings, probe, target, title, note, link } = asked;
	const { state, reason } = verdict;
	const ageSeconds = result === null ? null : Math.max(0, nowSeconds - result.updated);
	const isLate = ageSeconds !== null && ageSeconds > 2 * Math.max(stepSeconds ?? 0, result?.step ?? 0);
	// One literal: there are thousands of rows, and copying takes longer than all else.
	return {
		id,
		user,
		stepSeconds,
		pings,
		probe,
		target,
		title,
		note,
		link,
		state,
		reason,
		result,
		ageSeconds,
		isLate,
		expiresInSeconds,
	};
}
