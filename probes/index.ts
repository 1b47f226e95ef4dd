import type { AnyProbe, ProbeTable } from '../src/model/probe.ts';
import { fping } from './fping.ts';
import { httping } from './httping.ts';
import { icmp } from './icmp.ts';
import { pping } from './pping.ts';
import { sping } from './sping.ts';
import { ssh } from './ssh.ts';

const probes: readonly AnyProbe[] = [fping, icmp, httping, ssh, sping, pping];

/** The probes that orders may name. */
export const builtInProbes: ProbeTable = new Map(probes.map((probe) => [probe.name, probe]));
