import { availableParallelism } from 'node:os';
import { addressBytes } from '../../shared/ip-address.ts';
import { type Watching, WorkerThread } from '../../shared/worker-thread.ts';
import { EngineThreads } from './engine-threads.ts';
import type {
	EngineRequest,
	EngineResult,
	EngineWorkerData,
	PingDone,
	PingFailed,
	PingRequest,
} from './messages.ts';
import type { TraceDone, TraceRequest } from './trace-messages.ts';

/** Sends pings and times their answers, in a thread of its own, or several where there is more than one can do. */
export interface PingEngine {
	/**
	 * Resolves when the job is over, at the latest when its window is, or soon after `signal` has fired. Rejects with an
	 * `Error` for the user when the thread has died.
	 */
	ping(
		request: Omit<PingRequest, 'id'>,
		signal: AbortSignal,
		watching?: Watching | undefined,
	): Promise<PingDone | PingFailed>;
	/** The same, of routes. */
	trace(
		request: Omit<TraceRequest, 'id'>,
		signal: AbortSignal,
		watching?: Watching | undefined,
	): Promise<TraceDone | PingFailed>;
	/** Ends the threads. The next job starts another. */
	close(): Promise<void>;
}

/** More would wait for the same network interface. */
const threadsAtMost = 4;

/**
 * Makes an engine whose threads start with the first jobs for them, and hold up no shutdown.
 *
 * @param atMost how many threads there may be
 */
export function makePingEngine(atMost = Math.min(threadsAtMost, availableParallelism())): PingEngine {
	const threads = new EngineThreads(makeThread, atMost);
	return {
		ping: async (request, signal, watching) => {
			const run = (thread: EngineThread) => thread.run(request, signal, watching);
			const perMs = request.addresses.length / addressBytes / request.roundMs;
			// What all together may send in a millisecond is known in one thread only.
			const done = request.burst === null ? threads.run(perMs, run) : threads.runWithAll(perMs, run);
			return (await done) as PingDone | PingFailed;
		},
		trace: async (request, signal, watching) =>
			(await threads.first.run(request, signal, watching)) as TraceDone | PingFailed,
		close: async () => {
			await Promise.all(threads.threads.map((thread) => thread.close()));
		},
	};
}

type EngineThread = WorkerThread<EngineRequest, EngineResult>;

function makeThread(): EngineThread {
	// It sleeps between pings without listening.
	const posted = new Int32Array(new SharedArrayBuffer(4));
	const data: EngineWorkerData = { posted };
	return new WorkerThread<EngineRequest, EngineResult>({
		module: new URL('./worker.js', import.meta.url),
		name: 'icmp',
		data,
		posted: () => {
			Atomics.add(posted, 0, 1);
			Atomics.notify(posted, 0);
		},
		whenItDies: 'the icmp engine failed',
	});
}
