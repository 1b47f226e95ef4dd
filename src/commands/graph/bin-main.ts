import { builtInProbes } from '../../../probes/index.ts';
import { graphProgram } from './program.ts';

await graphProgram(builtInProbes).parseAsync();
