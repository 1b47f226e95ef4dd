import type { SlotCount } from '../model/alert.ts';
import { spanWithUnit } from '../model/span.ts';

/** More slots than anybody waits for, and than are remembered. */
const slotsMost = 1000;
const spanMostSeconds = 31 * 86_400;

export const slotCountForms = '5 slots, 3 of 5 slots or a span of time such as 10min';

/** Reads `3 slots`, `3 of 5 slots` or `10min`; null when it is none of them. */
export function slotCount(text: string): SlotCount | null {
	const [whole, first, second] = /^(\d{1,6})(?: of (\d{1,6}))? slots?$/.exec(text.trim()) ?? [];
	if (whole !== undefined) {
		const count = Number(first);
		const of = second === undefined ? count : Number(second);
		return count >= 1 && of >= count && of <= slotsMost ? { count, of } : null;
	}
	// A bare number could be slots or seconds.
	const forSeconds = spanWithUnit(text.trim());
	return forSeconds !== null && forSeconds > 0 && forSeconds <= spanMostSeconds ? { forSeconds } : null;
}

/** `5 slots under 5%`: how long, on which side, of what. The side is empty when there is none. Null: of another form. */
export function clearParts(
	text: string,
): { readonly slots: SlotCount; readonly side: string; readonly limit: string } | null {
	const at = text.search(/ (?:under|over) /);
	const slots = slotCount(at < 0 ? text : text.slice(0, at));
	if (slots === null) return null;
	if (at < 0) return { slots, side: '', limit: '' };
	const rest = text.slice(at + 1);
	const gap = rest.indexOf(' ');
	return { slots, side: rest.slice(0, gap), limit: rest.slice(gap + 1).trim() };
}
