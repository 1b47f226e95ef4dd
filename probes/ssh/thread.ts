import { Worker } from 'node:worker_threads';
import type { SshOutcome, SshRun } from './run.ts';
import type { FromSshWorker, ToSshWorker } from './worker.ts';

type Outcomes = ReadonlyMap<string, SshOutcome>;

interface Waiting {
	resolve(outcomes: Outcomes): void;
	reject(error: Error): void;
}

/** The thread that pings. It is started when it is needed, again if it has died, and never keeps the process alive. */
class SshThread {
	#worker: Worker | null = null;
	#lastId = 0;
	readonly #waiting = new Map<number, Waiting>();

	/** Resolves with what came of each address, soon after the signal fires in any case. */
	async run(run: SshRun, signal: AbortSignal): Promise<Outcomes> {
		const worker = this.#worker ?? this.#start();
		const id = ++this.#lastId;
		const end = () => this.#post(worker, { end: id });
		try {
			return await new Promise<Outcomes>((resolve, reject) => {
				this.#waiting.set(id, { resolve, reject });
				this.#post(worker, { id, run });
				if (signal.aborted) end();
				else signal.addEventListener('abort', end, { once: true });
			});
		} finally {
			this.#waiting.delete(id);
			signal.removeEventListener('abort', end);
		}
	}

	#post(worker: Worker, message: ToSshWorker): void {
		worker.postMessage(message);
	}

	#start(): Worker {
		const worker = new Worker(new URL('./worker.js', import.meta.url), { name: 'ssh' });
		worker.on('message', ({ id, outcomes }: FromSshWorker) => this.#waiting.get(id)?.resolve(outcomes));
		worker.on('error', (error) => this.#died(worker, error instanceof Error ? error.message : String(error)));
		worker.on('exit', (code) => this.#died(worker, `exit code ${code}`));
		// After the listeners: each of them would undo it.
		worker.unref();
		this.#worker = worker;
		return worker;
	}

	#died(worker: Worker, why: string): void {
		if (this.#worker !== worker) return;
		this.#worker = null;
		for (const { reject } of this.#waiting.values()) reject(new Error(`the thread of ssh ended: ${why}`));
		this.#waiting.clear();
	}
}

/** All jobs share one. */
export const sshThread = new SshThread();
