#!/usr/bin/env node
import { builtInProbes } from '../probes/index.ts';
import { commandLine } from './command-line.ts';
import { probesForCommand } from './known-probes.ts';

// `run` loads its probes itself, and does not start when there is something wrong with one.
const isRun = process.argv[2] === 'run';
await commandLine(isRun ? builtInProbes : await probesForCommand(process.argv, builtInProbes)).parseAsync();
