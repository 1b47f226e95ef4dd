import { type HeatPalette, heatColour } from '../../browser/heat-colours.ts';
import { boundOf, type HeatMap, heatQuantiles, heatStrength } from '../../browser/heat-model.ts';
import type { Palette } from '../../browser/loss-levels.ts';
import { logTicks, rttText, timeTicks } from '../../browser/scale.ts';
import { type Html, html } from '../html.ts';

export interface HeatPicture {
	readonly title: string;
	readonly startSeconds: number;
	readonly endSeconds: number;
	readonly palette: Palette;
	readonly heat: HeatPalette;
	readonly width?: number;
}

/** Where the map is, in pixels. */
export function heatPlaces(width = 960) {
	return { width, height: 330, left: 64, right: width - 16, top: 28, bottom: 286 };
}

/** The heatmap of one order without a browser's help. */
export function heatSvg(map: HeatMap, picture: HeatPicture): Html {
	const { palette, startSeconds, endSeconds } = picture;
	const places = heatPlaces(picture.width);
	const { width, height, left, right, top, bottom } = places;
	const x = (seconds: number) =>
		Math.min(
			right,
			Math.max(left, left + ((seconds - startSeconds) / (endSeconds - startSeconds)) * (right - left)),
		);
	const rows = map.highest - map.lowest + 1;
	/** The upper edge of a bucket. */
	const edge = (index: number) => bottom - ((index - map.lowest + 1) / rows) * (bottom - top);
	const y = (seconds: number) => edge(Math.log2(seconds) * 2 ** map.schema);
	return html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">
<rect width="${width}" height="${height}" fill="${palette.page}"/>
<text x="${left}" y="17" font-size="13" fill="${palette.text}">${picture.title}</text>
<g shape-rendering="crispEdges">
${cellsOf(map, picture, x, edge)}
</g>
${quantileLines(map, palette, x, y)}
${logTicks(boundOf(map.lowest - 1, map.schema), boundOf(map.highest, map.schema)).map(
	(tick) =>
		html`<path d="M${left - 4} ${y(tick).toFixed(1)}h4" stroke="${palette.soft}"/><text x="${left - 6}" y="${(y(tick) + 4).toFixed(1)}" text-anchor="end" fill="${palette.soft}">${rttText(tick)}</text>\n`,
)}
${timeTicks(startSeconds, endSeconds, (right - left) / 90).map(
	({ seconds, label }) =>
		html`<path d="M${x(seconds).toFixed(1)} ${bottom}v4" stroke="${palette.soft}"/><text x="${x(seconds).toFixed(1)}" y="${bottom + 16}" text-anchor="middle" fill="${palette.soft}">${label}</text>\n`,
)}
<rect x="${left}" y="${top}" width="${right - left}" height="${bottom - top}" fill="none" stroke="${palette.soft}"/>
<text x="${left}" y="${height - 8}" fill="${palette.soft}">The darker the more answers took so long. Lines: ${heatQuantiles.map((share) => `${share * 100} %`).join(', ')}. Times are UTC.</text>
</svg>
`;
}

type Scale = (value: number) => number;

function cellsOf(map: HeatMap, { heat }: HeatPicture, x: Scale, edge: Scale): Html[] {
	return map.columns.flatMap(({ startSeconds, endSeconds, orders }) => {
		const from = Math.round(x(startSeconds));
		const to = Math.max(from + 1, Math.round(x(endSeconds)));
		const indexes = new Set(orders.flatMap((order) => [...(order?.shares.keys() ?? [])]));
		return [...indexes].map((index) => {
			const [upper, lower] = [Math.round(edge(index)), Math.round(edge(index - 1))];
			const strengths = orders.map((order) => heatStrength(order?.shares.get(index) ?? 0));
			return html`<rect x="${from}" y="${upper}" width="${to - from}" height="${Math.max(1, lower - upper)}" fill="${heatColour(heat, strengths)}"/>\n`;
		});
	});
}

const dashes = ['2 3', '', '6 3', '2 3'];

/** Of the first order; more would be a tangle. */
function quantileLines({ columns }: HeatMap, { text }: Palette, x: Scale, y: Scale): Html[] {
	return heatQuantiles.map((_, nth) => {
		let path = '';
		let last = Number.NaN;
		for (const { startSeconds, endSeconds, orders } of columns) {
			const value = orders[0]?.quantiles[nth];
			if (value === undefined) continue;
			const at = y(value).toFixed(1);
			path += `${startSeconds === last ? 'L' : 'M'}${x(startSeconds).toFixed(1)} ${at}H${x(endSeconds).toFixed(1)}`;
			last = endSeconds;
		}
		return html`<path d="${path}" fill="none" stroke="${text}" stroke-width="1.2" stroke-dasharray="${dashes[nth] ?? ''}"/>\n`;
	});
}
