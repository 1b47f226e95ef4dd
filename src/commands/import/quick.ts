import { builtInProbes } from '../../../probes/index.ts';
import { runOne } from '../run-one.ts';
import { registerImport } from './index.ts';

await runOne(registerImport, builtInProbes);
