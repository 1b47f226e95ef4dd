import { statSync } from 'node:fs';
import type { LastResult } from '../../store/last-result.ts';
import { duration } from '../terminal/text.ts';
import type { Life } from './order-life.ts';
import type { Output } from './order-output.ts';
import type { RowSources, StatusRow } from './status-row.ts';

/** How an order is doing, and why where it is not measured. */
export type Verdict = Pick<StatusRow, 'state' | 'reason'>;

/** How long the daemon may take to pick up an order among thousands. */
const pickUpSeconds = 60;

/** What is judged; `name`: its id, or `ID/@POP`. */
interface Place {
	readonly name: string;
	readonly stepSeconds: number;
	readonly life: Life;
	readonly isPop: boolean;
}

/** What a point of presence tells may take so much longer on its way. */
const lateSeconds = 60;

/** The verdict on an order that is right. */
export function verdictOn(
	{ name, stepSeconds, life, isPop }: Place,
	output: Output,
	sources: Pick<RowSources, 'baseDir' | 'nowSeconds'>,
): Verdict {
	const { result, error, broken } = output;
	if (broken !== null) return { state: 'unreadable', reason: broken };
	if (error !== null) return { state: 'failing', reason: error };
	const { nowSeconds } = sources;
	const { ageSeconds: writtenAgo, maxAgeSeconds, expiresInSeconds } = life;
	const twoSteps = 2 * Math.max(stepSeconds, result?.step ?? 0) + (isPop ? lateSeconds : 0);
	if (result === null) {
		if (writtenAgo > Math.max(twoSteps, pickUpSeconds)) {
			return stalled(`since it was written ${duration(writtenAgo)} ago`, isPop);
		}
	} else if (nowSeconds - result.updated > twoSteps) {
		const cameAgo = nowSeconds - cameSeconds(name, sources);
		return Math.abs(cameAgo) <= twoSteps
			? waiting
			: stalled(`for ${duration(nowSeconds - result.updated)}`, isPop);
	}
	if (result !== null && isAllLost(result)) return { state: 'down', reason: null };
	const isExpiring =
		expiresInSeconds !== null && maxAgeSeconds !== null && expiresInSeconds < maxAgeSeconds / 10;
	if (isExpiring) return { state: 'expiring', reason: null };
	return result === null ? waiting : { state: 'measuring', reason: null };
}

/** Every ping of the last slot was lost. */
export function isAllLost({ loss, pings }: LastResult): boolean {
	return pings > 0 && loss >= pings;
}

const waiting: Verdict = { state: 'waiting', reason: null };

function stalled(since: string, isPop: boolean): Verdict {
	const hint = isPop
		? 'How it does is unknown: see pingmachine pops for whether it is heard of'
		: 'Is the daemon running?';
	return { state: 'failing', reason: `no result ${since}. ${hint}` };
}

/**
 * When the order's output folder last came to its place or had a file come or go, seconds since the epoch: an order
 * that was put back comes with its old result.
 */
function cameSeconds(name: string, { baseDir }: Pick<RowSources, 'baseDir'>): number {
	try {
		return statSync(`${baseDir}/output/${name}`).ctimeMs / 1000;
	} catch {
		return 0;
	}
}
