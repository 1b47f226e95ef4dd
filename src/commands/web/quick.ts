import { builtInProbes } from '../../../probes/index.ts';
import { runOne } from '../run-one.ts';
import { registerWeb } from './index.ts';

await runOne(registerWeb, builtInProbes);
