import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/** When the pings of a run begin. */
export interface Spread {
	readonly targets: number;
	readonly pings: number;
	/** Between the pings to one target, milliseconds. The targets take turns within it. */
	readonly intervalMs: number;
}

/**
 * Begins every ping when it is due, whether those before it are over or not, and waits for all of them. Begins none after
 * the signal.
 */
export async function spreadPings(
	{ targets, pings, intervalMs }: Spread,
	signal: AbortSignal,
	ping: (target: number, turn: number) => Promise<void>,
): Promise<void> {
	// Each ping that is in flight listens.
	setMaxListeners(0, signal);
	const gapMs = intervalMs / targets;
	const inFlight = new Set<Promise<void>>();
	let dueMs = performance.now();
	for (let turn = 0; turn < pings && !signal.aborted; turn++) {
		for (let target = 0; target < targets; target++) {
			const waitMs = dueMs - performance.now();
			if (waitMs > 0) await delay(waitMs, undefined, { signal }).catch(() => {});
			if (signal.aborted) break;
			const one = ping(target, turn).finally(() => inFlight.delete(one));
			inFlight.add(one);
			// What was held up is not caught up with all at once.
			dueMs = Math.max(dueMs + gapMs, performance.now() + gapMs / 2);
		}
	}
	await Promise.all(inFlight);
}
