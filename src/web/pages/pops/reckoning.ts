import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OrderPattern } from '../../../orders/selector.ts';
import type { MetricsRegistry } from '../../metrics/registry.ts';
import type { Seen } from './look.ts';

/** What one point of presence measures, all together. */
export interface Reckoned {
	readonly pop: string;
	/** Of the last slots: the median of the medians, and the share of pings lost. */
	readonly seen: Seen;
	/** The median of the slowest order, seconds; null: none is known. */
	readonly slowestSeconds: number | null;
	/** Orders of which anything was measured; those without any answer; those of which nothing is known lately. */
	readonly orders: number;
	readonly down: number;
	readonly unknown: number;
}

/** One order as one point of presence saw it last. */
export interface Sighting {
	readonly id: string;
	readonly pop: string;
	readonly seen: Seen & { readonly loss: number };
}

interface Draft {
	readonly medians: number[];
	sent: number;
	lost: number;
	orders: number;
	down: number;
	unknown: number;
}

const worstMax = 25;
const turnOrders = 2000;

/** Reckons up the last slots of all orders that are wanted, by point of presence. Others have their turn meanwhile. */
export async function reckon(
	registry: MetricsRegistry,
	pattern: OrderPattern | null,
): Promise<{ readonly pops: readonly Reckoned[]; readonly worst: readonly Sighting[] }> {
	const drafts = new Map<string, Draft>();
	let worst: Sighting[] = [];
	let looked = 0;
	const isWanted = (order: { readonly id: string }, pop: string | undefined) =>
		pop !== undefined && (pattern?.takes(order.id, pop) ?? true);
	for (const { order, pop = '', series, isSilent } of registry.all(isWanted)) {
		if (++looked % turnOrders === 0) await nextTurn();
		const draft = drafts.get(pop) ?? { medians: [], sent: 0, lost: 0, orders: 0, down: 0, unknown: 0 };
		drafts.set(pop, draft);
		draft.orders++;
		const { last } = series;
		if (last === null || isSilent()) {
			draft.unknown++;
			continue;
		}
		const { sent, loss, medianSeconds } = last;
		draft.sent += sent;
		draft.lost += loss;
		if (loss >= sent) draft.down++;
		if (medianSeconds !== null) draft.medians.push(medianSeconds);
		worst.push({ id: order.id, pop, seen: { medianSeconds, loss: loss / sent } });
		if (worst.length > 4 * worstMax) worst = worstOf(worst);
	}
	return { pops: [...drafts].map(([pop, draft]) => reckoned(pop, draft)), worst: worstOf(worst) };
}

function worstOf(all: readonly Sighting[]): Sighting[] {
	return [...all]
		.sort((a, b) => b.seen.loss - a.seen.loss || (b.seen.medianSeconds ?? 0) - (a.seen.medianSeconds ?? 0))
		.slice(0, worstMax);
}

function reckoned(pop: string, { medians, sent, lost, orders, down, unknown }: Draft): Reckoned {
	medians.sort((a, b) => a - b);
	return {
		...{ pop, orders, down, unknown },
		seen: {
			medianSeconds: medians[Math.floor(medians.length / 2)] ?? null,
			loss: sent === 0 ? null : lost / sent,
		},
		slowestSeconds: medians.at(-1) ?? null,
	};
}
