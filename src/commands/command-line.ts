import type { Command } from 'commander';
import { builtInProbes } from '../../probes/index.ts';
import type { ProbeTable } from '../model/probe.ts';
import { registerAlerts } from './alerts/index.ts';
import { registerCheck } from './check/index.ts';
import { registerCompletion } from './completion/index.ts';
import { registerContainer } from './container/index.ts';
import { registerExplain } from './explain/index.ts';
import { registerExport } from './export/index.ts';
import { registerGraph } from './graph/index.ts';
import { graphProgram } from './graph/program.ts';
import { registerImport } from './import/index.ts';
import { registerMan } from './man/index.ts';
import { registerMeasure } from './measure/index.ts';
import { mpcliProgram } from './mpcli/index.ts';
import { registerOrder } from './order/index.ts';
import { registerPop } from './pop/index.ts';
import { bareProgram } from './program.ts';
import { registerReplay } from './replay/index.ts';
import { registerReport } from './report/index.ts';
import { registerRun } from './run/index.ts';
import { registerSink } from './sink/index.ts';
import { registerStatus, statusProgram } from './status/index.ts';
import { registerSupport } from './support/index.ts';
import { registerWeb } from './web/index.ts';

/**
 * The program with all its commands, which know these probes. What shells complete and the manual page are made from
 * it too.
 */
export function commandLine(probes: ProbeTable = builtInProbes): Command {
	const program = bareProgram();
	registerRun(program);
	registerPop(program);
	registerReplay(program, probes);
	registerWeb(program, probes);
	registerCheck(program, probes);
	registerStatus(program, probes);
	registerExplain(program, probes);
	registerGraph(program, probes);
	registerExport(program);
	registerReport(program, probes);
	registerOrder(program, probes);
	registerAlerts(program, probes);
	registerImport(program, probes);
	registerMeasure(program, probes);
	registerSink(program, probes);
	registerSupport(program, probes);
	registerCompletion(program, olderPrograms);
	registerContainer(program);
	registerMan(program, olderPrograms);
	return program;
}

/** Programs of their own, with the names that commands had before, here or in meshping. */
export function olderPrograms(): readonly Command[] {
	return [statusProgram(builtInProbes), graphProgram(builtInProbes), mpcliProgram(builtInProbes)];
}
