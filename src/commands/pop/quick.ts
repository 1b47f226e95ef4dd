import { builtInProbes } from '../../../probes/index.ts';
import { runOne } from '../run-one.ts';
import { registerPop } from './index.ts';

await runOne(registerPop, builtInProbes);
