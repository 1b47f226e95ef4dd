import type { Watching } from '../worker-thread.ts';
import { WorkerThread } from '../worker-thread.ts';

/** What the thread is asked: which module is to do it, and what. Plain data. */
export interface TimedRequest {
	/** Of ours: it exports `run`, a `TimedRun`. */
	readonly module: string;
	readonly request: unknown;
}

/** What it answers: a result, or what went wrong with this request alone. */
export type TimedAnswer = { readonly result: unknown } | { readonly broken: string };

const thread = new WorkerThread<TimedRequest, TimedAnswer>({
	module: new URL('./worker.js', import.meta.url),
	name: 'timing',
	whenItDies: 'the thread that takes the times ended',
});

/**
 * Has a compiled module of a probe do its request in the one thread for all probes that time in JavaScript: no
 * round-trip time may have the delays of the main thread in it. Resolves and rejects as `WorkerThread.run` does.
 *
 * @param module exports `run`, a `TimedRun<Request, Result>`
 */
export async function runInTimingThread<Request, Result>(
	module: URL,
	request: Request,
	signal: AbortSignal,
	watching?: Watching | undefined,
): Promise<Result> {
	const answer = await thread.run({ module: module.href, request }, signal, watching);
	if ('broken' in answer) throw new Error(answer.broken);
	return answer.result as Result;
}

/** Ends the thread, for all probes: the daemon ends. */
export function closeTimingThread(): Promise<void> {
	return thread.close();
}
