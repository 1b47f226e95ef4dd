import type { AnyProbe, ProbeTable } from '../src/model/probe.ts';
import { fping } from './fping/index.ts';
import { httping } from './httping/index.ts';
import { icmp } from './icmp/index.ts';
import { pping } from './pping/index.ts';
import { sping } from './sping/index.ts';
import { ssh } from './ssh/index.ts';

const probes: readonly AnyProbe[] = [fping, icmp, httping, ssh, sping, pping];

/** The probes that orders may name. */
export const builtInProbes: ProbeTable = new Map(probes.map((probe) => [probe.name, probe]));
