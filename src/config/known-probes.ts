import { existsSync } from 'node:fs';
import { describeFindingIn } from '../model/findings.ts';
import { printable } from '../model/printable.ts';
import type { AnyProbe, ProbeTable } from '../model/probe.ts';
import { readConfigRoot } from './config-text.ts';
import { loadProbeModule } from './probe-module.ts';
import { readProbesSetting } from './probes-setting.ts';

/** The config file of an installed pingmachine. */
export const usualConfigFile = '/etc/pingmachine/pingmachine.yaml';

/**
 * The built-in probes and those whose modules the config file names, and a line for each module that is at fault.
 * What else is wrong with the file is for others to say.
 *
 * @param text of the file, if it has been read
 */
export async function loadProbes(
	file: string | undefined,
	builtIn: ProbeTable,
	text?: Uint8Array,
): Promise<{ readonly probes: ProbeTable; readonly faults: readonly string[] }> {
	if (file === undefined) return { probes: builtIn, faults: [] };
	const root = readConfigRoot(file, text);
	const { modules } = readProbesSetting('mapping' in root ? root.mapping['probes'] : undefined);
	const probes = new Map<string, AnyProbe>(builtIn);
	const faults: string[] = [];
	for (const path of modules) {
		const loaded = await loadProbeModule(path, probes);
		if ('probe' in loaded) probes.set(loaded.probe.name, loaded.probe);
		else
			faults.push(describeFindingIn(file, { key: 'probes', message: `${printable(path)}: ${loaded.fault}` }));
	}
	return { probes, faults };
}

/**
 * The probes for commands that read orders: of the config file that `argv` names, or of the one that an installed
 * pingmachine has. A module at fault is told on standard error; orders that need it then have an unknown probe.
 */
export async function probesForCommand(argv: readonly string[], builtIn: ProbeTable): Promise<ProbeTable> {
	const file = configFileIn(argv) ?? (existsSync(usualConfigFile) ? usualConfigFile : undefined);
	const { probes, faults } = await loadProbes(file, builtIn);
	if (faults.length > 0) process.stderr.write(`${faults.join('\n')}\n`);
	return probes;
}

function configFileIn(argv: readonly string[]): string | undefined {
	const at = argv.findIndex((word) => word === '--config' || word.startsWith('--config='));
	const word = argv[at];
	return word === '--config' ? argv[at + 1] : word?.slice('--config='.length);
}
