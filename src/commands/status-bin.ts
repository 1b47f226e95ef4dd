#!/usr/bin/env node
import { builtInProbes } from '../../probes/index.ts';
import { probesForCommand } from '../known-probes.ts';
import { statusProgram } from './status.ts';

await statusProgram(await probesForCommand(process.argv, builtInProbes)).parseAsync();
