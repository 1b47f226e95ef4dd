import { setImmediate } from 'node:timers/promises';
import type { CompiledRule } from '../../alerts/compiled-rule.ts';
import { identityOf } from '../../model/outcome.ts';
import { selectOrders } from '../../orders/selector.ts';
import type { WebParts } from '../web-parts.ts';
import { type Backtest, backtest } from './backtest.ts';
import { type HistoryLine, historyOfOrder, ownHistory } from './history.ts';
import { PastHolds } from './past-holds.ts';

/** More would keep others waiting who ask. */
const trialOrdersMax = 50;
const historySlice = 200;

export interface Trial extends Backtest {
	readonly id: string;
}

/** Replays a rule with orders that are measured: those of a pattern, or all that it is for. The first ones only. */
export async function tryRule(
	{ baseDir, orders }: WebParts,
	compiled: CompiledRule,
	pattern: string,
	sinceSeconds: number,
): Promise<{ readonly trials: readonly Trial[]; readonly left: number }> {
	const ids = pattern === '' ? orders.ids().filter(isFor) : selectOrders([pattern], orders.names()).ids;
	const trials: Trial[] = [];
	const endSeconds = Date.now() / 1000;
	const holds = new PastHolds({
		...{ baseDir, startSeconds: sinceSeconds, endSeconds },
		parentsOf: (id) => orders.get(id)?.parents ?? [],
	});
	for (const id of ids.slice(0, trialOrdersMax)) {
		await setImmediate();
		try {
			const tested = backtest(
				compiled,
				{ id, folder: `${baseDir}/output/${id}` },
				sinceSeconds,
				endSeconds,
				holds,
			);
			trials.push({ id, ...tested });
		} catch {
			// Nothing was measured yet, or its files are damaged: its page says so.
		}
	}
	return { trials, left: Math.max(0, ids.length - trialOrdersMax) };

	function isFor(id: string): boolean {
		const order = orders.get(id);
		return order !== null && compiled.isFor(identityOf(order), order.alerts ?? []);
	}
}

/**
 * What was raised and cleared of orders that are measured, by time; without `ids` of all, and of the daemon itself. Others
 * are served meanwhile.
 */
export async function historyOfOrders(
	{ baseDir, orders }: Pick<WebParts, 'baseDir' | 'orders'>,
	ids: readonly string[] | null,
	sinceSeconds: number,
): Promise<readonly HistoryLine[]> {
	const own = ids === null ? ownHistory(baseDir) : [];
	const lines = own.filter(({ time }) => time >= sinceSeconds);
	for (const [at, id] of (ids ?? orders.ids()).entries()) {
		if (at % historySlice === 0) await setImmediate();
		for (const line of historyOfOrder(`${baseDir}/output/${id}`, id))
			if (line.time >= sinceSeconds) lines.push(line);
	}
	return lines.sort((a, b) => a.time - b.time);
}
