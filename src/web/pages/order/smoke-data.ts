import type { SmokeData } from '../../browser/smoke-model.ts';
import type { Bounds } from '../../browser/time-range.ts';
import { RequestFault } from '../../server/route.ts';
import type { WebParts } from '../../web-parts.ts';
import { graphColumns } from './graph-columns.ts';

/** What the smoke graph of an order shows, in so many rows at most. Null: nothing was measured yet. */
export function smokeOf(
	parts: WebParts,
	id: string,
	{ startSeconds, endSeconds }: Bounds,
	points: number,
): SmokeData | null {
	try {
		const wanted = { start: Math.floor(startSeconds), end: Math.ceil(endSeconds), points };
		const { start, step, rows, columns } = graphColumns(parts, id, wanted);
		const none = new Float64Array(rows);
		return {
			...{ startSeconds: start, stepSeconds: step, rows, pings: columns.length - 2 },
			...{ loss: columns[0] ?? none, median: columns[1] ?? none, rtts: columns.slice(2) },
		};
	} catch (error) {
		if (error instanceof RequestFault && error.status === 404) return null;
		throw error;
	}
}
