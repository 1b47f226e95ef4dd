import { builtInProbes } from '../../../probes/index.ts';
import { runOne } from '../run-one.ts';
import { registerReplay } from './index.ts';

await runOne(registerReplay, builtInProbes);
