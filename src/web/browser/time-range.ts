/** Which time a graph shows, and how that stands in an address. Knows no document. */

/** The last so many seconds, whatever time it is; or from one time to another, seconds since the epoch. */
export type TimeRange =
	| { readonly kind: 'last'; readonly seconds: number }
	| { readonly kind: 'fixed'; readonly startSeconds: number; readonly endSeconds: number };

export interface Bounds {
	readonly startSeconds: number;
	readonly endSeconds: number;
}

/** As SmokePing has them. */
export const usualRanges = ['3h', '30h', '10d', '1y'] as const;

const unitSeconds = { min: 60, h: 3600, d: 86_400, w: 604_800, y: 31_536_000 } as const;
const spanMinSeconds = 60;
const spanMaxSeconds = 20 * unitSeconds.y;

/** `30h`, `10d`; null when it is none. */
export function lastSecondsIn(text: string): number | null {
	const [, count, unit] = /^(\d{1,6})(min|h|d|w|y)$/.exec(text) ?? [];
	if (count === undefined) return null;
	const seconds = Number(count) * unitSeconds[unit as keyof typeof unitSeconds];
	return seconds >= spanMinSeconds && seconds <= spanMaxSeconds ? seconds : null;
}

/** The shortest way to write it. */
export function lastText(seconds: number): string {
	const usual = usualRanges.find((range) => lastSecondsIn(range) === seconds);
	if (usual !== undefined) return usual;
	const unit = (['y', 'w', 'd', 'h'] as const).find((each) => seconds % unitSeconds[each] === 0) ?? 'min';
	return `${Math.max(1, Math.round(seconds / unitSeconds[unit]))}${unit}`;
}

/** What an address of ours says; null when it says nothing. */
export function rangeIn(query: URLSearchParams): TimeRange | null {
	const seconds = lastSecondsIn(query.get('range') ?? '');
	if (seconds !== null) return { kind: 'last', seconds };
	const [start, end] = [query.get('start') ?? '', query.get('end') ?? ''];
	if (!/^\d{1,12}$/.test(start) || !/^\d{1,12}$/.test(end) || Number(start) >= Number(end)) return null;
	return { kind: 'fixed', startSeconds: Number(start), endSeconds: Number(end) };
}

/** Puts it into the parameters of an address. */
export function putRange(query: URLSearchParams, range: TimeRange): void {
	for (const name of ['range', 'start', 'end']) query.delete(name);
	if (range.kind === 'last') query.set('range', lastText(range.seconds));
	else {
		query.set('start', String(range.startSeconds));
		query.set('end', String(range.endSeconds));
	}
}

export function boundsOf(range: TimeRange, nowSeconds: number): Bounds {
	if (range.kind === 'fixed') return range;
	return { startSeconds: nowSeconds - range.seconds, endSeconds: nowSeconds };
}

/** What is left of bounds that go too far: not beyond now, and neither too short nor too long. */
export function fixedRange({ startSeconds, endSeconds }: Bounds, nowSeconds: number): TimeRange {
	const span = Math.min(spanMaxSeconds, Math.max(spanMinSeconds, endSeconds - startSeconds));
	const middle = (startSeconds + endSeconds) / 2;
	const end = Math.min(nowSeconds, middle + span / 2);
	const start = Math.max(0, end - span);
	return { kind: 'fixed', startSeconds: Math.round(start), endSeconds: Math.round(Math.max(end, start + 1)) };
}

/** Larger or smaller by a factor, around a point that stays where it is. */
export function zoomed({ startSeconds, endSeconds }: Bounds, factor: number, aroundSeconds: number): Bounds {
	return {
		startSeconds: aroundSeconds - (aroundSeconds - startSeconds) * factor,
		endSeconds: aroundSeconds + (endSeconds - aroundSeconds) * factor,
	};
}

/** Moved by a share of its length; later when it is above 0. */
export function panned({ startSeconds, endSeconds }: Bounds, share: number): Bounds {
	const by = (endSeconds - startSeconds) * share;
	return { startSeconds: startSeconds + by, endSeconds: endSeconds + by };
}
