import { builtInProbes } from '../../../probes/index.ts';
import { runOne } from '../run-one.ts';
import { registerCheck } from './index.ts';

await runOne(registerCheck, builtInProbes);
