/** The thread of the probe ssh: no round-trip time may have the delays of the main thread in it. */
import { parentPort } from 'node:worker_threads';
import { runPings, type SshOutcome, type SshRun } from './run.ts';

export type ToSshWorker =
	| { readonly id: number; readonly run: SshRun }
	/** End this run, and say what there is. */
	| { readonly end: number };

export interface FromSshWorker {
	readonly id: number;
	/** By address. */
	readonly outcomes: ReadonlyMap<string, SshOutcome>;
}

const running = new Map<number, AbortController>();

parentPort?.on('message', async (message: ToSshWorker) => {
	if ('end' in message) {
		running.get(message.end)?.abort();
		return;
	}
	const { id, run } = message;
	const controller = new AbortController();
	running.set(id, controller);
	const answer: FromSshWorker = { id, outcomes: await runPings(run, controller.signal) };
	running.delete(id);
	parentPort?.postMessage(answer);
});
