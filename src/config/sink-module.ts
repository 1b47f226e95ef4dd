import { z } from 'zod';
import { loadPlugIn } from '../host/plug-in-module.ts';
import { describeFindingIn } from '../model/findings.ts';
import { printable } from '../model/printable.ts';
import type { AnySink, SinkTable } from '../model/sink.ts';
import { readConfigRoot } from './config-text.ts';
import { aFunction, aName, aSchema, contractFault } from './plug-in-contract.ts';
import { sinkModulesIn } from './sink-config.ts';

const contract = z.object({
	name: aName,
	settings: aSchema,
	destination: aFunction,
	confirms: aFunction,
	takes: aFunction.optional(),
	open: aFunction,
	setup: aFunction.optional(),
});

/**
 * The built-in sinks and those whose modules the config file names, and a line for each module that is at fault. What
 * else is wrong with the file is for others to say.
 *
 * @param text of the file, if it has been read
 */
export async function loadSinks(
	file: string | undefined,
	builtIn: SinkTable,
	text?: Uint8Array,
): Promise<{ readonly sinks: SinkTable; readonly faults: readonly string[] }> {
	if (file === undefined) return { sinks: builtIn, faults: [] };
	const root = readConfigRoot(file, text);
	const { modules } = sinkModulesIn('mapping' in root ? root.mapping['sinks'] : undefined);
	const sinks = new Map<string, AnySink>(builtIn);
	const faults: string[] = [];
	for (const path of modules) {
		const loaded = await loadPlugIn(path);
		const fault = 'fault' in loaded ? loaded.fault : faultOf(loaded.plugIn, sinks);
		if (fault !== null) {
			faults.push(describeFindingIn(file, { key: 'sinks', message: `${printable(path)}: ${fault}` }));
		} else if ('plugIn' in loaded) {
			const sink = loaded.plugIn as AnySink;
			sinks.set(sink.name, sink);
		}
	}
	return { sinks, faults };
}

/** Null when it is a sink. */
function faultOf(value: unknown, taken: SinkTable): string | null {
	const broken = contractFault(contract, value, 'sink');
	if (broken !== null) return broken;
	const { name } = value as AnySink;
	return taken.has(name) ? `name: there is a sink ${name} already. Choose another name` : null;
}
