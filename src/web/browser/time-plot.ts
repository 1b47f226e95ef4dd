/** A plot over time whose inside is drawn by us: uPlot makes the axes, the cursor and the selection. */
import { paletteNow } from './plot-theme.ts';
import type { PaintArea } from './smoke-paint.ts';
import type { Bounds } from './time-range.ts';
import uPlot from './uplot.js';
import { axisTimes } from './words.ts';

export interface TimePlotOptions {
	readonly host: HTMLElement;
	/** Pixels of the page, axes included. */
	readonly height: number;
	readonly isLog?: boolean;
	/** Whether times stand below it. */
	readonly hasTimes: boolean;
	/** Where lines and labels are, and how they read. */
	ticks(min: number, max: number): number[];
	label(value: number): string;
	/** What is below the grid, and what is above it. */
	paintBelow?(canvas: CanvasRenderingContext2D, area: PaintArea): void;
	paint(canvas: CanvasRenderingContext2D, area: PaintArea): void;
	/** A span was dragged over. */
	selected(bounds: Bounds): void;
	/** The cursor is at a time; null: it is away. */
	pointed(seconds: number | null): void;
}

/** So wide are the labels at the left, of all plots: times stand below each other. Pixels. */
const labelsWidth = 62;
/** Half of the last time below it. Pixels. */
const rightMargin = 28;
/** Plots with the same key show the cursor at the same time. */
const syncKey = 'times';

export class TimePlot {
	readonly host: HTMLElement;
	readonly #plot: uPlot;
	#width: number;

	constructor(options: TimePlotOptions) {
		this.host = options.host;
		this.#width = widthOf(options.host);
		this.#plot = new uPlot(
			uplotOptions(options, this.#width),
			[
				[0, 1],
				[null, null],
			],
			options.host,
		);
		new ResizeObserver(() => {
			const width = widthOf(options.host);
			if (width === this.#width || width === 0) return;
			this.#width = width;
			this.#plot.setSize({ width, height: options.height });
		}).observe(options.host);
	}

	/** Of the inside, pixels of the page. */
	get insideWidth(): number {
		return Math.max(50, this.#width - labelsWidth - rightMargin);
	}

	get canvas(): HTMLCanvasElement {
		return this.#plot.ctx.canvas;
	}

	/** Shows these scales, and draws anew. */
	show({ startSeconds, endSeconds }: Bounds, min: number, max: number): void {
		this.#plot.batch(() => {
			this.#plot.setScale('x', { min: startSeconds, max: endSeconds });
			this.#plot.setScale('y', { min, max });
		});
		this.#plot.redraw(false, true);
	}

	/** Seconds since the epoch at a place of the screen. */
	secondsAt(clientX: number): number {
		const { left } = this.#plot.over.getBoundingClientRect();
		return this.#plot.posToVal(clientX - left, 'x');
	}

	/** What lies between two places of the screen, in seconds. */
	secondsBetween(fromX: number, toX: number): number {
		return this.secondsAt(toX) - this.secondsAt(fromX);
	}
}

/** A selection is of one plot alone: it changes the scales of all, by which another would then be understood. */
function isPointing(type: string): boolean {
	return type === 'mousemove' || type === 'mouseleave';
}

function widthOf(host: HTMLElement): number {
	return Math.floor(host.clientWidth);
}

function areaOf(plot: uPlot): PaintArea {
	const { left, top, width, height } = plot.bbox;
	return {
		...{ left, right: left + width, top, bottom: top + height, ratio: devicePixelRatio },
		x: (seconds) => plot.valToPos(seconds, 'x', true),
		y: (value) => plot.valToPos(value, 'y', true),
	};
}

function uplotOptions(options: TimePlotOptions, width: number): uPlot.Options {
	return {
		...{
			width,
			height: options.height,
			legend: { show: false },
			padding: [8, rightMargin, options.hasTimes ? 0 : 6, 0],
		},
		scales: {
			x: { time: true, auto: false, range: (_, min, max) => [min, max] },
			y: { auto: false, distr: options.isLog === true ? 3 : 1, range: (_, min, max) => [min, max] },
		},
		series: [{}, { paths: () => null, points: { show: false } }],
		axes: axesOf(options),
		cursor: {
			...{
				y: false,
				points: { show: false },
				sync: { key: syncKey, filters: { sub: isPointing, pub: isPointing } },
			},
			drag: { x: true, y: false, setScale: false },
		},
		hooks: {
			drawClear: [(plot) => options.paintBelow?.(plot.ctx, areaOf(plot))],
			draw: [(plot) => options.paint(plot.ctx, areaOf(plot))],
			setSelect: [
				(plot) => {
					const { left, width: selected } = plot.select;
					if (selected < 4) return;
					const at = (pixels: number) => plot.posToVal(pixels, 'x');
					plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
					options.selected({ startSeconds: at(left), endSeconds: at(left + selected) });
				},
			],
			setCursor: [
				({ cursor: { left = -1 }, posToVal }) => options.pointed(left < 0 ? null : posToVal(left, 'x')),
			],
		},
	};
}

function axesOf({ hasTimes, ticks, label, isLog }: TimePlotOptions): uPlot.Axis[] {
	const font = '11px system-ui, sans-serif';
	const lines = {
		stroke: () => paletteNow().soft,
		grid: { stroke: () => paletteNow().grid, width: 1 },
		ticks: { stroke: () => paletteNow().grid, width: 1 },
		font,
	};
	return [
		{
			...{ ...lines, size: hasTimes ? 44 : 0, space: 64 },
			values: (_, splits, __, ___, increment) => (hasTimes ? axisTimes(splits, increment) : []),
		},
		{
			...lines,
			size: labelsWidth,
			splits: (plot) => ticks(plot.scales['y']?.min ?? 0, plot.scales['y']?.max ?? 1),
			values: (_, splits) => splits.map(label),
			...(isLog === true ? { filter: (_: uPlot, splits: number[]) => splits } : {}),
		},
	];
}
