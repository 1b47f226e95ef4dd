import { config } from './config.ts';
import { errorFile, lastResult } from './files.ts';
import { fpingOutput } from './fping-output.ts';
import { order } from './order.ts';
import { httpingOutput, scionOutput, sshGreeting } from './probe-outputs.ts';
import { rrd } from './rrd.ts';
import type { FuzzTarget } from './target.ts';

/** All that is fuzzed. A new target is one line here. */
export const targets: readonly FuzzTarget[] = [
	order,
	config,
	fpingOutput,
	httpingOutput,
	scionOutput,
	sshGreeting,
	lastResult,
	errorFile,
	rrd,
];
