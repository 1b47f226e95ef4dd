import { printable, withoutPasswords } from '../../src/model/printable.ts';

/** So short that many orders may remember it. */
export const reasonMax = 60;

/** How often each reason is among them, fit to be shown and short. */
export function countedReasons(losses: readonly string[]): Record<string, number> {
	const counts = new Map<string, number>();
	for (const loss of losses) {
		const reason = shortReason(loss);
		counts.set(reason, (counts.get(reason) ?? 0) + 1);
	}
	return Object.fromEntries(counts);
}

/** Why a ping was lost, fit to be shown, at most `reasonMax` characters. */
export function shortReason(text: string): string {
	const shown = printable(withoutPasswords(text));
	if (shown.length <= reasonMax) return shown;
	// Not half of a character.
	return `${shown.slice(0, reasonMax - 3).replace(/[\ud800-\udbff]$/, '')}...`;
}
