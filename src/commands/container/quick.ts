import { runAlone } from '../run-one.ts';
import { registerContainer } from './index.ts';

await runAlone(registerContainer);
