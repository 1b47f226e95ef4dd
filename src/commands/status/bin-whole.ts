import { builtInProbes } from '../../../probes/index.ts';
import { probesForCommand } from '../../config/known-probes.ts';
import type { Asked } from '../../memory/ask-socket.ts';
import type { DaemonView } from './daemon.ts';
import { statusProgram } from './index.ts';

/** Runs `pingmachine-status` with all that it can do. */
export async function runWholeProgram(early: Asked<DaemonView> | null): Promise<void> {
	const probes = await probesForCommand(process.argv, builtInProbes);
	await statusProgram(probes, early).parseAsync();
}
