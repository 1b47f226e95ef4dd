/** `/orders/ID`. */
import type { HeatWidth } from './heat-model.ts';
import { LiveOrder } from './live-order.ts';
import type { OrderMark } from './order-data.ts';
import { OrderGraphs } from './order-graphs.ts';
import { downloadPng } from './order-picture.ts';
import { rangeOfPage, showRange, wireRanges } from './range-controls.ts';
import { isUnknownRow, numbersOf, type SmokeData } from './smoke-model.ts';
import { rttWords, shareWords, timeWords } from './words.ts';

const host = document.getElementById('smoke-graph');
const loss = document.getElementById('loss-graph');
if (host !== null && loss !== null) start(host, loss);

function start(smoke: HTMLElement, loss: HTMLElement): void {
	const { id = '', with: others = '[]', marks = '[]', measured, fit, heat, since } = smoke.dataset;
	const readout = document.getElementById('readout');
	const trouble = document.getElementById('graph-trouble');
	for (const element of document.querySelectorAll<HTMLElement>('[data-needs-script]')) element.hidden = false;
	const graphs = new OrderGraphs(
		{
			...{ id, others: JSON.parse(others) as string[], range: rangeOfPage(smoke.dataset) },
			...{ fit: fit === 'all' ? 'all' : 'median', heatWidth: heatOf(heat) },
			...{ marks: JSON.parse(marks) as OrderMark[], isMeasured: measured === 'yes' },
			sinceSeconds: since === undefined || since === '' ? null : Number(since),
		},
		{ smoke, loss, heat: document.getElementById('heat-graph') },
		{
			changed: (all) => {
				if (readout !== null) readout.textContent = spanWords(all);
				showControls(all);
			},
			pointed: (all, seconds) => {
				if (readout === null) return;
				readout.textContent = seconds === null ? spanWords(all) : pointWords(all, seconds);
			},
			trouble: (message) => {
				if (trouble === null) return;
				trouble.hidden = message === null;
				trouble.textContent = message === null ? '' : `This could not be loaded: ${message}`;
			},
		},
	);
	wireControls(graphs);
	new LiveOrder(id, Number(smoke.dataset['pings']), () => {
		if (graphs.time.isLive) void graphs.load();
	});
	// The right edge goes on, also where nothing comes.
	setInterval(() => {
		if (!graphs.time.isLive || document.hidden) return;
		graphs.time.tick();
		graphs.draw();
	}, 10_000);
}

function heatOf(text: string | undefined): HeatWidth | null {
	return text === 'hour' || text === 'day' || text === 'week' ? text : null;
}

function spanWords(graphs: OrderGraphs): string {
	const { smoke } = graphs.shown;
	const { startSeconds, endSeconds } = graphs.time.bounds;
	const span = `${timeWords(startSeconds)} to ${graphs.time.isLive ? 'now' : timeWords(endSeconds)}`;
	if (smoke === null) return `${span}: nothing was measured`;
	const { medianAverage, medianMin, medianMax, lossAverage, lossMax, unknownShare } = numbersOf(smoke);
	if (lossAverage === null) return `${span}: nothing was measured`;
	return (
		`${span}: median ${rttWords(medianAverage)} (${rttWords(medianMin)} to ${rttWords(medianMax)}), ` +
		`loss ${shareWords(lossAverage)} (${shareWords(lossMax)} at most), not measured ${shareWords(unknownShare)}`
	);
}

function pointWords({ shown }: OrderGraphs, seconds: number): string {
	const { smoke, marks } = shown;
	const row = smoke === null ? -1 : Math.floor((seconds - smoke.startSeconds) / smoke.stepSeconds);
	const words =
		smoke === null || row < 0 || row >= smoke.rows ? 'nothing was measured' : rowWords(smoke, row);
	const near = smoke === null ? 0 : Math.max(smoke.stepSeconds, 4 * pixelSeconds(shown));
	const events = marks.filter(({ time }) => Math.abs(time - seconds) <= near).map(({ event }) => event);
	const at = smoke === null || row < 0 ? seconds : smoke.startSeconds + row * smoke.stepSeconds;
	return [timeWords(at), words, ...new Set(events.slice(0, 5))].join(', ');
}

function pixelSeconds({ smoke }: OrderGraphs['shown']): number {
	return smoke === null ? 0 : (smoke.rows * smoke.stepSeconds) / 1000;
}

function rowWords(smoke: SmokeData, row: number): string {
	if (isUnknownRow(smoke, row)) return 'not measured';
	const known = smoke.rtts.map((column) => column[row] ?? Number.NaN).filter((rtt) => !Number.isNaN(rtt));
	const lost = smoke.loss[row] ?? 0;
	const loss = `loss ${shareWords(lost / smoke.pings)}`;
	if (known.length === 0) return `no answer, ${loss}`;
	const [least, most] = [known.reduce((a, b) => Math.min(a, b)), known.reduce((a, b) => Math.max(a, b))];
	return `median ${rttWords(smoke.median[row] ?? Number.NaN)} (${rttWords(least)} to ${rttWords(most)}), ${loss}`;
}

/** What has no meaning without scripts. */
function wireControls(graphs: OrderGraphs): void {
	wireRanges(graphs.time);
	document.getElementById('fit')?.addEventListener('change', (event) => {
		const isAll = (event.currentTarget as HTMLInputElement).checked;
		graphs.look(isAll ? 'all' : 'median', graphs.heatWidth);
	});
	for (const radio of document.querySelectorAll<HTMLInputElement>('input[name="heat"]'))
		radio.addEventListener('change', () => graphs.look(graphs.fit, heatOf(radio.value)));
	document.getElementById('png')?.addEventListener('click', () => {
		const { startSeconds, endSeconds } = graphs.time.bounds;
		const heading = document.querySelector('h1')?.textContent ?? '';
		void downloadPng(graphs.canvases, heading, `${timeWords(startSeconds)} to ${timeWords(endSeconds)}`);
	});
}

/** Which of them holds now. */
function showControls({ time, fit, widthOfHeat }: OrderGraphs): void {
	showRange(time);
	const box = document.getElementById('fit') as HTMLInputElement | null;
	if (box !== null) box.checked = fit === 'all';
	for (const radio of document.querySelectorAll<HTMLInputElement>('input[name="heat"]'))
		radio.checked = radio.value === widthOfHeat;
}
