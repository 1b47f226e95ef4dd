import { runAlone } from '../run-one.ts';
import { registerRun } from './index.ts';

await runAlone(registerRun);
