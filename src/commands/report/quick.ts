import { builtInProbes } from '../../../probes/index.ts';
import { runOne } from '../run-one.ts';
import { registerReport } from './index.ts';

await runOne(registerReport, builtInProbes);
