import { join } from 'node:path';
import type { OrderCounts } from '../../counts/order-counts.ts';
import type { Measured } from '../../model/outcome.ts';
import { lastFactsName, readLastFacts } from '../../store/last-facts.ts';
import { lastResultName, readLastResult } from '../../store/last-result.ts';
import { readOwnText } from '../../store/read-own-text.ts';
import { type CountedBefore, countedBefore } from './counted-before.ts';
import type { LastSlot } from './order-series.ts';

/** From where the series of an order go on. */
export interface Beginning {
	/** What its files say was measured; null: nothing. */
	readonly before: CountedBefore | null;
	/** What they do not say; null: nothing is known. */
	readonly counts: OrderCounts | null;
	/** The last slot that was measured, by its files; null: not looked up, or none. */
	readonly last: LastSlot | null;
	/** Slots that were measured lately and may not be in the files yet, the oldest first. */
	readonly recent: readonly Measured[];
}

/**
 * What the files of an order say. Changes nothing, and never throws.
 *
 * @param explainedFromSeconds since when slots that were not measured are counted by reason; null: never
 */
export function beginningInFiles(
	baseDir: string,
	id: string,
	explainedFromSeconds: number | null,
	pop?: string,
): Beginning {
	const folder = join(baseDir, 'output', id, ...(pop === undefined ? [] : [`@${pop}`]));
	return {
		before: countedBefore(folder, explainedFromSeconds),
		counts: null,
		last: lastIn(folder),
		recent: [],
	};
}

function lastIn(folder: string): LastSlot | null {
	const text = readOwnText(`${folder}/${lastResultName}`);
	const result = text === null ? null : readLastResult(text);
	if (result === null || 'reason' in result) return null;
	const { time, step, pings, loss, median } = result;
	const told = readOwnText(`${folder}/${lastFactsName}`);
	const facts = told === null ? null : readLastFacts(told);
	return {
		...{ startSeconds: time, stepSeconds: step, sent: pings, loss, medianSeconds: median },
		facts: facts?.time === time ? facts.facts : {},
	};
}
