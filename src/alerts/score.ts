import type { Condition } from '../model/alert.ts';
import type { Verdict } from './verdict.ts';

/** Appends pings to what is remembered of them: `.` answered, `x` lost, `-` unknown. Keeps the last so many. */
export function lostAfter(marks: string, lost: readonly boolean[], keep: number): string {
	return (marks + lost.map((isLost) => (isLost ? 'x' : '.')).join('')).slice(-keep);
}

/** The same for a slot of which nothing is known: it takes one place among the last pings, and makes what was before older. */
export function unknownAfter(marks: string, keep: number): string {
	return `${marks}-`.slice(-keep);
}

/**
 * What the last pings of a place say. It is good again when half as many are lost, or unknown, as it takes to be bad.
 * One that has fallen silent, or cannot measure, has no vote.
 */
export function marksVerdict(failed: number, marks: string): Verdict {
	if (marks.endsWith('-')) return 'none';
	const lost = countOf(marks, 'x');
	if (lost >= failed) return 'bad';
	const unknown = countOf(marks, '-');
	return lost + unknown <= Math.floor(failed / 2) ? 'good' : 'between';
}

/** Bad at so many places; good when so many are not left that are worse than good. */
export function scoreVerdict(
	{ pops }: Extract<Condition, { kind: 'score' }>,
	verdicts: Iterable<Verdict>,
): Verdict {
	let bad = 0;
	let worse = 0;
	let places = 0;
	for (const verdict of verdicts) {
		if (verdict === 'none') continue;
		places++;
		if (verdict === 'bad') bad++;
		if (verdict !== 'good') worse++;
	}
	if (places === 0) return 'none';
	if (bad >= pops) return 'bad';
	return worse < pops ? 'good' : 'between';
}

function countOf(marks: string, wanted: string): number {
	let count = 0;
	for (const mark of marks) if (mark === wanted) count++;
	return count;
}
