import type { AnyProbe, ProbeTable } from '../src/model/probe.ts';
import { fping } from './fping.ts';

const probes: readonly AnyProbe[] = [fping];

/** The probes that orders may name. */
export const builtInProbes: ProbeTable = new Map(probes.map((probe) => [probe.name, probe]));
