#!/usr/bin/env node
/** `pingmachine-status`: the name that the command had before there was `pingmachine status`. */
import { Command } from 'commander';
import { builtInProbes } from '../../probes/index.ts';
import { probesForCommand } from '../known-probes.ts';
import { version } from '../version.ts';
import { describeStatus } from './status.ts';

const program = new Command('pingmachine-status').version(version);
describeStatus(program, await probesForCommand(process.argv, builtInProbes));
await program.parseAsync();
