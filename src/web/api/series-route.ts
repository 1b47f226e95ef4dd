import { z } from 'zod';
import { lastSecondsOf, readSeries, readStoredOrder, type Series } from '../../store/series.ts';
import { head } from '../server/answers.ts';
import { type Asked, RequestFault } from '../server/route.ts';
import type { WebParts } from '../web-parts.ts';
import { type ApiRoute, answered, apiRoute, countParameter, timeParameter } from './api-route.ts';
import { folderOf, reading } from './history-routes.ts';

const usualSpanSeconds = 86_400;
const usualPoints = 1000;
const pointsMax = 10_000;
/** Numbers in one answer: more would hold others up. */
const valuesMax = 100_000;

const query = z.strictObject({
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
		...{ method: 'GET', path: '/api/v1/orders/:id/series', query, answer },
		summary: 'Loss and round-trip times of an order over time, at the resolution of a graph',
		faults: { 404: 'there is no such order, or nothing was measured yet' },
		handle: (asked, wanted) => {
			const id = asked.path['id'] ?? '';
			const series = seriesOf(parts, id, wanted);
			if (wanted.format === 'float32') return answerFloats(asked, series);
			return {
				...{ id, start: series.start, step: series.step, rows: series.rows },
				columns: Object.fromEntries(
					series.names.map((name, at) => [name, Array.from(series.columns[at] ?? [], known)]),
				),
			};
		},
	});
}

interface Columns {
	readonly start: number;
	readonly step: number;
	readonly rows: number;
	readonly names: readonly string[];
	/** NaN: unknown. */
	readonly columns: readonly Float64Array[];
}

function seriesOf(parts: WebParts, id: string, wanted: z.infer<typeof query>): Columns {
	const order = folderOf(parts, id);
	const nowSeconds = Math.floor(Date.now() / 1000);
	return reading(() => {
		const stored = readStoredOrder(order);
		const endSeconds = wanted.end ?? lastSecondsOf(order, stored, nowSeconds);
		const startSeconds = wanted.start ?? Math.max(0, endSeconds - usualSpanSeconds);
		if (startSeconds >= endSeconds) throw new RequestFault(400, 'start: must be before the end');
		const points = Math.max(
			1,
			Math.min(wanted.points ?? usualPoints, Math.floor(valuesMax / (stored.pings + 2))),
		);
		const resolutionSeconds = Math.max(stored.stepSeconds, Math.ceil((endSeconds - startSeconds) / points));
		const series = readSeries(order, stored, { startSeconds, endSeconds, resolutionSeconds, nowSeconds });
		return merged(series, points, startSeconds);
	});
}

/** Several rows into one where there are more than are wanted: the mean of what is known. */
function merged({ names, stepSeconds, rows }: Series, points: number, startSeconds: number): Columns {
	const each = Math.max(1, Math.ceil(rows.length / points));
	const count = Math.ceil(rows.length / each);
	const columns = names.map(() => new Float64Array(count));
	for (const [column, values] of columns.entries()) {
		for (let at = 0; at < count; at++) {
			let sum = 0;
			let known = 0;
			for (let row = at * each; row < Math.min(rows.length, (at + 1) * each); row++) {
				const value = rows[row]?.values[column] ?? Number.NaN;
				if (Number.isNaN(value)) continue;
				sum += value;
				known++;
			}
			values[at] = known === 0 ? Number.NaN : sum / known;
		}
	}
	const start = rows[0]?.timeSeconds ?? startSeconds;
	return { start, step: stepSeconds * each, rows: count, names, columns };
}

/** JSON has no NaN; and no more digits than anybody measures. */
function known(value: number): number | null {
	return Number.isNaN(value) ? null : Number(value.toPrecision(9));
}

/** One column after the other, little endian; what they are stands in the head. */
function answerFloats({ request, response }: Asked, { start, step, rows, names, columns }: Columns): symbol {
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
