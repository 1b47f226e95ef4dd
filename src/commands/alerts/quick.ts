import { builtInProbes } from '../../../probes/index.ts';
import { runOne } from '../run-one.ts';
import { registerAlerts } from './index.ts';

await runOne(registerAlerts, builtInProbes);
