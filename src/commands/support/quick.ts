import { builtInProbes } from '../../../probes/index.ts';
import { runOne } from '../run-one.ts';
import { registerSupport } from './index.ts';

await runOne(registerSupport, builtInProbes);
