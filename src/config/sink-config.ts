import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { inWords, notKnown } from '../model/findings.ts';
import type { OrderFinding } from '../model/order.ts';
import { excerpt } from '../model/printable.ts';
import type { AnySink, SinkTable } from '../model/sink.ts';
import type { SinkEntry } from '../model/sink-entry.ts';
import { spanAsNumber } from '../model/span.ts';
import { readStrict } from '../reading/strict-section.ts';
import { isMapping, type Mapping } from '../reading/yaml-mapping.ts';
import { sinkName } from './sink-name.ts';

/** What the config file and the command line say about sinks, and what is wrong with it. */
export interface ReadSinks {
	readonly entries: readonly SinkEntry[];
	readonly fileFindings: readonly OrderFinding[];
	readonly flagFindings: readonly OrderFinding[];
}

/**
 * Reads the entries of `sinks:`, and `--telegraf HOST:PORT`, which adds one more.
 *
 * @param written the entries as they were written
 */
export function readSinks(
	written: readonly unknown[],
	telegraf: string | undefined,
	table: SinkTable,
): ReadSinks {
	const fileFindings: OrderFinding[] = [];
	const flagFindings: OrderFinding[] = [];
	const names = new Set<string>();
	const { findings } = sinkModulesIn(written);
	fileFindings.push(...findings);
	const entries = written.map((entry, index) =>
		isModule(entry) ? null : readEntry(entry, `sinks[${index}]`, table, names, fileFindings),
	);
	if (telegraf !== undefined) entries.push(readFlag(telegraf, table, names, flagFindings));
	return { entries: entries.filter((entry) => entry !== null), fileFindings, flagFindings };
}

/** The modules that the entries of `sinks:` name: absolute paths. */
export function sinkModulesIn(written: unknown): {
	readonly modules: readonly string[];
	readonly findings: readonly OrderFinding[];
} {
	const modules: string[] = [];
	const findings: OrderFinding[] = [];
	for (const [index, entry] of (Array.isArray(written) ? written : []).entries()) {
		if (!isModule(entry)) continue;
		if (!modules.includes(entry)) modules.push(entry);
		else {
			const message = `${excerpt(entry)} is written twice. Keep one of them`;
			findings.push({ key: `sinks[${index}]`, message });
		}
	}
	return { modules, findings };
}

/** A mapping is a sink, the path of a file from the root is a module that brings one. */
function isModule(entry: unknown): entry is string {
	return typeof entry === 'string' && isAbsolute(entry);
}

function readFlag(
	telegraf: string,
	table: SinkTable,
	names: Set<string>,
	findings: OrderFinding[],
): SinkEntry | null {
	const key = '--telegraf';
	const port = Number(/^(?:\[[\da-f:.]+(?:%[^\]]+)?\]|[^\s:/@[\]]+):(\d{1,5})$/i.exec(telegraf)?.[1] ?? 0);
	if (port < 1 || port > 65_535) {
		const message = `must be a host and a port, such as 127.0.0.1:8094 or [::1]:8094, not ${inWords(telegraf)}`;
		findings.push({ key, message });
		return null;
	}
	return readEntry({ type: 'telegraf', url: `udp://${telegraf}` }, key, table, names, findings);
}

const globs = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

const factName = z.string().regex(/^[a-z][a-z0-9_]*$/, 'must be the name of a fact, such as jitter');

/** The keys that all sinks have in common. */
export const commonSinkSettings = z.strictObject({
	type: z.string(),
	name: z
		.string()
		.regex(
			/^[A-Za-z\d][\w.-]{0,63}$/,
			'must have 1 to 64 letters, digits, dots, - and _, a letter or digit first',
		)
		.optional(),
	orders: globs.optional(),
	users: globs.optional(),
	probes: globs.optional(),
	facts: z
		.union([z.boolean(), z.array(factName).min(1)], 'must be true, or a list of names of facts')
		.optional(),
	queue: z.int().min(1).max(1_000_000).optional(),
	batch: z
		.strictObject({
			size: z.int().min(1).max(100_000).optional(),
			wait: z.preprocess(spanAsNumber('s'), z.number().min(0).max(3600).optional()),
		})
		.optional(),
	timeout: z.preprocess(spanAsNumber('s'), z.number().min(0.1).max(300).optional()),
	spool: z
		.strictObject({
			max_mb: z.number().min(1).max(1_000_000).optional(),
			max_hours: z.preprocess(spanAsNumber('h'), z.number().min(0.1).max(100_000).optional()),
		})
		.optional(),
});

type Common = z.infer<typeof commonSinkSettings>;
/** Their names. */
export const commonKeys: readonly string[] = Object.keys(commonSinkSettings.shape);

function readEntry(
	written: unknown,
	key: string,
	table: SinkTable,
	names: Set<string>,
	findings: OrderFinding[],
): SinkEntry | null {
	if (!isMapping(written)) {
		const message = `must be a mapping, not ${inWords(written)}. Write type: and what that sink needs`;
		findings.push({ key, message });
		return null;
	}
	const sink = table.get(String(written['type']));
	if (sink === undefined) {
		findings.push(unknownType(written['type'], key, table));
		return null;
	}
	const ours = Object.entries(written).filter(([name]) => commonKeys.includes(name));
	const settings = Object.fromEntries(Object.entries(written).filter(([name]) => !commonKeys.includes(name)));
	const read = readStrict(commonSinkSettings, Object.fromEntries(ours), key);
	const own = readStrict<unknown>(sink.settings, settings, key, commonKeys);
	if ('findings' in read) findings.push(...read.findings);
	if ('findings' in own) findings.push(...own.findings);
	if ('findings' in read || 'findings' in own) return null;
	try {
		return entryOf({ sink, common: read.value, settings, value: own.value, key }, names, findings);
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		findings.push({
			key,
			message: `could not be checked, which is a fault of pingmachine: ${excerpt(reason)}`,
		});
		return null;
	}
}

function unknownType(type: unknown, key: string, table: SinkTable): OrderFinding {
	const known = [...table.keys()];
	if (type !== undefined && type !== null)
		return { key: `${key}.type`, message: notKnown('sink', type, known) };
	return { key: `${key}.type`, message: `is missing. Write type: and one of ${known.join(', ')}` };
}

interface ReadEntry {
	readonly sink: AnySink;
	readonly common: Common;
	/** As written. */
	readonly settings: Mapping;
	/** What the sink's schema made of them. */
	readonly value: unknown;
	readonly key: string;
}

function entryOf(
	{ sink, common, settings, value, key }: ReadEntry,
	names: Set<string>,
	findings: OrderFinding[],
) {
	const { type, name: given, orders, users, probes, facts, queue, batch, timeout, spool } = common;
	const destination = sink.destination(value);
	if (spool !== undefined && !sink.confirms(value)) {
		const message = `${destination} does not say what it has taken, so there is nothing to keep for it. Remove spool:`;
		findings.push({ key: `${key}.spool`, message });
		return null;
	}
	if (given !== undefined && names.has(given)) {
		findings.push({ key: `${key}.name`, message: `another sink is called ${given}. Give it another name` });
		return null;
	}
	const name = given ?? sinkName(type, destination, names);
	names.add(name);
	return {
		name,
		type,
		settings,
		filter: { ids: listOf(orders), users: listOf(users), probes: listOf(probes) },
		...(facts === undefined || facts === false ? {} : { facts }),
		limits: {
			queueMax: queue ?? 50_000,
			batchMax: batch?.size ?? sink.batch?.size ?? 1000,
			batchWaitMs: (batch?.wait ?? sink.batch?.waitSeconds ?? 1) * 1000,
			timeoutMs: (timeout ?? 10) * 1000,
			spoolMaxBytes: (spool?.max_mb ?? 1024) * 1e6,
			spoolMaxAgeMs: (spool?.max_hours ?? 72) * 3600_000,
		},
	} satisfies SinkEntry;
}

function listOf(globs: string | readonly string[] | undefined): readonly string[] | null {
	if (globs === undefined) return null;
	return typeof globs === 'string' ? [globs] : globs;
}
