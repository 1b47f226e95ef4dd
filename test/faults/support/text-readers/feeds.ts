import { builtInProbes } from '../../../../probes/index.ts';
import type { CommandResult } from '../../../../src/model/probe.ts';
import { readOrder } from '../../../../src/reading/order.ts';

/** Does with a text all that a module does with texts from outside. May throw and return what it likes. */
export type Feed = (text: string) => unknown;

/** By path of a module: what feeds it, or why nothing from outside gets there. */
export type TextReaders = Readonly<Record<string, readonly Feed[] | string>>;

export const quoted = (text: string) => JSON.stringify(text);
export const order = (more: string) => `user: tmon\nstep: 300\npings: 20\n${more}`;
export const read = (more: string) => readOrder('app/ping', order(more), builtInProbes);

export function run(stdout: string, stderr = stdout): CommandResult {
	const result = { stdout, stderr, exitCode: 0, endedBy: null, stopped: false, truncated: false };
	return { ...result, startedAtSeconds: 1_800_000_000 };
}

export const paths = 'paths, which the kernel limits to 4,096 bytes';
