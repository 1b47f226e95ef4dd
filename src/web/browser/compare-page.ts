/** `/compare`: the medians of several orders in one plot, and what each of them lost below it. */
import { addGestures } from './gestures.ts';
import { fetchSmoke } from './order-data.ts';
import { isDark, paletteNow } from './plot-theme.ts';
import { rangeOfPage, showRange, wireRanges } from './range-controls.ts';
import { linearTicks } from './scale.ts';
import { darkSeries, lightSeries, seriesDashes } from './series-colours.ts';
import type { SmokeData } from './smoke-model.ts';
import { type PaintArea, paintLoss } from './smoke-paint.ts';
import { onThemeChange } from './theme.ts';
import { TimeNavigation } from './time-navigation.ts';
import { TimePlot } from './time-plot.ts';
import { rttWords, shareWords, timeWords } from './words.ts';

/** Pixels of the page. */
const rowHeight = 22;
const refreshMs = 10_000;

const host = document.getElementById('compare-graph');
const loss = document.getElementById('compare-loss');
if (host !== null && loss !== null) start(host, loss);

function start(host: HTMLElement, lossHost: HTMLElement): void {
	for (const element of document.querySelectorAll<HTMLElement>('[data-needs-script]')) element.hidden = false;
	const ids = JSON.parse(host.dataset['ids'] ?? '[]') as string[];
	const names = JSON.parse(host.dataset['names'] ?? '[]') as string[];
	let series: readonly (SmokeData | null)[] = ids.map(() => null);
	const time = new TimeNavigation(rangeOfPage(host.dataset), {
		moved: draw,
		load: () => void load(),
		put: () => {},
	});
	const readout = document.getElementById('readout');
	const trouble = document.getElementById('graph-trouble');
	const events = {
		selected: (bounds: typeof time.bounds) => time.select(bounds),
		pointed: (seconds: number | null) => {
			if (readout !== null) readout.textContent = seconds === null ? '' : pointWords(names, series, seconds);
		},
	};
	const medians = new TimePlot({
		...{ host, height: 320, hasTimes: true, ...events, label: rttWords },
		ticks: (_, max) => linearTicks(max, 7),
		paint: (canvas, area) => paintMedians(canvas, series, area),
	});
	const losses = new TimePlot({
		...{ host: lossHost, height: 20 + rowHeight * ids.length, hasTimes: false, ...events },
		ticks: () => ids.map((_, at) => ids.length - at - 0.5),
		label: (value) => `loss ${Math.round(ids.length - value + 0.5)}`,
		paint: (canvas, area) => paintLosses(canvas, series, area, time.nowSeconds),
	});
	for (const plot of [medians, losses]) addGestures(plot, time.moves());

	function draw(): void {
		const highest = Math.max(...series.map((one) => highestMedian(one, time.bounds)), 0);
		medians.show(time.bounds, 0, highest * 1.1 || 0.001);
		losses.show(time.bounds, 0, ids.length);
		showRange(time);
	}
	async function load(): Promise<void> {
		time.tick();
		try {
			series = await Promise.all(ids.map((id) => fetchSmoke(id, time.bounds, medians.insideWidth)));
			if (trouble !== null) trouble.hidden = true;
			draw();
		} catch (error) {
			if (trouble === null) return;
			trouble.hidden = false;
			trouble.textContent = `This could not be loaded: ${(error as Error).message}`;
		}
	}
	wireRanges(time);
	onThemeChange(draw);
	draw();
	void load();
	setInterval(() => {
		if (time.isLive && !document.hidden) void load();
	}, refreshMs);
}

function highestMedian(data: SmokeData | null, bounds: { startSeconds: number; endSeconds: number }): number {
	let highest = 0;
	for (let row = 0; row < (data?.rows ?? 0); row++) {
		const at = (data?.startSeconds ?? 0) + row * (data?.stepSeconds ?? 1);
		const median = data?.median[row] ?? Number.NaN;
		if (at >= bounds.startSeconds - (data?.stepSeconds ?? 0) && at < bounds.endSeconds && median > highest)
			highest = median;
	}
	return highest;
}

function paintMedians(
	canvas: CanvasRenderingContext2D,
	series: readonly (SmokeData | null)[],
	area: PaintArea,
): void {
	const { left, right, top, bottom, ratio } = area;
	const colours = isDark() ? darkSeries : lightSeries;
	canvas.save();
	canvas.beginPath();
	canvas.rect(left, top, right - left, bottom - top);
	canvas.clip();
	canvas.lineWidth = 1.75 * ratio;
	for (const [at, data] of series.entries()) {
		if (data === null) continue;
		canvas.strokeStyle = colours[at] ?? paletteNow().text;
		canvas.setLineDash((seriesDashes[at] ?? []).map((length) => length * ratio));
		canvas.beginPath();
		let isOn = false;
		for (let row = 0; row < data.rows; row++) {
			const median = data.median[row] ?? Number.NaN;
			const x = area.x(data.startSeconds + row * data.stepSeconds);
			const y = area.y(median);
			if (Number.isNaN(median)) isOn = false;
			else {
				if (isOn) canvas.lineTo(x, y);
				else canvas.moveTo(x, y);
				canvas.lineTo(area.x(data.startSeconds + (row + 1) * data.stepSeconds), y);
				isOn = true;
			}
		}
		canvas.stroke();
	}
	canvas.restore();
}

/** A row for each order. */
function paintLosses(
	canvas: CanvasRenderingContext2D,
	series: readonly (SmokeData | null)[],
	area: PaintArea,
	nowSeconds: number,
): void {
	const height = (area.bottom - area.top) / Math.max(1, series.length);
	const palette = paletteNow();
	for (const [at, data] of series.entries()) {
		if (data === null) continue;
		const top = Math.round(area.top + at * height) + area.ratio * 2;
		const row = { ...area, top, bottom: Math.round(area.top + (at + 1) * height) };
		paintLoss(canvas, data, row, palette, nowSeconds);
	}
}

function pointWords(
	names: readonly string[],
	series: readonly (SmokeData | null)[],
	seconds: number,
): string {
	const words = series.map((data, at) => {
		const row = data === null ? -1 : Math.floor((seconds - data.startSeconds) / data.stepSeconds);
		const lost = data?.loss[row] ?? Number.NaN;
		const name = `${at + 1} ${names[at]}`;
		if (data === null || Number.isNaN(lost)) return `${name}: not measured`;
		return `${name}: ${rttWords(data.median[row] ?? Number.NaN)}, loss ${shareWords(lost / data.pings)}`;
	});
	return [timeWords(seconds), ...words].join('; ');
}
