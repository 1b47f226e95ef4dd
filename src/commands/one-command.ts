import type { Command } from 'commander';
import type { ProbeTable } from '../model/probe.ts';
import { bareProgram } from './program.ts';

type Register = (program: Command, probes: ProbeTable) => void;

/** The commands that programs and people start all the time: without what all the others load, in half the time. */
const commands: Readonly<Record<string, () => Promise<Register>>> = {
	run: async () => (await import('./run/index.ts')).registerRun,
	pop: async () => (await import('./pop/index.ts')).registerPop,
	pops: async () => (await import('./pop/index.ts')).registerPop,
	web: async () => (await import('./web/index.ts')).registerWeb,
	check: async () => (await import('./check/index.ts')).registerCheck,
	status: async () => (await import('./status/index.ts')).registerStatus,
	explain: async () => (await import('./explain/index.ts')).registerExplain,
	graph: async () => (await import('./graph/index.ts')).registerGraph,
	export: async () => (await import('./export/index.ts')).registerExport,
	replay: async () => (await import('./replay/index.ts')).registerReplay,
	report: async () => (await import('./report/index.ts')).registerReport,
	order: async () => (await import('./order/index.ts')).registerOrder,
	alerts: async () => (await import('./alerts/index.ts')).registerAlerts,
	import: async () => (await import('./import/index.ts')).registerImport,
	measure: async () => (await import('./measure/index.ts')).registerMeasure,
	sink: async () => (await import('./sink/index.ts')).registerSink,
	support: async () => (await import('./support/index.ts')).registerSupport,
	container: async () => (await import('./container/index.ts')).registerContainer,
};

/** The program with the command of this name alone. Null: it is not known here, and may be a slip. */
export async function oneCommand(name: string, probes: ProbeTable): Promise<Command | null> {
	const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
	if (load === undefined) return null;
	const register = await load();
	const program = bareProgram();
	register(program, probes);
	return program;
}
