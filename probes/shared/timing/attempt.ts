import type { FactScalar } from '../../../src/model/facts.ts';
import type { Lost } from './connect.ts';
import { type Failure, type Pinged, secondsFrom } from './pings.ts';

/** A ping that goes on. */
export interface Attempt {
	/** Fires when its time is up, or all is over. */
	readonly signal: AbortSignal;
	/** What it waits for just now: `waiting for the answer`. */
	doing: string;
	/** When its time begins, of the monotonic clock: set anew, what came before does not count. */
	startMs: number;
	/** What is known of it so far. */
	readonly facts: Record<string, FactScalar>;
}

/** How it ended: with an answer at that time of the monotonic clock, or else. Null: the signal fired. */
export type Attempted = { readonly endMs: number } | Lost | Failure | null;

/** One ping that may take so long; what takes longer is lost. Null when the signal fires before anything is known. */
export async function attempt(
	timeoutMs: number,
	signal: AbortSignal,
	go: (attempt: Attempt) => Promise<Attempted>,
): Promise<Pinged | null> {
	const ender = new AbortController();
	const end = () => ender.abort();
	if (signal.aborted) return null;
	signal.addEventListener('abort', end, { once: true });
	let isTimedOut = false;
	const timer = setTimeout(() => {
		isTimedOut = true;
		end();
	}, timeoutMs);
	const beganAtSeconds = Date.now() / 1000;
	const beganMs = performance.now();
	const one: Attempt = { signal: ender.signal, doing: '', startMs: beganMs, facts: {} };
	const pinged = (rttSeconds: number | null, lossReason: string | null): Pinged => ({
		sample: { sentAtSeconds: beganAtSeconds + (one.startMs - beganMs) / 1000, rttSeconds },
		lossReason,
		facts: one.facts,
	});
	try {
		const ended = await go(one);
		if (ended === null) return isTimedOut ? pinged(null, `timed out ${one.doing}`.trim()) : null;
		if ('failure' in ended) return ended;
		if ('lossReason' in ended) return pinged(null, ended.lossReason);
		return pinged(secondsFrom(one.startMs, ended.endMs), null);
	} finally {
		clearTimeout(timer);
		signal.removeEventListener('abort', end);
		// What is still open is closed.
		end();
	}
}
