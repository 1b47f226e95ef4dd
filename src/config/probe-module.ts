import { accessSync, constants } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { printable } from '../model/printable.ts';
import type { AnyProbe, ProbeTable } from '../model/probe.ts';

/** What a probe's module may export by default: the probe, or a function that makes it of what it is given. */
type ProbeExport = AnyProbe | ((given: { readonly z: typeof z }) => AnyProbe);

/** Or why there is none: one line without the path of the module. */
export type LoadedProbe = { readonly probe: AnyProbe } | { readonly fault: string };

/** A module that waits for something at its top level must not keep the daemon from starting. */
const loadMaxMs = 10_000;

/**
 * Loads a probe that is not ours from a file and holds it against the contract in `src/model/probe.ts`. Never throws.
 *
 * @param path absolute
 * @param taken probes whose names it may not have
 */
export async function loadProbeModule(path: string, taken: ProbeTable): Promise<LoadedProbe> {
	try {
		accessSync(path, constants.R_OK);
		const module: { default?: ProbeExport } = await within(loadMaxMs, import(pathToFileURL(path).href));
		const exported = module.default;
		if (exported === undefined)
			return { fault: 'has no default export. Write export default ({ z }) => ({ name: …' };
		const probe: unknown = typeof exported === 'function' ? exported({ z }) : exported;
		const fault = faultOf(probe, taken);
		return fault === null ? { probe: probe as AnyProbe } : { fault };
	} catch (error) {
		return { fault: `cannot be loaded: ${reasonOf(error)}` };
	}
}

async function within<T>(timeoutMs: number, loading: Promise<T>): Promise<T> {
	let timer: NodeJS.Timeout | undefined;
	const tooLong = new Promise<never>((_resolve, reject) => {
		const error = new Error(
			`it was not done after ${timeoutMs / 1000} s. Do not await anything at its top level`,
		);
		timer = setTimeout(() => reject(error), timeoutMs);
	});
	try {
		return await Promise.race([loading, tooLong]);
	} finally {
		clearTimeout(timer);
	}
}

function reasonOf(error: unknown): string {
	const { code, message, name }: NodeJS.ErrnoException =
		error instanceof Error ? error : new Error(String(error));
	if (code === 'ENOENT') return 'there is no such file. Correct the path';
	if (code === 'EACCES') return 'permission denied. Make it readable for the user pingmachine starts as';
	return printable(name === 'Error' ? message : `${name}: ${message}`).slice(0, 300);
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

const aFunction = z.custom<(...given: never[]) => unknown>(
	(value) => typeof value === 'function',
	'must be a function',
);
const aSchema = z.custom<z.ZodType>(
	(value) => typeof value === 'object' && value !== null && '_zod' in value && 'safeParse' in value,
	'must be a schema made with the z that the function is given (zod 4)',
);

const contract = z.object({
	name: z
		.string()
		.regex(/^[a-z][a-z0-9_-]{0,31}$/, 'must be lower-case letters, digits, - and _, such as mine'),
	options: aSchema,
	target: z.string(),
	settings: aSchema,
	lanes: z.union([z.number().positive(), aFunction]),
	batchMax: aFunction,
	needMs: aFunction,
	measure: aFunction,
	shown: aFunction.optional(),
	check: aFunction.optional(),
});

/** Some timing that every probe should be able to do. */
const usual = { stepSeconds: 300, pings: 5 };

/** Null when it is a probe. */
function faultOf(value: unknown, taken: ProbeTable): string | null {
	const read = contract.safeParse(value);
	if (!read.success) {
		const [issue] = read.error.issues;
		const key = issue?.path.join('.') ?? '';
		return key === '' ? 'does not export a probe, or a function that makes one' : `${key}: ${issue?.message}`;
	}
	const probe = value as AnyProbe;
	if (orderKeys.has(probe.name)) return `name: ${probe.name} is a key of every order. Choose another name`;
	if (taken.has(probe.name)) return `name: there is a probe ${probe.name} already. Choose another name`;
	if (!probe.settings.safeParse({}).success)
		return 'settings: must accept an empty mapping, since nobody need write any';
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
