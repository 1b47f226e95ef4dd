import { existsSync } from 'node:fs';
import { mainRrdName } from '../../store/main-rrd.ts';
import { readSeries, readStoredOrder } from '../../store/series.ts';
import { CommandProblem, type FoundOrder } from '../shared/find-orders.ts';
import type { ExplainSources, SortedMeasurement } from './facts.ts';

/** How far back is looked for them, in slots: many may be unknown. */
const slotsBack = 200;

/** The last measurements in main.rrd of slots that begin before a time, newest first. None where it has no file. */
export function storedMeasurements(
	order: FoundOrder,
	beforeSeconds: number,
	most: number,
	{ nowSeconds, problem }: ExplainSources,
): SortedMeasurement[] {
	const path = `${order.folder}/${mainRrdName}`;
	if (!existsSync(path)) return [];
	try {
		const stored = readStoredOrder(order);
		const { stepSeconds: step, pings, lastUpdateSeconds } = stored;
		const endSeconds = Math.min(lastUpdateSeconds, beforeSeconds);
		const startSeconds = Math.max(0, endSeconds - slotsBack * step);
		const span = { startSeconds, endSeconds, resolutionSeconds: step, nowSeconds };
		const { rows, stepSeconds } = readSeries(order, stored, span);
		// Where the rows of single slots end, what there is are averages.
		if (stepSeconds !== step) return [];
		const measured = rows.filter(({ timeSeconds, values }) => {
			return timeSeconds < beforeSeconds && !Number.isNaN(values[0]);
		});
		return measured
			.slice(-most)
			.reverse()
			.map(({ timeSeconds, values }) => {
				const rtts = [...values.subarray(2)].filter((rtt) => !Number.isNaN(rtt));
				return { time: timeSeconds, step, pings, loss: values[0] ?? 0, sorted_rtts: rtts };
			});
	} catch (error) {
		if (!(error instanceof CommandProblem)) throw error;
		problem(path, error.message);
		return [];
	}
}
