import { builtInProbes } from '../../../probes/index.ts';
import { runOne } from '../run-one.ts';
import { registerStatus } from './index.ts';

await runOne(registerStatus, builtInProbes);
