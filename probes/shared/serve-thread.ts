import type { MessagePort } from 'node:worker_threads';
import type { EarlyTargetPing, FromThread, ToThread } from './worker-thread.ts';

/** Tells a ping that is over, if its target is watched. */
export type Early = (ping: EarlyTargetPing) => void;

interface Running {
	readonly controller: AbortController;
	targets: ReadonlySet<number>;
}

const none: ReadonlySet<number> = new Set();

/**
 * The other side of `WorkerThread`: does each request as it comes, side by side. A request that cannot be done ends the
 * thread, and so is told to who asked.
 */
export function serveThread<Request, Result>(
	port: MessagePort | null,
	measure: (request: Request, signal: AbortSignal, early: Early) => Promise<Result>,
): void {
	const running = new Map<number, Running>();
	port?.on('message', async (message: ToThread<Request>) => {
		if ('end' in message) {
			running.get(message.end)?.controller.abort();
			return;
		}
		if ('watch' in message) {
			const watched = running.get(message.watch);
			if (watched !== undefined) watched.targets = new Set(message.targets);
			return;
		}
		const { id } = message;
		const one: Running = { controller: new AbortController(), targets: none };
		running.set(id, one);
		const early = (ping: EarlyTargetPing) => {
			if (one.targets.has(ping.target)) port.postMessage({ id, early: [ping] } satisfies FromThread<Result>);
		};
		const result = await measure(message.request, one.controller.signal, early);
		running.delete(message.id);
		const answer: FromThread<Result> = { id: message.id, result };
		port.postMessage(answer);
	});
}
