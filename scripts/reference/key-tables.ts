import type { z } from 'zod';
import { builtInProbes } from '../../probes/index.ts';
import { builtInNotifiers } from '../../src/alerts/notifiers/index.ts';
import { configFileKeys } from '../../src/config/config.ts';
import { commonNotifierSettings } from '../../src/config/notifier-config.ts';
import { commonSinkSettings } from '../../src/config/sink-config.ts';
import { declaredFacts, type FactDeclaration } from '../../src/model/facts.ts';
import type { AnyProbe } from '../../src/model/probe.ts';
import { readOrder } from '../../src/reading/order.ts';
import { builtInSinks } from '../../src/sinks/index.ts';
import { answersOf, defaultOf, isRequired, keysIn, sorted, takesOf } from './takes.ts';

export type Row = readonly string[];

/** A table of Markdown. */
export function table(head: Row, rows: readonly Row[]): string {
	const line = (cells: Row) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
	return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

interface KeyRow {
	readonly path: string;
	readonly takes: string;
}

/** Every key, with those below it behind it. */
function keyRows(whole: z.ZodType, keys: Readonly<Record<string, z.ZodType>>, before = ''): KeyRow[] {
	return Object.entries(keys).flatMap(([key, schema]) => {
		const path = `${before}${key}`;
		const below = keysIn(schema);
		if (Object.keys(below.keys).length > 0)
			return keyRows(below.whole, below.keys, `${path}${below.between}`);
		const notes = [isRequired(whole, key) ? 'required' : '', defaultWords(schema)].filter(
			(note) => note !== '',
		);
		const takes = takesOf(answersOf(whole, key));
		return [{ path, takes: [takes, ...notes].join('; ') }];
	});
}

function defaultWords(schema: z.ZodType): string {
	const value = defaultOf(schema);
	return value === null ? '' : `default ${value}`;
}

function rowsOf(schema: z.ZodType, before = ''): KeyRow[] {
	const { keys, whole } = keysIn(schema);
	return keyRows(whole, keys, before);
}

const keyTable = (rows: readonly KeyRow[]) =>
	table(
		['key', 'value'],
		rows.map(({ path, takes }) => [`\`${path}\``, takes]),
	);

/** Read elsewhere, each with a table of its own. */
const elsewhere = new Set(['probes', 'sinks', 'notifiers']);

/** The config file, with the variable that says each key. */
export function configTable(): string {
	const ownRows = rowsOf(configFileKeys).filter(({ path }) => !elsewhere.has(path));
	const probeRows = [...builtInProbes].flatMap(([name, { settings }]) => rowsOf(settings, `probes.${name}.`));
	return table(
		['key', 'value', 'variable'],
		[...ownRows, ...probeRows].map(({ path, takes }) => [`\`${path}\``, takes, variableOf(path)]),
	);
}

function variableOf(path: string): string {
	// Of lists a variable says the whole.
	const [whole = ''] = path.split('[]');
	return `\`PINGMACHINE_${whole.replaceAll('.', '_').toUpperCase()}\``;
}

export const sinkTable = (name: string) => keyTable(rowsOf(pluggedIn(builtInSinks, name).settings));
export const commonSinkTable = () => keyTable(rowsOf(commonSinkSettings));

/** What all have in common, then what each has. */
export function notifierTables(): string {
	const own = [...builtInNotifiers].map(([name, { settings }]) => {
		return `\`type: ${name}\`:\n\n${keyTable(rowsOf(settings))}`;
	});
	return [keyTable(rowsOf(commonNotifierSettings)), ...own].join('\n\n');
}

function pluggedIn<T>(all: ReadonlyMap<string, T>, name: string): T {
	const found = all.get(name);
	if (found === undefined) throw new Error(`there is no ${name}`);
	return found;
}

/** The keys of a probe's section, and its facts. */
export function probeTables(name: string): string {
	const probe: AnyProbe = pluggedIn(builtInProbes, name);
	const common = new Set(declaredFacts().map((fact) => fact.name));
	const own = declaredFacts(probe.facts).filter((fact) => !common.has(fact.name));
	const keys = keyTable(rowsOf(probe.options));
	return own.length === 0 ? keys : `${keys}\n\n${factTable(own)}`;
}

function factTable(facts: readonly FactDeclaration[]): string {
	return table(
		['fact', 'kind', 'of a', 'what it is'],
		facts.map(({ name, kind, unit, per, help }) => [
			`\`${name}\``,
			unit === undefined ? kind : `${kind}, ${unit}`,
			per,
			help,
		]),
	);
}

/** The facts of every probe. */
export const commonFactTable = () => factTable(declaredFacts());

/** Every key at the top of an order, as `orders/` are read. */
export const orderKeys = [
	...[
		'user',
		'task',
		'step',
		'pings',
		'probe',
		'expires',
		'once',
		'title',
		'note',
		'link',
		'objective',
		'route',
	],
	...[
		'slots',
		'buckets',
		'rrd_template',
		'alerts',
		'parents',
		'where',
		'telegraf',
		'measurement_name',
		'tags',
	],
];
const requiredKeys = new Set(['user', 'step', 'pings', 'probe']);
const example = { user: 'me', step: 60, pings: 5, probe: 'icmp', icmp: { host: '192.0.2.7' } };

export function orderTable(): string {
	return table(
		['key', 'value'],
		orderKeys.map((key) => {
			const takes = takesOf((value) => {
				const read = readOrder('reference', JSON.stringify({ ...example, [key]: value }), builtInProbes);
				return sorted('findings' in read ? read.findings : (read.notes ?? []), key);
			});
			return [`\`${key}\``, requiredKeys.has(key) ? `${takes}; required` : takes];
		}),
	);
}
