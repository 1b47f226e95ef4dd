import { Worker } from 'node:worker_threads';
import type { EarlyPing } from '../../src/model/measurement.ts';

/** What a thread is sent: a request, that one is to end soon with what there is, or which of its targets are watched. */
export type ToThread<Request> =
	| { readonly id: number; readonly request: Request }
	| { readonly end: number }
	| { readonly watch: number; readonly targets: readonly number[] };

/** A ping that is over before its request is. */
export interface EarlyTargetPing extends EarlyPing {
	/** Its place among the targets of the request. */
	readonly target: number;
}

/** What it sends back: a result, once for each request, and pings before that. */
export type FromThread<Result> =
	| { readonly id: number; readonly result: Result }
	| { readonly id: number; readonly early: readonly EarlyTargetPing[] };

/** Which targets of a request somebody looks at just now. */
export interface Watching {
	watched(): readonly number[];
	/** Calls when these may have changed. Returns what ends that. */
	onChange(changed: () => void): () => void;
	tell(pings: readonly EarlyTargetPing[]): void;
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
	readonly watching: Watching | undefined;
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
	async run(request: Request, signal: AbortSignal, watching?: Watching | undefined): Promise<Result> {
		const id = ++this.#lastId;
		const end = () => this.#post({ end: id });
		let told = 0;
		const watch = () => {
			const targets = watching?.watched() ?? [];
			if (targets.length > 0 || told > 0) this.#post({ watch: id, targets });
			told = targets.length;
		};
		const endWatch = watching?.onChange(watch);
		try {
			return await new Promise<Result>((resolve, reject) => {
				this.#waiting.set(id, { resolve, reject, watching });
				this.#post({ id, request });
				watch();
				if (signal.aborted) end();
				else signal.addEventListener('abort', end, { once: true });
			});
		} finally {
			endWatch?.();
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
		worker.on('message', (message: FromThread<Result>) => {
			const waiting = this.#waiting.get(message.id);
			if ('early' in message) waiting?.watching?.tell(message.early);
			else waiting?.resolve(message.result);
		});
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
