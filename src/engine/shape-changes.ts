import type { Order } from '../model/order.ts';

/** So many changes that begin a new main.rrd are taken from one order within a day. */
export const changesADayMost = 4;
const dayMs = 86_400_000;
/** How many orders are remembered that changed; those whose last change is longest ago are forgotten first. */
const rememberedMost = 200_000;

/**
 * When orders changed in what main.rrd depends on. With each such change the old file is kept, so that an order that
 * changes again and again would fill the disk. Times in monotonic milliseconds.
 */
export class ShapeChanges {
	readonly #changes = new Map<string, number[]>();

	/**
	 * How long an order has to wait until it may become another. Milliseconds; 0: it may at once, and that is counted.
	 */
	waitMs(before: Order, after: Order, nowMs: number): number {
		if (!changesShape(before, after)) return 0;
		const recent = (this.#changes.get(after.id) ?? []).filter((atMs) => nowMs - atMs < dayMs);
		const [first = nowMs] = recent;
		if (recent.length >= changesADayMost) return first + dayMs - nowMs;
		this.#remember(after.id, [...recent, nowMs]);
		return 0;
	}

	/** At the end of the map, as the one that changed last. */
	#remember(id: string, times: number[]): void {
		this.#changes.delete(id);
		this.#changes.set(id, times);
		const [oldest = id] = this.#changes.keys();
		if (this.#changes.size > rememberedMost) this.#changes.delete(oldest);
	}
}

/** Whether main.rrd cannot be the same for both. */
function changesShape(before: Order, after: Order): boolean {
	return (
		before.stepSeconds !== after.stepSeconds ||
		before.pings !== after.pings ||
		before.rrdTemplate !== after.rrdTemplate
	);
}
