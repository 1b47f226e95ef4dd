import { builtInProbes } from '../../../probes/index.ts';
import { runOne } from '../run-one.ts';
import { registerSink } from './index.ts';

await runOne(registerSink, builtInProbes);
