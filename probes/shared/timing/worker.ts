/** The one thread of the probes that time in JavaScript. Each brings a module that exports `run`. */
import { parentPort } from 'node:worker_threads';
import { nameThread } from '../../../src/host/thread-name.ts';
import { type Early, serveThread } from '../serve-thread.ts';
import type { TimedAnswer, TimedRequest } from './thread.ts';

/** Does a request soon after the signal fires at the latest. Never rejects. */
export type TimedRun<Request, Result> = (
	request: Request,
	signal: AbortSignal,
	early: Early,
) => Promise<Result>;

nameThread('timing');
serveThread<TimedRequest, TimedAnswer>(parentPort, async ({ module, request }, signal, early) => {
	try {
		const { run } = (await import(module)) as { readonly run: TimedRun<unknown, unknown> };
		return { result: await run(request, signal, early) };
	} catch (error) {
		// The requests of others go on.
		return { broken: error instanceof Error ? error.message : String(error) };
	}
});
