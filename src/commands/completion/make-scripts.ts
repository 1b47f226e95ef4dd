/** Run by the build: makes the scripts that `pingmachine completion` prints. */
import { commandLine, olderPrograms } from '../command-line.ts';
import { completionScript, shells } from './index.ts';
import { keepScript } from './made-script.ts';

const programs = [commandLine(), ...olderPrograms()];
for (const shell of shells) keepScript(shell, completionScript(shell, programs));
