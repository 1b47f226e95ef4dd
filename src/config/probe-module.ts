import { z } from 'zod';
import { loadPlugIn } from '../host/plug-in-module.ts';
import { factKinds, wrongWithDeclarations } from '../model/facts.ts';
import { once } from '../model/once.ts';
import type { AnyProbe, ProbeTable } from '../model/probe.ts';
import { aFunction, aName, aSchema, contractFault } from './plug-in-contract.ts';

/** Or why there is none: one line without the path of the module. */
export type LoadedProbe = { readonly probe: AnyProbe } | { readonly fault: string };

/**
 * Loads a probe that is not ours from a file and holds it against the contract() in `src/model/probe.ts`. Never throws.
 *
 * @param path absolute
 * @param taken probes whose names it may not have
 */
export async function loadProbeModule(path: string, taken: ProbeTable): Promise<LoadedProbe> {
	const loaded = await loadPlugIn(path);
	if ('fault' in loaded) return loaded;
	try {
		const fault = faultOf(loaded.plugIn, taken);
		return fault === null ? { probe: loaded.plugIn as AnyProbe } : { fault };
	} catch (error) {
		return { fault: `cannot be loaded: ${error instanceof Error ? error.message : String(error)}` };
	}
}

/** These keys of an order mean something else. */
const orderKeys = new Set([
	'user',
	'task',
	'step',
	'pings',
	'probe',
	'rrd_template',
	'measurement_name',
	'tags',
	'telegraf',
]);

const contract = once(() =>
	z.object({
		name: aName,
		options: aSchema,
		target: z.string(),
		settings: aSchema,
		intervalUnit: z.enum(['ms', 's']).optional(),
		lanes: z.union([z.number().positive(), aFunction]),
		batchMax: aFunction,
		needMs: aFunction,
		measure: aFunction,
		facts: z
			.array(
				z.object({
					name: z.string(),
					kind: z.enum(factKinds),
					unit: z.string().optional(),
					help: z.string(),
					per: z.enum(['ping', 'measurement']),
					undeclaredMax: z.int().min(0).optional(),
				}),
			)
			.optional(),
		shown: aFunction.optional(),
		check: aFunction.optional(),
		close: aFunction.optional(),
	}),
);

/** Some timing that every probe should be able to do. */
const usual = { stepSeconds: 300, pings: 5 };

/** Null when it is a probe. */
function faultOf(value: unknown, taken: ProbeTable): string | null {
	const broken = contractFault(contract(), value, 'probe');
	if (broken !== null) return broken;
	const probe = value as AnyProbe;
	if (orderKeys.has(probe.name)) return `name: ${probe.name} is a key of every order. Choose another name`;
	if (taken.has(probe.name)) return `name: there is a probe ${probe.name} already. Choose another name`;
	if (!probe.settings.safeParse({}).success)
		return 'settings: must accept an empty mapping, since nobody need write any';
	const declarations = wrongWithDeclarations(probe.facts ?? []);
	if (declarations !== null) return `facts: ${declarations}`;
	const batchMax: unknown = probe.batchMax(usual);
	if (!Number.isInteger(batchMax) || Number(batchMax) < 1) {
		return `batchMax: must return a whole number, at least 1, not ${String(batchMax)}`;
	}
	const needMs: unknown = probe.needMs(1, usual);
	if (typeof needMs !== 'number' || !(needMs >= 0)) {
		return `needMs: must return milliseconds, not ${String(needMs)}`;
	}
	return null;
}
