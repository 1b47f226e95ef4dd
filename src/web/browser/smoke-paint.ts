/** Draws rows of a smoke graph on a canvas. */
import { lossLevel, type Palette, smokeColour } from './loss-levels.ts';
import { bandsAt, firstDueRow, isUnknownRow, type SmokeData } from './smoke-model.ts';

/** Where things are on the canvas, in its own pixels. */
export interface PaintArea {
	readonly left: number;
	readonly right: number;
	readonly top: number;
	readonly bottom: number;
	/** Of a pixel of the page. */
	readonly ratio: number;
	x(seconds: number): number;
	y(seconds: number): number;
}

type Canvas = CanvasRenderingContext2D;

interface Place {
	readonly left: number;
	readonly width: number;
}

/** Whole pixels, so that neighbours neither overlap nor leave a gap. Null: it is not to be seen. */
function placeOf({ startSeconds, stepSeconds }: SmokeData, row: number, area: PaintArea): Place | null {
	const start = startSeconds + row * stepSeconds;
	const left = Math.max(area.left, Math.round(area.x(start)));
	const right = Math.min(
		area.right,
		Math.max(Math.round(area.x(start)) + 1, Math.round(area.x(start + stepSeconds))),
	);
	return right <= left ? null : { left, width: right - left };
}

function eachRow(data: SmokeData, area: PaintArea, draw: (row: number, place: Place) => void): void {
	for (let row = 0; row < data.rows; row++) {
		const place = placeOf(data, row, area);
		if (place !== null) draw(row, place);
	}
}

function clipped(canvas: Canvas, { left, right, top, bottom }: PaintArea, draw: () => void): void {
	canvas.save();
	canvas.beginPath();
	canvas.rect(left, top, right - left, bottom - top);
	canvas.clip();
	draw();
	canvas.restore();
}

/** What is behind the lines of the axes: a ground where pings were lost. */
export function paintGround(canvas: Canvas, data: SmokeData, area: PaintArea, palette: Palette): void {
	eachRow(data, area, (row, { left, width }) => {
		const level = lossLevel(data.loss[row] ?? 0, data.pings);
		const ground = palette.ground[level];
		if (ground === undefined || ground === '') return;
		canvas.fillStyle = ground;
		canvas.fillRect(left, area.top, width, area.bottom - area.top);
	});
}

/** Smoke, and the medians on top of all of it. */
export function paintSmoke(canvas: Canvas, data: SmokeData, area: PaintArea, palette: Palette): void {
	clipped(canvas, area, () => {
		eachRow(data, area, (row, { left, width }) => {
			for (const { low, high, depth } of bandsAt(data, row)) {
				const [top, bottom] = [area.y(high), area.y(low)];
				canvas.fillStyle = smokeColour(palette, depth);
				canvas.fillRect(left, top, width, Math.max(area.ratio, bottom - top));
			}
		});
		paintMedians(canvas, data, area, palette);
	});
}

function paintMedians(canvas: Canvas, data: SmokeData, area: PaintArea, palette: Palette): void {
	const thick = Math.max(2, Math.round(2 * area.ratio));
	let [last, end] = [Number.NaN, Number.NaN];
	eachRow(data, area, (row, { left, width }) => {
		const median = data.median[row] ?? Number.NaN;
		if (Number.isNaN(median)) return;
		const at = Math.round(area.y(median) - thick / 2);
		canvas.fillStyle = palette.loss[lossLevel(data.loss[row] ?? 0, data.pings)] ?? palette.text;
		canvas.fillRect(left, at, width, thick);
		// A jump is a line too: where rows are narrow, medians alone are dust.
		if (left === end && !Number.isNaN(last)) {
			const [top, bottom] = [Math.min(at, last), Math.max(at, last)];
			if (bottom - top > thick) canvas.fillRect(left, top, Math.max(1, Math.round(area.ratio)), bottom - top);
		}
		[last, end] = [at, left + width];
	});
}

/** The strip: a bar as high as the share that was lost, and a mark at its foot where nothing was measured. */
export function paintLoss(
	canvas: Canvas,
	data: SmokeData,
	area: PaintArea,
	palette: Palette,
	untilSeconds: number,
): void {
	const height = area.bottom - area.top;
	const due = firstDueRow(data);
	clipped(canvas, area, () => {
		eachRow(data, area, (row, { left, width }) => {
			if (isUnknownRow(data, row)) {
				if (row >= due) paintUnknown(canvas, left, width, area, palette);
				return;
			}
			const lost = data.loss[row] ?? 0;
			const share = Math.min(1, lost / data.pings);
			if (share <= 0) return;
			canvas.fillStyle = palette.loss[lossLevel(lost, data.pings)] ?? palette.text;
			const tall = Math.max(2 * area.ratio, share * height);
			canvas.fillRect(left, area.bottom - tall, width, tall);
		});
		// Up to now, nothing came behind the last row either.
		const end = data.startSeconds + data.rows * data.stepSeconds;
		const [from, to] = [Math.round(area.x(end)), Math.round(Math.min(area.right, area.x(untilSeconds)))];
		if (untilSeconds - end > 3 * data.stepSeconds && to > from)
			paintUnknown(canvas, Math.max(area.left, from), to - Math.max(area.left, from), area, palette);
	});
}

/** Hatched, so that it is not told by its grey alone. */
function paintUnknown(canvas: Canvas, left: number, width: number, area: PaintArea, palette: Palette): void {
	const { top, bottom, ratio } = area;
	canvas.fillStyle = palette.unknown;
	const tall = Math.round(5 * ratio);
	canvas.fillRect(left, bottom - tall, width, tall);
	const step = Math.round(6 * ratio);
	canvas.save();
	canvas.beginPath();
	canvas.rect(left, top, width, bottom - top);
	canvas.clip();
	canvas.beginPath();
	// By the canvas, not by the row, so that the lines of neighbours meet.
	for (let at = Math.floor(left / step) * step - (bottom - top); at < left + width; at += step) {
		canvas.moveTo(at, bottom);
		canvas.lineTo(at + (bottom - top), top);
	}
	canvas.strokeStyle = palette.unknown;
	canvas.lineWidth = ratio;
	canvas.stroke();
	canvas.restore();
}
