import { lossStep } from '../../browser/row-words.ts';
import { rttText, shareText } from '../../browser/scale.ts';

/** How well something is seen from a place. Told by a sign and in words; colour only helps. */
export type Look = 'good' | 'loss' | 'down' | 'unknown';

export const signs: Readonly<Record<Look, string>> = {
	good: '\u25cf',
	loss: '\u25b2',
	down: '\u25a0',
	unknown: '\u25cb',
};

/** What a place sees. Null: not known. */
export interface Seen {
	readonly medianSeconds: number | null;
	/** From 0 to 1. */
	readonly loss: number | null;
}

export function lookOf({ loss }: Seen): Look {
	if (loss === null) return 'unknown';
	return loss >= 1 ? 'down' : loss > 0 ? 'loss' : 'good';
}

/** Upper bounds of medians, seconds, and what is said of them where the colours are explained. */
const levels = [0.05, 0.1, 0.2] as const;

export const levelWords = [
	'below 50 ms',
	'below 100 ms or 5% lost',
	'below 200 ms or 25% lost',
	'more',
] as const;

/** By the worse of median and loss: 0, the best, to 3; of all lost 4. Null: not known. */
export function levelOf({ medianSeconds, loss }: Seen): number | null {
	if (loss === null) return null;
	const found = levels.findIndex((bound) => (medianSeconds ?? 0) < bound);
	return Math.max(lossStep(loss), found < 0 ? levels.length : found);
}

/** `12.3 ms, 5% lost`. */
export function seenWords({ medianSeconds, loss }: Seen): string {
	if (loss === null) return 'unknown';
	if (loss >= 1) return 'all lost';
	const median = medianSeconds === null ? '' : rttText(medianSeconds);
	return loss > 0 ? `${median}, ${shareText(loss)} lost` : median;
}
