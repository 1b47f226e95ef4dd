import { beginningOf } from '../../../history/account.ts';
import { readSlots } from '../../../store/read-history.ts';

/** So long the first lines of an order may not be written yet. Seconds. */
const youngSeconds = 7200;

/** Since when an order is measured, since the epoch; null: it is not known, or it was not yet. */
export function sinceOf(
	folder: string,
	history: Parameters<typeof beginningOf>[0],
	nowSeconds: number,
): number | null {
	const beginning = beginningOf(history);
	if (history.since !== null || beginning === null || beginning < nowSeconds - youngSeconds) return beginning;
	// Of an order that is younger than what is written of it only the hour is known: its first slot knows better.
	return readSlots(folder, beginning, nowSeconds)[0]?.timeSeconds ?? beginning;
}
