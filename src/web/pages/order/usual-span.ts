import { lastSecondsIn } from '../../browser/time-range.ts';
import type { WebParts } from '../../web-parts.ts';
import { smokeOf } from './smoke-data.ts';

/** Shorter first. */
const spans = ['10min', '30min', '3h', '30h'].map((span) => lastSecondsIn(span) ?? 0);
const points = 100;

/** What a graph shows when nobody says: thirty hours, or less of orders that are younger. Seconds. */
export function usualSpanOf(parts: WebParts, ids: readonly string[], nowSeconds: number): number {
	const longest = spans.at(-1) ?? 0;
	let span = longest;
	for (const shorter of spans.toReversed().slice(1)) {
		const before = { startSeconds: nowSeconds - span, endSeconds: nowSeconds - shorter };
		if (ids.some((id) => isMeasuredIn(parts, id, before))) return span;
		span = shorter;
	}
	return span;
}

function isMeasuredIn(
	parts: WebParts,
	id: string,
	bounds: { startSeconds: number; endSeconds: number },
): boolean {
	const data = smokeOf(parts, id, bounds, points);
	return data !== null && Array.prototype.some.call(data.loss, (loss: number) => !Number.isNaN(loss));
}
