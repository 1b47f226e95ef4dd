import { builtInProbes } from '../../../probes/index.ts';
import { probesForCommand } from '../../config/known-probes.ts';
import { statusProgram } from './index.ts';

await statusProgram(await probesForCommand(process.argv, builtInProbes)).parseAsync();
