import { join } from 'node:path';
import { popFolderOf } from '../model/pop.ts';
import { fetchRrd, RrdDamaged, readRrdHeader } from '../rrd/index.ts';
import { type FoundOrder, OrderProblem, popsOf, reasonOf } from './find-orders.ts';
import { mainRrdName } from './main-rrd.ts';

/** What main.rrd says about an order. */
export interface StoredOrder {
	/** Of a measurement. */
	readonly stepSeconds: number;
	readonly pings: number;
	/** End of the last slot that was measured, since the epoch. */
	readonly lastUpdateSeconds: number;
}

/** Averages over spans of time of equal length, oldest first. */
export interface Series {
	/** `loss` in pings, `median` and `ping1` to `pingN` in seconds. */
	readonly names: readonly string[];
	/** The length of a row. */
	readonly stepSeconds: number;
	readonly rows: readonly Row[];
}

export interface Row {
	/** Start of the span, since the epoch. */
	readonly timeSeconds: number;
	/** One for each name; NaN: unknown. */
	readonly values: Float64Array;
}

export interface SeriesQuery {
	/** Since the epoch. The row that holds it is the first. */
	readonly startSeconds: number;
	/** Since the epoch. Rows begin before it. */
	readonly endSeconds: number;
	/** The length of the rows that are wanted; what is nearest is taken. Default: the shortest. */
	readonly resolutionSeconds?: number | undefined;
	/** Since the epoch. Rows that are neither over by now nor measured are left out. */
	readonly nowSeconds: number;
}

/** Reads what an order's main.rrd holds. Throws `OrderProblem` when it cannot be read or is none of ours. */
export function readStoredOrder(order: FoundOrder): StoredOrder {
	const path = join(order.folder, mainRrdName);
	return explained(order, path, () => {
		const { shape, lastUpdateSeconds } = readRrdHeader(path);
		const [loss, median, ...pings] = shape.dataSources.map(({ name }) => name);
		const isOurs = loss === 'loss' && median === 'median' && pings.length > 0;
		if (!isOurs || pings.some((name, index) => name !== `ping${index + 1}`)) {
			throw new OrderProblem(`${path}: is not an RRD of pingmachine: its data sources are others`);
		}
		return { stepSeconds: shape.stepSeconds, pings: pings.length, lastUpdateSeconds };
	});
}

/** Where a span ends if nobody says where. Since the epoch. */
export function lastSecondsOf(
	order: FoundOrder,
	{ lastUpdateSeconds }: StoredOrder,
	nowSeconds: number,
): number {
	// The slot of this very second may be measured already.
	return order.isArchived ? lastUpdateSeconds : Math.max(nowSeconds, lastUpdateSeconds);
}

/** Reads a part of an order's main.rrd. Throws `OrderProblem` when that is not possible. */
export function readSeries(order: FoundOrder, stored: StoredOrder, query: SeriesQuery): Series {
	const { startSeconds, resolutionSeconds, nowSeconds } = query;
	const path = join(order.folder, mainRrdName);
	// Nothing can be there later; rows as far as the year 9999 would not fit into memory.
	const knownUntil = Math.max(nowSeconds, stored.lastUpdateSeconds);
	const endSeconds = Math.min(query.endSeconds, knownUntil);
	if (startSeconds >= endSeconds)
		return { names: namesOf(stored), stepSeconds: stored.stepSeconds, rows: [] };
	const fetched = explained(order, path, () =>
		fetchRrd(path, {
			consolidation: 'AVERAGE',
			startSeconds,
			endSeconds,
			...(resolutionSeconds === undefined ? {} : { resolutionSeconds }),
		}),
	);
	const { names, stepSeconds, values } = fetched;
	const rows: Row[] = [];
	for (let timeSeconds = fetched.startSeconds; timeSeconds < endSeconds; timeSeconds += stepSeconds) {
		if (timeSeconds + stepSeconds > knownUntil) break;
		const from = rows.length * names.length;
		rows.push({ timeSeconds, values: values.subarray(from, from + names.length) });
	}
	return { names, stepSeconds, rows };
}

function namesOf({ pings }: StoredOrder): string[] {
	return ['loss', 'median', ...Array.from({ length: pings }, (_, index) => `ping${index + 1}`)];
}

function explained<T>(order: FoundOrder, path: string, read: () => T): T {
	try {
		return read();
	} catch (error) {
		if (error instanceof OrderProblem) throw error;
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
			const [pop] = popsOf(order);
			if (pop !== undefined)
				throw new OrderProblem(
					`${order.id}: has no ${mainRrdName} of its own: points of presence measure it. Name one, such as ${popFolderOf(order.id, pop)}`,
				);
			throw new OrderProblem(
				`${order.id}: has no ${mainRrdName} in ${order.folder}: nothing was measured, or its order says rrd_template: norrd`,
			);
		}
		const named = error instanceof RrdDamaged || error instanceof RangeError;
		throw new OrderProblem(named ? error.message : `${path}: ${reasonOf(error)}`);
	}
}
