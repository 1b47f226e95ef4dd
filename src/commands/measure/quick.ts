import { builtInProbes } from '../../../probes/index.ts';
import { runOne } from '../run-one.ts';
import { registerMeasure } from './index.ts';

await runOne(registerMeasure, builtInProbes);
