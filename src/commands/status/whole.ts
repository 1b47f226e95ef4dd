import { builtInProbes } from '../../../probes/index.ts';
import type { Asked } from '../../memory/ask-socket.ts';
import { runOne } from '../run-one.ts';
import type { DaemonView } from './daemon.ts';
import { registerStatus } from './index.ts';

/** Runs the command line of this process with all that the command can do. */
export async function runWhole(early: Asked<DaemonView> | null): Promise<void> {
	await runOne((program, probes) => registerStatus(program, probes, early), builtInProbes);
}
