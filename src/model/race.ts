import { type Clock, systemClock } from './clock.ts';

/** How long something is waited for: until the first of these. */
export interface RaceLimit {
	/** From now on, milliseconds. */
	readonly ms?: number;
	/** Until it fires. */
	readonly signal?: AbortSignal;
	/** So many milliseconds longer than until the signal fires. */
	readonly graceMs?: number;
	/** By which the milliseconds are; the system's unless told otherwise. */
	readonly clock?: Clock;
}

/**
 * Waits for `work` within limits. When they are reached first, what `otherwise` returns or throws counts, and what `work`
 * comes to after that is nobody's concern. Leaves neither a timer nor a listener behind.
 */
export async function race<T, O = never>(
	work: Promise<T>,
	{ ms, signal, graceMs = 0, clock = systemClock }: RaceLimit,
	otherwise: () => O,
): Promise<T | O> {
	const isOver = Symbol('over');
	const cancels: (() => void)[] = [];
	const over = new Promise<typeof isOver>((resolve) => {
		const end = () => resolve(isOver);
		const fired = () => {
			if (graceMs > 0) cancels.push(clock.after(graceMs, end));
			else end();
		};
		if (ms !== undefined) cancels.push(clock.after(ms, end));
		if (signal?.aborted) fired();
		else signal?.addEventListener('abort', fired, { once: true });
		cancels.push(() => signal?.removeEventListener('abort', fired));
	});
	work.catch(() => {});
	try {
		const first = await Promise.race([work, over]);
		return first === isOver ? otherwise() : (first as T);
	} finally {
		for (const cancel of cancels) cancel();
	}
}
