/** The three pictures of an order, one below the other, over the same time. */
import { comparedMax, heatColour } from './heat-colours.ts';
import { boundOf, type HeatMap, heatQuantiles, heatStrength } from './heat-model.ts';
import type { OrderMark } from './order-data.ts';
import { heatPaletteNow, paletteNow } from './plot-theme.ts';
import { linearTicks, logTicks } from './scale.ts';
import type { SmokeData } from './smoke-model.ts';
import { type PaintArea, paintGround, paintLoss, paintSmoke } from './smoke-paint.ts';
import { TimePlot } from './time-plot.ts';
import type { Bounds } from './time-range.ts';
import { rttWords, shareWords } from './words.ts';

export interface PlotEvents {
	selected(bounds: Bounds): void;
	pointed(seconds: number | null): void;
}

/** What they are drawn from; may change at any time. */
export interface Shown {
	smoke: SmokeData | null;
	heat: HeatMap | null;
	marks: readonly OrderMark[];
	nowSeconds: number;
}

export function smokePlot(host: HTMLElement, shown: Shown, events: PlotEvents): TimePlot {
	return new TimePlot({
		...{ host, height: 300, hasTimes: true, ...events },
		ticks: (_, max) => linearTicks(max, 7),
		label: rttWords,
		paintBelow: (canvas, area) => {
			if (shown.smoke !== null) paintGround(canvas, shown.smoke, area, paletteNow());
		},
		paint: (canvas, area) => {
			if (shown.smoke !== null) paintSmoke(canvas, shown.smoke, area, paletteNow());
			paintMarks(canvas, shown.marks, area);
		},
	});
}

export function lossPlot(host: HTMLElement, shown: Shown, events: PlotEvents): TimePlot {
	return new TimePlot({
		...{ host, height: 76, hasTimes: false, ...events },
		ticks: () => [0, 0.5, 1],
		label: shareWords,
		paint: (canvas, area) => {
			if (shown.smoke !== null) paintLoss(canvas, shown.smoke, area, paletteNow(), shown.nowSeconds);
		},
	});
}

export function heatPlot(host: HTMLElement, shown: Shown, events: PlotEvents): TimePlot {
	return new TimePlot({
		...{ host, height: 280, isLog: true, hasTimes: true, ...events },
		ticks: logTicks,
		label: rttWords,
		paint: (canvas, area) => {
			if (shown.heat !== null) paintHeat(canvas, shown.heat, area);
		},
	});
}

/** A line for each thing that happened, with a flag at its top. */
function paintMarks(canvas: CanvasRenderingContext2D, marks: readonly OrderMark[], area: PaintArea): void {
	const { left, right, top, bottom, ratio } = area;
	canvas.save();
	canvas.strokeStyle = canvas.fillStyle = paletteNow().text;
	canvas.lineWidth = ratio;
	canvas.setLineDash([2 * ratio, 3 * ratio]);
	for (const { time } of marks) {
		const x = Math.round(area.x(time)) + 0.5;
		if (x < left || x > right) continue;
		canvas.beginPath();
		canvas.moveTo(x, top);
		canvas.lineTo(x, bottom);
		canvas.stroke();
		canvas.beginPath();
		canvas.moveTo(x, top);
		canvas.lineTo(x + 6 * ratio, top + 3 * ratio);
		canvas.lineTo(x, top + 6 * ratio);
		canvas.fill();
	}
	canvas.restore();
}

function paintHeat(canvas: CanvasRenderingContext2D, map: HeatMap, area: PaintArea): void {
	const palette = heatPaletteNow();
	canvas.save();
	canvas.beginPath();
	canvas.rect(area.left, area.top, area.right - area.left, area.bottom - area.top);
	canvas.clip();
	for (const { startSeconds, endSeconds, orders } of map.columns) {
		const from = Math.round(area.x(startSeconds));
		const width = Math.max(1, Math.round(area.x(endSeconds)) - from);
		if (from > area.right || from + width < area.left) continue;
		const indexes = new Set(orders.flatMap((order) => [...(order?.shares.keys() ?? [])]));
		for (const index of indexes) {
			const top = Math.round(area.y(boundOf(index, map.schema)));
			const bottom = Math.round(area.y(boundOf(index - 1, map.schema)));
			const strengths = orders
				.slice(0, comparedMax)
				.map((order) => heatStrength(order?.shares.get(index) ?? 0));
			canvas.fillStyle = heatColour(palette, strengths);
			canvas.fillRect(from, top, width, Math.max(1, bottom - top));
		}
	}
	paintQuantiles(canvas, map, area);
	canvas.restore();
}

const dashes: readonly (readonly number[])[] = [[2, 3], [], [6, 3], [2, 3]];

function paintQuantiles(canvas: CanvasRenderingContext2D, { columns }: HeatMap, area: PaintArea): void {
	canvas.strokeStyle = paletteNow().text;
	canvas.lineWidth = 1.25 * area.ratio;
	for (const nth of heatQuantiles.keys()) {
		canvas.setLineDash((dashes[nth] ?? []).map((length) => length * area.ratio));
		canvas.beginPath();
		let last = Number.NaN;
		for (const { startSeconds, endSeconds, orders } of columns) {
			const value = orders[0]?.quantiles[nth];
			if (value === undefined) continue;
			const y = area.y(value);
			if (startSeconds === last) canvas.lineTo(area.x(startSeconds), y);
			else canvas.moveTo(area.x(startSeconds), y);
			canvas.lineTo(area.x(endSeconds), y);
			last = endSeconds;
		}
		canvas.stroke();
	}
}
