import { z } from 'zod';
import type { InPieces } from '../../model/pieces.ts';
import { paced } from '../feed/pace.ts';
import { head } from '../server/answers.ts';
import type { Asked } from '../server/route.ts';
import type { WebParts } from '../web-parts.ts';
import { type ApiRoute, answered, apiRoute, countParameter, timeParameter } from './api-route.ts';
import { type Columns, readingColumns, usualPoints } from './series-columns.ts';

const pointsMax = 10_000;

export const seriesQuery = z.strictObject({
	start: timeParameter.describe('a day before the end by default'),
	end: timeParameter.describe('now by default; of archived orders the last measurement'),
	points: countParameter(1, pointsMax).describe(
		`rows at most, as wide as a graph; ${usualPoints} by default`,
	),
	format: z.enum(['json', 'float32'], 'must be json or float32').optional(),
});

const answer = z.strictObject({
	id: z.string(),
	start: z.int().describe('start of the first row; row i begins at start + i * step'),
	step: z.int().describe('seconds'),
	rows: z.int(),
	columns: z
		.record(z.string(), z.array(z.number().nullable()))
		.describe('loss in pings, median and ping1 to pingN in seconds; null: unknown'),
});

/** `GET /api/v1/orders/ID/series`: main.rrd in as many rows as a graph is wide. */
export function seriesRoute(parts: WebParts): ApiRoute {
	return apiRoute({
		...{ method: 'GET', path: '/api/v1/orders/:id/series', query: seriesQuery, answer },
		summary: 'Loss and round-trip times of an order over time, at the resolution of a graph',
		faults: { 404: 'there is no such order, or nothing was measured yet' },
		handle: async (asked, wanted) => {
			const id = asked.path['id'] ?? '';
			const series = await paced(readingColumns(parts, id, wanted));
			if (wanted.format === 'float32') return answerFloats(asked, series);
			const { start, step, rows } = series;
			return { ...{ id, start, step, rows }, columns: await paced(namedColumns(series)) };
		},
	});
}

function* namedColumns({ names, columns }: Columns): InPieces<Record<string, (number | null)[]>> {
	const named: Record<string, (number | null)[]> = {};
	for (const [at, name] of names.entries()) {
		named[name] = Array.from(columns[at] ?? [], known);
		yield;
	}
	return named;
}

/** JSON has no NaN; and no more digits than anybody measures. */
function known(value: number): number | null {
	return Number.isNaN(value) ? null : Number(value.toPrecision(9));
}

/** One column after the other, little endian; what they are stands in the head. */
export function answerFloats(
	{ request, response }: Asked,
	{ start, step, rows, names, columns }: Columns,
): symbol {
	const bytes = Buffer.alloc(4 * rows * columns.length);
	for (const [column, values] of columns.entries())
		for (const [at, value] of values.entries()) bytes.writeFloatLE(value, 4 * (column * rows + at));
	head(response, 200, {
		'content-type': 'application/octet-stream',
		'content-length': bytes.length,
		'pingmachine-start': start,
		'pingmachine-step': step,
		'pingmachine-rows': rows,
		'pingmachine-columns': names.join(','),
	});
	response.end(request.method === 'HEAD' ? undefined : bytes);
	return answered;
}
