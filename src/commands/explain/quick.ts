import { builtInProbes } from '../../../probes/index.ts';
import { runOne } from '../run-one.ts';
import { registerExplain } from './index.ts';

await runOne(registerExplain, builtInProbes);
