import { z } from 'zod';
import { apiRoute, routeOf } from '../../api/api-route.ts';
import { folderOf } from '../../api/history-routes.ts';
import { seriesColumns } from '../../api/series-columns.ts';
import { answerFloats, seriesQuery } from '../../api/series-route.ts';
import { darkHeat, lightHeat } from '../../browser/heat-colours.ts';
import { heatMapOf } from '../../browser/heat-model.ts';
import { darkPalette, lightPalette } from '../../browser/loss-levels.ts';
import { head } from '../../server/answers.ts';
import { type Asked, RequestFault, type Route } from '../../server/route.ts';
import type { WebParts } from '../../web-parts.ts';
import { graphColumns } from './graph-columns.ts';
import { type GraphQuery, graphQueryOf } from './graph-query.ts';
import { heatOf } from './heat-data.ts';
import { heatPlaces, heatSvg } from './heat-svg.ts';
import { smokeOf } from './smoke-data.ts';
import { smokePlaces, smokeSvg } from './smoke-svg.ts';

const csvPoints = 10_000;
/** Nothing is loaded by a picture, nor run. */
const picturePolicy = "default-src 'none'; style-src 'none'";

/** `/orders/ID/smoke.svg`, `/heat.svg` and `/series.csv`. */
export function pictureRoutes(parts: WebParts): Route[] {
	const at = (
		name: string,
		handle: (asked: Asked, id: string, query: GraphQuery) => void | Promise<void>,
	): Route => ({
		...{ method: 'GET', path: `/orders/:id/${name}`, part: 'pages', scope: 'read' },
		handle: (asked) => {
			const { id = '' } = asked.path;
			return handle(asked, id, graphQueryOf(asked.query, Date.now() / 1000));
		},
	});
	return [
		at('smoke.svg', (asked, id, query) => answerSvg(asked, smokePicture(parts, asked, id, query))),
		at('heat.svg', async (asked, id, query) => answerSvg(asked, await heatPicture(parts, asked, id, query))),
		seriesRoute(parts),
		at('series.csv', (asked, id, query) => answerCsv(parts, asked, id, query)),
	];
}

function titleOf({ orders }: WebParts, id: string): string {
	return orders.get(id)?.title ?? id;
}

export function isDark({ query }: Asked): boolean {
	return query.get('theme') === 'dark';
}

function smokePicture(parts: WebParts, asked: Asked, id: string, { bounds }: GraphQuery): string {
	folderOf(parts, id);
	const { plot } = smokePlaces();
	const data = smokeOf(parts, id, bounds, plot.right - plot.left);
	if (data === null) throw new RequestFault(404, 'nothing was measured yet');
	const palette = isDark(asked) ? darkPalette : lightPalette;
	return smokeSvg(data, { ...bounds, palette, title: titleOf(parts, id) }).toString();
}

async function heatPicture(parts: WebParts, asked: Asked, id: string, query: GraphQuery): Promise<string> {
	folderOf(parts, id);
	const { bounds, heatWidth, others } = query;
	const ids = [id, ...others];
	const histories = await Promise.all(ids.map((each) => heatOf(parts, each)));
	const map = heatMapOf(histories, heatWidth, bounds);
	if (map === null) throw new RequestFault(404, 'nothing was answered in this time');
	const [palette, heat] = isDark(asked) ? [darkPalette, darkHeat] : [lightPalette, lightHeat];
	const title = ids.map((each) => titleOf(parts, each)).join(', ');
	return heatSvg(map, { ...bounds, palette, heat, title, width: heatPlaces().width }).toString();
}

export function answerSvg(asked: Asked, text: string): void {
	answer(asked, text, { 'content-type': 'image/svg+xml', 'content-security-policy': picturePolicy });
}

/** A line for each row, as `pingmachine export` has them. */
function answerCsv(parts: WebParts, asked: Asked, id: string, { bounds }: GraphQuery): void {
	const wanted = {
		start: Math.floor(bounds.startSeconds),
		end: Math.ceil(bounds.endSeconds),
		points: csvPoints,
	};
	const { start, step, rows, names, columns } = seriesColumns(parts, id, wanted);
	const lines = [`time,step,${names.join(',')}`];
	for (let row = 0; row < rows; row++) {
		const values = columns.map((column) => column[row] ?? Number.NaN);
		const texts = values.map((value) => (Number.isNaN(value) ? '' : String(Number(value.toPrecision(12)))));
		lines.push([start + row * step, step, ...texts].join(','));
	}
	const name = id.replace(/[^A-Za-z0-9._-]/g, '_').replace(/^[.-]/, '_');
	answer(asked, `${lines.join('\n')}\n`, {
		'content-type': 'text/csv; charset=utf-8',
		'content-disposition': `attachment; filename="${name}.csv"`,
	});
}

function answer({ request, response }: Asked, text: string, headers: Readonly<Record<string, string>>): void {
	head(response, 200, { ...headers, 'content-length': Buffer.byteLength(text) });
	response.end(request.method === 'HEAD' ? undefined : text);
}

/** `/pages/orders/ID/series`: what the smoke graph in the browser is drawn from. */
function seriesRoute(parts: WebParts): Route {
	return routeOf(
		apiRoute({
			...{ method: 'GET', path: '/pages/orders/:id/series', query: seriesQuery, answer: z.unknown() },
			summary: 'The rows of a smoke graph, little endian',
			handle: (asked, wanted) => answerFloats(asked, graphColumns(parts, asked.path['id'] ?? '', wanted)),
		}),
		'pages',
	);
}
