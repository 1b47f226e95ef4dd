import type { Condition } from '../model/alert.ts';
import type { Verdict } from './verdict.ts';

/** Appends pings to what is remembered of them: `.` answered, `x` lost. Keeps the last so many. */
export function lostAfter(marks: string, lost: readonly boolean[], keep: number): string {
	return (marks + lost.map((isLost) => (isLost ? 'x' : '.')).join('')).slice(-keep);
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
		places++;
		if (verdict === 'bad') bad++;
		if (verdict !== 'good') worse++;
	}
	if (places === 0) return 'none';
	if (bad >= pops) return 'bad';
	return worse < pops ? 'good' : 'between';
}
