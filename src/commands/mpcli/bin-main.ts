import { builtInProbes } from '../../../probes/index.ts';
import { probesForCommand } from '../../config/known-probes.ts';
import { mpcliProgram } from './index.ts';

await mpcliProgram(await probesForCommand(process.argv, builtInProbes)).parseAsync();
