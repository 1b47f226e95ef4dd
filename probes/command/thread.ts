import { WorkerThread } from '../shared/worker-thread.ts';
import type { ProgramOutcome, ProgramRun } from './run.ts';

/** The thread that runs programs, for all jobs. */
export const commandThread = new WorkerThread<ProgramRun, readonly ProgramOutcome[]>({
	module: new URL('./worker.js', import.meta.url),
	name: 'command',
	whenItDies: 'the thread of command ended',
});
