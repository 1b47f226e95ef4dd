/** Pings of one slot in a line. Knows no document. */

/** Milliseconds of each, in the order in which they are given; `×` for those that were lost. */
export function pingsText(rtts: readonly (number | null)[]): string {
	return rtts.map((rtt) => (rtt === null ? '×' : milliseconds(rtt))).join(' ');
}

function milliseconds(seconds: number): string {
	const ms = seconds * 1000;
	return ms.toFixed(ms < 0.9995 ? 3 : ms < 9.995 ? 2 : ms < 99.95 ? 1 : 0);
}

export interface SlotNumbers {
	readonly lost: number;
	readonly min: number | null;
	readonly median: number | null;
	readonly max: number | null;
}

/** As `last_result` has them. */
export function slotNumbers(rtts: readonly (number | null)[]): SlotNumbers {
	const sorted = rtts.filter((rtt) => rtt !== null).sort((a, b) => a - b);
	return {
		lost: rtts.length - sorted.length,
		min: sorted[0] ?? null,
		median: sorted[Math.floor(sorted.length / 2)] ?? null,
		max: sorted.at(-1) ?? null,
	};
}
