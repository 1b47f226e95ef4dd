import type { TimedTarget } from '../shared/timing/pings.ts';
import { WorkerThread } from '../shared/worker-thread.ts';
import type { ProgramRun } from './run.ts';

/** The thread that runs programs, for all jobs. */
export const commandThread = new WorkerThread<ProgramRun, readonly TimedTarget[]>({
	module: new URL('./worker.js', import.meta.url),
	name: 'command',
	whenItDies: 'the thread of command ended',
});
