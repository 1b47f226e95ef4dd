import { builtInProbes } from '../../../probes/index.ts';
import { runOne } from '../run-one.ts';
import { registerExport } from './index.ts';

await runOne(registerExport, builtInProbes);
