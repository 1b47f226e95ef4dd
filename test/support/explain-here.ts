import { builtInProbes } from '../../probes/index.ts';
import type { Explanation } from '../../src/commands/explain/facts.ts';
import { type ExplainOptions, explain } from '../../src/commands/explain/index.ts';
import type { Daemon } from './daemon.ts';

/** What `pingmachine explain` tells of a daemon, without a program of its own for each look. */
export async function explainHere(
	daemon: Daemon,
	id: string,
	options: ExplainOptions = {},
): Promise<{ exitCode: number; out: string; err: string }> {
	let out = '';
	let err = '';
	const exitCode = await explain(
		id,
		{ basedir: daemon.baseDir, ...options },
		{
			probes: builtInProbes,
			nowMs: Date.now,
			columns: 80,
			colours: false,
			stdout: { write: (text: string) => (out += text) },
			stderr: { write: (text: string) => (err += text) },
		},
	);
	return { exitCode, out, err };
}

export async function toldHere(daemon: Daemon, id: string): Promise<Explanation> {
	return JSON.parse((await explainHere(daemon, id, { json: true })).out);
}
