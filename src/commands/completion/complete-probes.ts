import { existsSync } from 'node:fs';
import { probeModules } from '../../../probes/modules.ts';
import type { AnyProbe, ProbeTable } from '../../model/probe.ts';

/** Those that come with pingmachine, without loading them, and those of the config of an installed one. */
export async function probeNames(): Promise<readonly string[]> {
	return [...Object.keys(probeModules), ...(await ownProbes()).keys()];
}

/** What `--option` of an order for this probe can begin with: `interval=`, say. Its target is told otherwise. */
export async function optionsOf(name: string): Promise<readonly string[]> {
	const load = Object.hasOwn(probeModules, name) ? probeModules[name] : undefined;
	const probe: AnyProbe | undefined = load === undefined ? (await ownProbes()).get(name) : await load();
	if (probe === undefined) return [];
	const { keysOf } = await import('../../reading/strict-section.ts');
	return keysOf(probe.options).flatMap((key) => (key === probe.target ? [] : [`${key}=`]));
}

async function ownProbes(): Promise<ProbeTable> {
	if (!existsSync(usualConfigFile)) return new Map();
	const { loadProbes } = await import('../../config/known-probes.ts');
	return (await loadProbes(usualConfigFile, new Map())).probes;
}

/** The config file of an installed pingmachine. */
const usualConfigFile = '/etc/pingmachine/pingmachine.yaml';
