import { type Watching, WorkerThread } from '../../shared/worker-thread.ts';
import type {
	EngineRequest,
	EngineResult,
	EngineWorkerData,
	PingDone,
	PingFailed,
	PingRequest,
} from './messages.ts';
import type { TraceDone, TraceRequest } from './trace-messages.ts';

/** Sends pings and times their answers, in a thread of its own. */
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
	/** Ends the thread. The next job starts another. */
	close(): Promise<void>;
}

/** Makes an engine whose thread starts with its first job, and holds up no shutdown. */
export function makePingEngine(): PingEngine {
	// It sleeps between pings without listening.
	const posted = new Int32Array(new SharedArrayBuffer(4));
	const data: EngineWorkerData = { posted };
	const thread = new WorkerThread<EngineRequest, EngineResult>({
		module: new URL('./worker.js', import.meta.url),
		name: 'icmp',
		data,
		posted: () => {
			Atomics.add(posted, 0, 1);
			Atomics.notify(posted, 0);
		},
		whenItDies: 'the icmp engine failed',
	});
	return {
		ping: async (request, signal, watching) =>
			(await thread.run(request, signal, watching)) as PingDone | PingFailed,
		trace: async (request, signal, watching) =>
			(await thread.run(request, signal, watching)) as TraceDone | PingFailed,
		close: () => thread.close(),
	};
}
