import { WorkerThread } from '../shared/worker-thread.ts';
import type { SshOutcome, SshRun } from './run.ts';

/** The thread that pings, for all jobs. */
export const sshThread = new WorkerThread<SshRun, ReadonlyMap<string, SshOutcome>>({
	module: new URL('./worker.js', import.meta.url),
	name: 'ssh',
	whenItDies: 'the thread of ssh ended',
});
