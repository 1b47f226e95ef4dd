import type { Facts } from '../../src/model/facts.ts';
import { printable, withoutPasswords } from '../../src/model/printable.ts';

/** So short that many orders may remember it. */
export const reasonMax = 60;

/** So many reasons are told, the most frequent ones. */
const reasonsMax = 3;

/**
 * The fact `loss_reason`: `connection refused (4 of 5), timed out (1 of 5)`; none when nothing is known of the lost
 * pings, or there are none.
 *
 * @param counts how many pings each reason has cost; fit to be shown
 * @param sent how many pings there were
 */
export function lossFacts(counts: Readonly<Record<string, number>>, sent: number): Facts {
	const reasons = Object.entries(counts).filter(([, count]) => count > 0);
	if (reasons.length === 0) return {};
	reasons.sort(([, a], [, b]) => b - a);
	const told = reasons.slice(0, reasonsMax).map(([reason, count]) => `${reason} (${count} of ${sent})`);
	const more = reasons.length - told.length;
	return { loss_reason: `${told.join(', ')}${more > 0 ? `, and ${more} more` : ''}` };
}

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
