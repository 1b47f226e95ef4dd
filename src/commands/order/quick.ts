import { builtInProbes } from '../../../probes/index.ts';
import { runOne } from '../run-one.ts';
import { registerOrder } from './index.ts';

await runOne(registerOrder, builtInProbes);
