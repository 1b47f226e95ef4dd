import { existsSync } from 'node:fs';
import { ConfigError, loadConfig } from '../../config/config.ts';
import { usualConfigFile } from '../../config/known-probes.ts';
import { loadSinks } from '../../config/sink-module.ts';
import { version } from '../../host/version.ts';
import { nearest } from '../../model/nearest.ts';
import { excerpt, printable } from '../../model/printable.ts';
import type { ProbeTable } from '../../model/probe.ts';
import type { AnySink } from '../../model/sink.ts';
import type { SinkEntry } from '../../model/sink-entry.ts';
import { builtInSinks } from '../../sinks/index.ts';

interface SetupStreams {
	readonly stdout: { write(text: string): unknown };
	readonly stderr: { write(text: string): unknown };
}

/** Resolves with the exit code: 1 when something went wrong, which is told. */
export async function setUpSink(
	name: string,
	options: { readonly config?: string; readonly dryRun?: boolean },
	probes: ProbeTable,
	{ stdout, stderr }: SetupStreams,
): Promise<0 | 1> {
	try {
		const { sink, entry } = await namedSink(name, options.config, probes);
		if (sink.setup === undefined) {
			stdout.write(`${entry.name}: a sink of type ${entry.type} needs nothing at the other end\n`);
			return 0;
		}
		await sink.setup(sink.settings.parse(entry.settings), {
			version,
			timeoutMs: entry.limits.timeoutMs,
			signal: new AbortController().signal,
			isDryRun: options.dryRun === true,
			say: (text) => stdout.write(`${text.split('\n').map(printable).join('\n')}\n`),
		});
		return 0;
	} catch (error) {
		const lines = error instanceof ConfigError ? error.lines : [(error as Error).message];
		stderr.write(lines.map((line) => `pingmachine sink setup: ${line}\n`).join(''));
		return 1;
	}
}

async function namedSink(
	name: string,
	config: string | undefined,
	probes: ProbeTable,
): Promise<{ readonly sink: AnySink; readonly entry: SinkEntry }> {
	const file = config ?? (existsSync(usualConfigFile) ? usualConfigFile : undefined);
	const { sinks: table, faults } = await loadSinks(file, builtInSinks);
	if (faults.length > 0) throw new ConfigError(faults);
	const { sinks } = loadConfig({ file, flags: {}, probes, sinks: table });
	const entry = sinks.find((one) => one.name === name);
	const sink = table.get(entry?.type ?? '');
	if (entry !== undefined && sink !== undefined) return { sink, entry };
	const names = sinks.map((one) => one.name);
	const near = nearest(name, names);
	const there =
		names.length === 0 ? 'there is none. Name the config with --config' : `there are: ${names.join(', ')}`;
	const hint = near === null ? there : `did you mean ${near}?`;
	throw new Error(`${file ?? 'without a config file'}: no sink is called ${excerpt(name)}; ${hint}`);
}
