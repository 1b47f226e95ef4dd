import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { printable } from '../../model/printable.ts';
import type { ProbeTable } from '../../model/probe.ts';
import { popsOf } from '../../store/find-orders.ts';
import { mainRrdName } from '../../store/main-rrd.ts';
import { readRoutes } from '../../store/routes-file.ts';
import { lastSecondsOf, readSeries, readStoredOrder, type StoredOrder } from '../../store/series.ts';
import { CommandProblem, type FoundOrder, reasonOf } from '../shared/find-orders.ts';
import { type OrderLabels, readOrderLabels } from '../shared/order-labels.ts';
import { type GraphSpec, graphArguments } from './arguments.ts';
import { comparedArguments, comparedPlaces, lastSecondsOfPlaces, seriesOfPlaces } from './compared.ts';
import { datesText } from './dates.ts';
import { type GraphOptions, type GraphSpan, readSize, readSpan, spanOf, type Times } from './options.ts';
import type { GraphEntry } from './page.ts';
import { drawPicture } from './rrdtool.ts';

export interface DrawingCase {
	/** Absolute path. */
	readonly baseDir: string;
	readonly probes: ProbeTable;
	/** One of several on a page. */
	readonly isSmall: boolean;
	readonly isSvg: boolean;
	/** Since the epoch. */
	readonly nowSeconds: number;
}

type Draw = (order: FoundOrder) => Promise<GraphEntry>;

/** Checks the options, and makes what draws the graph of an order. Throws `CommandProblem`, and so does the latter. */
export function drawing(options: GraphOptions, about: DrawingCase): Draw {
	const { baseDir, probes, isSmall, isSvg, nowSeconds } = about;
	const span = readSpan(options, nowSeconds);
	const size =
		readSize(options.size) ?? (isSmall ? { width: 680, height: 300 } : { width: 800, height: 400 });
	return async (order) => {
		const isCompared = popsOf(order).length > 0 && (options.pops === true || !hasOwn(order));
		if (isCompared) return drawCompared(order, { options, about, span, size });
		const stored = readStoredOrder(order);
		const lastSeconds = lastSecondsOf(order, stored, nowSeconds);
		const seriesOf = (times: Times) => readSeries(order, stored, { ...times, nowSeconds });
		const times = spanOf(span, lastSeconds, (each) => isMeasured(stored, each, seriesOf));
		const labels = readOrderLabels(baseDir, order, probes);
		const title = isSmall ? null : (options.title ?? null);
		const spec: GraphSpec = {
			...times,
			...titlesOf(order, times, labels, title),
			format: isSvg ? 'svg' : 'png',
			size,
			pings: stored.pings,
			series: seriesOf(times),
			routeChanges: routeChangesOf(order.folder),
		};
		const image = await drawPicture(order, graphArguments(spec));
		const dates = datesText(times.startSeconds, times.endSeconds);
		return { ...order, labels, period: times.name, dates, image };
	};
}

function hasOwn({ folder }: FoundOrder): boolean {
	return existsSync(`${folder}/${mainRrdName}`);
}

interface ComparedCase {
	readonly options: GraphOptions;
	readonly about: DrawingCase;
	readonly span: GraphSpan;
	readonly size: GraphSpec['size'];
}

/** The medians of all places that measure an order, in one picture. */
async function drawCompared(
	order: FoundOrder,
	{ options, about: { baseDir, probes, isSmall, isSvg, nowSeconds }, span, size }: ComparedCase,
): Promise<GraphEntry> {
	const places = comparedPlaces(order);
	const seriesOf = (times: Times) => seriesOfPlaces(places, times, nowSeconds);
	const times = spanOf(span, lastSecondsOfPlaces(places, nowSeconds), (each) =>
		places.some(({ stored }, at) =>
			isMeasured(stored, each, () => seriesOf(each)[at] ?? { names: [], stepSeconds: 1, rows: [] }),
		),
	);
	const labels = readOrderLabels(baseDir, order, probes);
	const title = isSmall ? null : (options.title ?? null);
	const spec = { ...times, ...titlesOf(order, times, labels, title), size };
	const args = comparedArguments({ ...spec, format: isSvg ? 'svg' : 'png' }, places, seriesOf(times));
	const image = await drawPicture(order, args);
	const dates = datesText(times.startSeconds, times.endSeconds);
	return { ...order, labels, period: times.name, dates, image };
}

/** A graph goes without them where the file cannot be read. */
function routeChangesOf(folder: string): number[] {
	try {
		return readRoutes(folder)
			.slice(1)
			.map(({ time }) => time);
	} catch {
		return [];
	}
}

/** One measurement alone shows nothing: a period that has room for no more is passed over. */
function isMeasured(
	{ stepSeconds }: StoredOrder,
	times: Times,
	seriesOf: (times: Times) => ReturnType<typeof readSeries>,
): boolean {
	if (times.endSeconds - times.startSeconds < 2 * stepSeconds) return false;
	return seriesOf(times).rows.some(({ values }) => !Number.isNaN(values[0] ?? Number.NaN));
}

/** What the user calls it, else what the order calls itself; and below that what is left to know it by. */
function titlesOf(
	{ id, isArchived }: FoundOrder,
	{ name }: Times,
	labels: OrderLabels,
	title: string | null,
): { title: string; subtitle: string } {
	const called = labels.title ?? id;
	const own = `${called}${isArchived ? ' (archived)' : ''}${name && `, ${name}`}`;
	const others = [labels.title === null && title === null ? null : id, labels.measured];
	return { title: title ?? own, subtitle: others.filter((each) => each !== null).join(', ') };
}

/** As many at a time as there are processors. */
export async function drawEach(orders: readonly FoundOrder[], draw: Draw): Promise<GraphEntry[]> {
	const entries: GraphEntry[] = [];
	const waiting = orders.entries();
	const lane = async () => {
		for (const [index, order] of waiting) {
			const { id } = order;
			entries[index] = await draw(order).catch((error) => ({ id, problem: problemText(error) }));
		}
	};
	await Promise.all(Array.from({ length: availableParallelism() }, lane));
	return entries;
}

export function problemText(error: unknown): string {
	return error instanceof CommandProblem ? error.message : printable(reasonOf(error));
}
