import { builtInProbes } from '../../../probes/index.ts';
import { runOne } from '../run-one.ts';
import { registerGraph } from './index.ts';

await runOne(registerGraph, builtInProbes);
