import { Resolver } from 'node:dns/promises';
import type { Hop } from '../../src/model/hop.ts';
import { printable } from '../../src/model/printable.ts';
import { type AskTexts, type AutonomousSystem, SystemsFile, systemOf } from './autonomous-systems.ts';
import { LookUps } from './look-ups.ts';
import type { TracerouteSettings } from './settings.ts';

const nameMax = 100;
const askMs = 3000;
const dayMs = 86_400_000;
const limits = { keepMs: dayMs, againMs: 300_000, atOnce: 20, waiting: 20_000, kept: 100_000 } as const;
/** Where there is none: a name server that says so, or that has no answer. */
const noneCodes: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA']);

/** Says of addresses what they are called and whose they are, as far as it is known by now. */
export class Who {
	readonly #names: LookUps<string> | null;
	readonly #systems: LookUps<AutonomousSystem> | null;

	constructor(settings: TracerouteSettings, nowMs: () => number) {
		const resolver = new Resolver({ timeout: askMs, tries: 2 });
		if (settings.resolver !== undefined) resolver.setServers([settings.resolver]);
		this.#names =
			settings.names === false ? null : new LookUps((one) => nameOf(resolver, one), limits, nowMs);
		const { asn_file: path, asn_dns: dns } = settings;
		const file = path === undefined ? null : new SystemsFile(path, nowMs);
		const ask = dns === true ? asker(resolver) : null;
		const has = file !== null || ask !== null;
		// A week: prefixes move rarely.
		const keep = { ...limits, keepMs: 7 * dayMs };
		this.#systems = has ? new LookUps((one) => systemOf(one, file, ask), keep, nowMs) : null;
	}

	/** What is known of the addresses of a hop. Starts to look for what is not. */
	of(addresses: readonly string[]): Pick<Hop, 'names' | 'as' | 'asName' | 'origin'> {
		const names = addresses.map((address) => this.#names?.get(address) ?? null);
		let system: AutonomousSystem | null = null;
		for (const address of addresses) system ??= this.#systems?.get(address) ?? null;
		return { names, as: system?.as, asName: system?.asName, origin: system?.origin };
	}
}

async function nameOf(resolver: Resolver, address: string): Promise<string | null> {
	const names = await orNone(resolver.reverse(address));
	const name = names?.[0] ?? '';
	return name === '' ? null : printable(name.slice(0, nameMax));
}

function asker(resolver: Resolver): AskTexts {
	return async (name) => (await orNone(resolver.resolveTxt(name)))?.map((parts) => parts.join('')) ?? null;
}

/** Null when the name server says that there is none. */
async function orNone<T>(asked: Promise<T>): Promise<T | null> {
	try {
		return await asked;
	} catch (error) {
		if (noneCodes.has(String((error as { code?: unknown } | null)?.code))) return null;
		throw error;
	}
}
