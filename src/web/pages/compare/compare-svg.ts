import type { Palette } from '../../browser/loss-levels.ts';
import { linearTicks, rttText, timeTicks } from '../../browser/scale.ts';
import { seriesDashes } from '../../browser/series-colours.ts';
import type { SmokeData } from '../../browser/smoke-model.ts';
import type { Bounds } from '../../browser/time-range.ts';
import { type Html, html } from '../html.ts';

export interface ComparePicture {
	readonly bounds: Bounds;
	readonly palette: Palette;
	readonly colours: readonly string[];
	readonly series: readonly { readonly name: string; readonly data: SmokeData | null }[];
}

const width = 960;
const plot = { left: 64, right: 944, top: 12, bottom: 300 };

/** The medians of several orders without a browser's help. */
export function compareSvg({ bounds, palette, colours, series }: ComparePicture): Html {
	const { startSeconds, endSeconds } = bounds;
	const medians = series.flatMap(({ data }) => (data === null ? [] : Array.from(data.median)));
	const top = medians.reduce((most, one) => (one > most ? one : most), 0) * 1.1 || 0.001;
	const x = (seconds: number) =>
		plot.left + ((seconds - startSeconds) / (endSeconds - startSeconds)) * (plot.right - plot.left);
	const y = (seconds: number) => plot.bottom - (seconds / top) * (plot.bottom - plot.top);
	const height = plot.bottom + 30 + 16 * series.length;
	return html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">
<rect width="${width}" height="${height}" fill="${palette.page}"/>
${linearTicks(top).map((tick) => {
	const at = Math.round(y(tick)) + 0.5;
	return html`<path d="M${plot.left} ${at}H${plot.right}" stroke="${palette.grid}"/><text x="${plot.left - 6}" y="${at + 4}" text-anchor="end" fill="${palette.soft}">${rttText(tick)}</text>\n`;
})}
${timeTicks(startSeconds, endSeconds, 9).map(
	({ seconds, label }) =>
		html`<path d="M${x(seconds).toFixed(1)} ${plot.bottom}v4" stroke="${palette.soft}"/><text x="${x(seconds).toFixed(1)}" y="${plot.bottom + 16}" text-anchor="middle" fill="${palette.soft}">${label}</text>\n`,
)}
${series.map(({ name, data }, at) => {
	const line = html`stroke="${colours[at]}" stroke-width="1.75" stroke-dasharray="${(seriesDashes[at] ?? []).join(' ')}"`;
	const below = plot.bottom + 32 + 16 * at;
	return html`<path d="${pathOf(data, x, y)}" fill="none" ${line}/><path d="M${plot.left} ${below}h36" ${line}/><text x="${plot.left + 44}" y="${below + 4}" fill="${palette.text}">${at + 1} ${name}</text>\n`;
})}
<rect x="${plot.left}" y="${plot.top}" width="${plot.right - plot.left}" height="${plot.bottom - plot.top}" fill="none" stroke="${palette.soft}"/>
</svg>
`;
}

function pathOf(
	data: SmokeData | null,
	x: (seconds: number) => number,
	y: (seconds: number) => number,
): string {
	if (data === null) return '';
	let path = '';
	let isOn = false;
	for (let row = 0; row < data.rows; row++) {
		const median = data.median[row] ?? Number.NaN;
		if (Number.isNaN(median)) isOn = false;
		else {
			const from = Math.max(plot.left, x(data.startSeconds + row * data.stepSeconds));
			const to = Math.min(plot.right, x(data.startSeconds + (row + 1) * data.stepSeconds));
			path += `${isOn ? 'L' : 'M'}${from.toFixed(1)} ${y(median).toFixed(1)}H${to.toFixed(1)}`;
			isOn = true;
		}
	}
	return path;
}
