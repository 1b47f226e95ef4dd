import { timeForms, timePoint } from '../../../model/time-point.ts';
import { comparedMax } from '../../browser/heat-colours.ts';
import { type HeatWidth, usualWidth } from '../../browser/heat-model.ts';
import type { Fit } from '../../browser/smoke-model.ts';
import { type Bounds, boundsOf, lastSecondsIn, lastText, type TimeRange } from '../../browser/time-range.ts';
import { RequestFault } from '../../server/route.ts';

/** What an address of a page with graphs says. */
export interface GraphQuery {
	readonly range: TimeRange;
	readonly bounds: Bounds;
	readonly fit: Fit;
	/** Null: as suits the span. */
	readonly chosenWidth: HeatWidth | null;
	readonly heatWidth: HeatWidth;
	/** Other orders in the heatmap. */
	readonly others: readonly string[];
	/** The parameters that lead to the same time. */
	readonly timeQuery: string;
}

const idMax = 4096;
const longSeconds = lastSecondsIn('30h') ?? 0;

/** @param usualSeconds what is shown when the address does not say. Throws `RequestFault` */
export function graphQueryOf(
	query: URLSearchParams,
	nowSeconds: number,
	usualSeconds: () => number = () => longSeconds,
): GraphQuery {
	const range = rangeOf(query, Math.floor(nowSeconds), usualSeconds);
	const bounds = boundsOf(range, Math.ceil(nowSeconds));
	const width = query.get('heat') ?? '';
	const chosenWidth = (['hour', 'day', 'week'] as const).find((each) => each === width) ?? null;
	return {
		...{ range, bounds, chosenWidth },
		fit: query.get('fit') === 'all' ? 'all' : 'median',
		heatWidth: chosenWidth ?? usualWidth(bounds.endSeconds - bounds.startSeconds),
		others: othersIn(query),
		timeQuery:
			range.kind === 'last'
				? `range=${lastText(range.seconds)}`
				: `start=${range.startSeconds}&end=${range.endSeconds}`,
	};
}

function othersIn(query: URLSearchParams): string[] {
	const others = query.getAll('with').filter((id) => id !== '' && id.length <= idMax);
	return [...new Set(others)].slice(0, comparedMax - 1);
}

function rangeOf(query: URLSearchParams, nowSeconds: number, usualSeconds: () => number): TimeRange {
	const range = query.get('range');
	if (range !== null) {
		const seconds = lastSecondsIn(range);
		if (seconds !== null) return { kind: 'last', seconds };
		throw new RequestFault(400, 'range: must be a span such as 3h, 30h, 10d or 1y');
	}
	if (query.get('start') === null && query.get('end') === null)
		return { kind: 'last', seconds: usualSeconds() };
	const endSeconds = pointIn(query, 'end', nowSeconds) ?? nowSeconds;
	const startSeconds = pointIn(query, 'start', nowSeconds) ?? Math.max(0, endSeconds - longSeconds);
	if (startSeconds >= endSeconds) throw new RequestFault(400, 'start: must be before the end');
	return { kind: 'fixed', startSeconds, endSeconds };
}

function pointIn(query: URLSearchParams, name: string, nowSeconds: number): number | null {
	const text = query.get(name);
	if (text === null) return null;
	const seconds = timePoint(text.slice(0, 100), nowSeconds);
	if (seconds !== null && seconds < 1e11) return seconds;
	throw new RequestFault(400, `${name}: must be ${timeForms}`);
}
