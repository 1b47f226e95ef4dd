import type { MessagePort } from 'node:worker_threads';
import type { FromThread, ToThread } from './worker-thread.ts';

/**
 * The other side of `WorkerThread`: does each request as it comes, side by side. A request that cannot be done ends the
 * thread, and so is told to who asked.
 */
export function serveThread<Request, Result>(
	port: MessagePort | null,
	measure: (request: Request, signal: AbortSignal) => Promise<Result>,
): void {
	const running = new Map<number, AbortController>();
	port?.on('message', async (message: ToThread<Request>) => {
		if ('end' in message) {
			running.get(message.end)?.abort();
			return;
		}
		const controller = new AbortController();
		running.set(message.id, controller);
		const result = await measure(message.request, controller.signal);
		running.delete(message.id);
		const answer: FromThread<Result> = { id: message.id, result };
		port.postMessage(answer);
	});
}
