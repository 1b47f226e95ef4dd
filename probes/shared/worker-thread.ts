import { Worker } from 'node:worker_threads';

/** What a thread is sent: a request, or that one is to end soon with what there is. */
export type ToThread<Request> = { readonly id: number; readonly request: Request } | { readonly end: number };

/** What it sends back, once for each request. */
export interface FromThread<Result> {
	readonly id: number;
	readonly result: Result;
}

export interface WorkerThreadParts {
	/** The compiled module that the thread runs. */
	readonly module: URL;
	/** For those who look at processes. */
	readonly name: string;
	/** What its `workerData` is. */
	readonly data?: unknown;
	/** Is called when something has been sent, for threads that do not listen as they should. */
	readonly posted?: () => void;
	/** Words that the reason for its end follows. */
	readonly whenItDies: string;
}

interface Waiting<Result> {
	resolve(result: Result): void;
	reject(error: Error): void;
}

/**
 * A thread that measures for a probe. It starts with its first request, again if it has died, and never keeps the process
 * alive.
 */
export class WorkerThread<Request, Result> {
	readonly #parts: WorkerThreadParts;
	readonly #waiting = new Map<number, Waiting<Result>>();
	#worker: Worker | null = null;
	#lastId = 0;

	constructor(parts: WorkerThreadParts) {
		this.#parts = parts;
	}

	/**
	 * Resolves with what came of the request, soon after the signal fires in any case. Rejects with an `Error` for the user
	 * when the thread has died.
	 */
	async run(request: Request, signal: AbortSignal): Promise<Result> {
		const id = ++this.#lastId;
		const end = () => this.#post({ end: id });
		try {
			return await new Promise<Result>((resolve, reject) => {
				this.#waiting.set(id, { resolve, reject });
				this.#post({ id, request });
				if (signal.aborted) end();
				else signal.addEventListener('abort', end, { once: true });
			});
		} finally {
			this.#waiting.delete(id);
			signal.removeEventListener('abort', end);
		}
	}

	/** Ends the thread. The next request starts another. */
	async close(): Promise<void> {
		await this.#worker?.terminate();
	}

	#post(message: ToThread<Request>): void {
		this.#worker ??= this.#start();
		this.#worker.postMessage(message);
		this.#parts.posted?.();
	}

	#start(): Worker {
		const { module, name, data } = this.#parts;
		// Flags of the process may be such as no thread can take.
		const worker = new Worker(module, { name, workerData: data, execArgv: [] });
		worker.on('message', ({ id, result }: FromThread<Result>) => this.#waiting.get(id)?.resolve(result));
		worker.on('error', (error) => this.#died(worker, error instanceof Error ? error.message : String(error)));
		worker.on('exit', (code) => this.#died(worker, `its thread ended with code ${code}`));
		// After the listeners, which would undo it.
		worker.unref();
		return worker;
	}

	#died(worker: Worker, why: string): void {
		if (this.#worker !== worker) return;
		this.#worker = null;
		for (const { reject } of this.#waiting.values()) {
			reject(new Error(`${this.#parts.whenItDies}: ${why}`));
		}
		this.#waiting.clear();
	}
}
