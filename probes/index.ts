import type { ProbeTable } from '../src/model/probe.ts';
import { probeModules } from './modules.ts';

const probes = await Promise.all(Object.values(probeModules).map((load) => load()));

/** The probes that orders may name. */
export const builtInProbes: ProbeTable = new Map(probes.map((probe) => [probe.name, probe]));
