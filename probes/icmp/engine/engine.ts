import { Worker } from 'node:worker_threads';
import type {
	EngineWorkerData,
	FromEngine,
	PingDone,
	PingFailed,
	PingRequest,
	ToEngine,
} from './messages.ts';

/** Sends pings and times their answers, in a thread of its own. */
export interface PingEngine {
	/**
	 * Resolves when the job is over, at the latest when its window is, or soon after `signal` has fired. Rejects with an
	 * `Error` for the user when the thread has died.
	 */
	ping(request: Omit<PingRequest, 'id'>, signal: AbortSignal): Promise<PingDone | PingFailed>;
	/** Ends the thread. The next job starts another. */
	close(): Promise<void>;
}

interface Waiting {
	resolve(result: FromEngine): void;
	reject(error: Error): void;
}

/** Makes an engine whose thread starts with its first job, and holds up no shutdown. */
export function makePingEngine(): PingEngine {
	return new WorkerEngine();
}

class WorkerEngine implements PingEngine {
	readonly #waiting = new Map<number, Waiting>();
	readonly #posted = new Int32Array(new SharedArrayBuffer(4));
	#worker: Worker | null = null;
	#lastId = 0;

	ping(request: Omit<PingRequest, 'id'>, signal: AbortSignal): Promise<PingDone | PingFailed> {
		const id = ++this.#lastId;
		const cancel = () => this.#post({ cancel: id });
		return new Promise<FromEngine>((resolve, reject) => {
			this.#waiting.set(id, { resolve, reject });
			this.#post({ ping: { ...request, id } });
			if (signal.aborted) cancel();
			else signal.addEventListener('abort', cancel, { once: true });
		}).finally(() => signal.removeEventListener('abort', cancel));
	}

	async close(): Promise<void> {
		await this.#worker?.terminate();
	}

	#post(message: ToEngine): void {
		this.#worker ??= this.#start();
		this.#worker.postMessage(message);
		Atomics.add(this.#posted, 0, 1);
		Atomics.notify(this.#posted, 0);
	}

	#start(): Worker {
		const workerData: EngineWorkerData = { posted: this.#posted };
		// Flags of the process may be such as no thread can take.
		const options = { workerData, name: 'icmp', execArgv: [] };
		const worker = new Worker(new URL('./worker.js', import.meta.url), options);
		worker.on('message', (result: FromEngine) => {
			this.#waiting.get(result.id)?.resolve(result);
			this.#waiting.delete(result.id);
		});
		worker.on('error', (error) => this.#fail(worker, error instanceof Error ? error.message : String(error)));
		worker.on('exit', (code) => this.#fail(worker, `its thread ended with code ${code}`));
		// After the listeners, which would undo it.
		worker.unref();
		return worker;
	}

	#fail(worker: Worker, reason: string): void {
		if (this.#worker !== worker) return;
		this.#worker = null;
		for (const { reject } of this.#waiting.values()) reject(new Error(`the icmp engine failed: ${reason}`));
		this.#waiting.clear();
	}
}
