import { lossLevel, type Palette, smokeColour } from '../../browser/loss-levels.ts';
import { linearTicks, rttText, shareText, timeTicks } from '../../browser/scale.ts';
import {
	bandsAt,
	firstDueRow,
	heightOf,
	isUnknownRow,
	numbersOf,
	type SmokeData,
} from '../../browser/smoke-model.ts';
import { type Html, html } from '../html.ts';

export interface SmokePicture {
	/** What stands above it. */
	readonly title: string;
	readonly startSeconds: number;
	readonly endSeconds: number;
	readonly palette: Palette;
	readonly width?: number;
}

/** Where what is, in pixels. The strip below the graph has loss and what is unknown. */
export interface SmokePlaces {
	readonly width: number;
	readonly height: number;
	readonly plot: {
		readonly left: number;
		readonly right: number;
		readonly top: number;
		readonly bottom: number;
	};
	readonly strip: { readonly top: number; readonly bottom: number };
}

/** The same for every picture of this width. */
export function smokePlaces(width = 960): SmokePlaces {
	return {
		...{ width, height: 380 },
		plot: { left: 64, right: width - 16, top: 28, bottom: 288 },
		strip: { top: 314, bottom: 344 },
	};
}

/** The smoke graph without a browser's help: what stands in the page where scripts are off, and in mails. */
export function smokeSvg(data: SmokeData, picture: SmokePicture): Html {
	const places = smokePlaces(picture.width);
	const { width, height, plot, strip } = places;
	const { palette, startSeconds, endSeconds } = picture;
	const top = heightOf(data, 0, data.rows) || 0.001;
	const x = (seconds: number) =>
		plot.left + ((seconds - startSeconds) / (endSeconds - startSeconds)) * (plot.right - plot.left);
	const y = (seconds: number) => plot.bottom - (Math.min(seconds, top) / top) * (plot.bottom - plot.top);
	const scales = { x, y };
	return html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">
<rect width="${width}" height="${height}" fill="${palette.page}"/>
<text x="${plot.left}" y="17" font-size="13" fill="${palette.text}">${picture.title}</text>
${yTicks(top, places, palette, y)}
<g shape-rendering="crispEdges">
${rowsOf(data, places, palette, scales, top)}
</g>
${xTicks(startSeconds, endSeconds, places, palette, x)}
<text x="${plot.left - 6}" y="${strip.top + 10}" text-anchor="end" fill="${palette.soft}">loss</text>
<rect x="${plot.left}" y="${plot.top}" width="${plot.right - plot.left}" height="${plot.bottom - plot.top}" fill="none" stroke="${palette.soft}"/>
<rect x="${plot.left}" y="${strip.top}" width="${plot.right - plot.left}" height="${strip.bottom - strip.top}" fill="none" stroke="${palette.soft}"/>
<text x="${plot.left}" y="${height - 8}" fill="${palette.soft}">${summaryOf(data)}</text>
</svg>
`;
}

interface Scales {
	x(seconds: number): number;
	y(seconds: number): number;
}

function rowsOf(data: SmokeData, places: SmokePlaces, palette: Palette, scales: Scales, top: number): Html[] {
	const { plot, strip } = places;
	const drawn: Html[] = [];
	const due = firstDueRow(data);
	for (let row = 0; row < data.rows; row++) {
		const start = data.startSeconds + row * data.stepSeconds;
		// Whole pixels, so that neighbours neither overlap nor leave a gap.
		const left = Math.max(plot.left, Math.round(scales.x(start)));
		const right = Math.min(plot.right, Math.max(left + 1, Math.round(scales.x(start + data.stepSeconds))));
		if (right <= left) continue;
		const bar = (from: number, to: number, fill: string) =>
			html`<rect x="${left}" y="${from.toFixed(1)}" width="${right - left}" height="${Math.max(1, to - from).toFixed(1)}" fill="${fill}"/>\n`;
		if (isUnknownRow(data, row)) {
			if (row >= due) drawn.push(bar(strip.bottom - 5, strip.bottom, palette.unknown));
			continue;
		}
		const lost = data.loss[row] ?? 0;
		const level = lossLevel(lost, data.pings);
		if (level > 0) {
			const share = Math.min(1, lost / data.pings);
			drawn.push(bar(plot.top, plot.bottom, palette.ground[level] ?? palette.page));
			drawn.push(
				bar(strip.bottom - share * (strip.bottom - strip.top), strip.bottom, palette.loss[level] ?? ''),
			);
		}
		for (const { low, high, depth } of bandsAt(data, row))
			if (low <= top) drawn.push(bar(scales.y(high), scales.y(low), smokeColour(palette, depth)));
		const median = data.median[row] ?? Number.NaN;
		if (Number.isNaN(median)) continue;
		const at = scales.y(median);
		drawn.push(bar(at - 1, at + 1, palette.loss[level] ?? ''));
	}
	return drawn;
}

function yTicks(top: number, { plot }: SmokePlaces, palette: Palette, y: Scales['y']): Html[] {
	return linearTicks(top).map((tick) => {
		const at = Math.round(y(tick)) + 0.5;
		return html`<path d="M${plot.left} ${at}H${plot.right}" stroke="${palette.grid}"/><text x="${plot.left - 6}" y="${at + 4}" text-anchor="end" fill="${palette.soft}">${rttText(tick)}</text>\n`;
	});
}

function xTicks(
	startSeconds: number,
	endSeconds: number,
	{ plot, strip }: SmokePlaces,
	palette: Palette,
	x: Scales['x'],
): Html[] {
	return timeTicks(startSeconds, endSeconds, (plot.right - plot.left) / 90).map(({ seconds, label }) => {
		const at = Math.round(x(seconds)) + 0.5;
		return html`<path d="M${at} ${plot.bottom}v4M${at} ${strip.top - 4}v4" stroke="${palette.soft}"/><text x="${at}" y="${plot.bottom + 16}" text-anchor="middle" fill="${palette.soft}">${label}</text>\n`;
	});
}

/** For who cannot see the picture, and below it. */
export function summaryOf(data: SmokeData): string {
	const { medianAverage, medianMin, medianMax, lossAverage, lossMax, unknownShare } = numbersOf(data);
	if (lossAverage === null) return 'Nothing was measured in this time.';
	const rtt = (seconds: number | null) => (seconds === null ? 'no answer' : rttText(seconds));
	return (
		`Median ${rtt(medianAverage)} on average, ${rtt(medianMin)} to ${rtt(medianMax)}. ` +
		`Loss ${shareText(lossAverage)} on average, ${shareText(lossMax ?? 0)} at most. ` +
		`Not measured: ${shareText(unknownShare)}. Times are UTC.`
	);
}
