import type { WaitingNotice } from './notice-spool.ts';

/** A message that fails so often may be at fault itself: the next one is tried. */
const failuresMost = 5;

/** The oldest, or, where that fails and fails, now and then the one after it. */
export function nextNotice(
	waiting: readonly WaitingNotice[],
	failures: { readonly number: number; readonly count: number },
): WaitingNotice | null {
	const [head = null, second] = waiting;
	if (head === null || second === undefined || head.number !== failures.number) return head;
	const { count } = failures;
	return count > 0 && count % failuresMost === 0 ? second : head;
}
