import { join } from 'node:path';
import { Gathered, type Imported } from './imported.ts';
import { type Node, readSmokepingConfig } from './smokeping-config.ts';
import { measuredBy } from './smokeping-probes.ts';
import { ruleOf } from './smokeping-rules.ts';

type Values = ReadonlyMap<string, string>;

/** What a target does not hand down to those below it. */
const ownOnly: ReadonlySet<string> = new Set(['host', 'menu', 'title', 'remark', 'parents']);

/** How a probe is made: its type, and what it says for all its targets. */
interface ProbeValues {
	readonly type: string;
	readonly values: Values;
}

interface Tree {
	readonly probes: ReadonlyMap<string, ProbeValues>;
	readonly database: Values;
	/** Where its files of results are; null: they are not wanted. */
	readonly dataDir: string | null;
	readonly gathered: Gathered;
	/** Names of those that are defined. */
	readonly alerts: ReadonlySet<string>;
}

/**
 * Reads a config of SmokePing: its tree of targets becomes orders, its alerts rules. Throws `OrderTrouble` when it cannot
 * be read.
 *
 * @param dataDir where its RRDs are; undefined: where the config says; null: without them
 */
export function importSmokeping(
	file: string,
	dataDir?: string | null,
	sections: ReadonlyMap<string, Node> = readSmokepingConfig(file),
): Imported {
	const gathered = new Gathered();
	const none: Node = { name: '', values: new Map(), children: [], at: file };
	const [general = none, database = none, targets = none, probes = none, alerts = none] = [
		...['General', 'Database', 'Targets', 'Probes', 'Alerts'].map((name) => sections.get(name)),
	];
	if (targets === none) gathered.missing(file, 'has no section Targets, so no order');
	for (const alert of alerts.children) {
		const rule = ruleOf(alert.values);
		if (typeof rule === 'string') gathered.missing(`alert ${alert.name}`, rule);
		else gathered.rules.set(`${alert.name}.yaml`, rule);
		if (alert.values.has('priority')) gathered.missing(`alert ${alert.name}`, 'priority has no counterpart');
	}
	if (alerts.values.has('to'))
		gathered.missing(
			'alerts',
			`to ${alerts.values.get('to')}: name whom to tell in notifiers: of the config`,
		);
	const slaves = sections.get('Slaves')?.children ?? [];
	for (const { name } of slaves)
		gathered.missing(`slave ${name}`, 'set it up as a point of presence, see docs/operating.md');
	const tree: Tree = {
		alerts: new Set(alerts.children.map(({ name }) => name)),
		probes: probesOf(probes),
		database: database.values,
		dataDir: dataDir === undefined ? (general.values.get('datadir') ?? null) : dataDir,
		gathered,
	};
	visit(tree, targets, [], new Map());
	return gathered;
}

/** Each probe by its name: `+ FPing`, or instances of it below. */
function probesOf(section: Node): ReadonlyMap<string, ProbeValues> {
	const probes = new Map<string, ProbeValues>();
	for (const type of section.children) {
		probes.set(type.name, { type: type.name, values: type.values });
		for (const instance of type.children)
			probes.set(instance.name, { type: type.name, values: new Map([...type.values, ...instance.values]) });
	}
	return probes;
}

function visit(tree: Tree, node: Node, path: readonly string[], above: Values): void {
	const values = new Map([...above, ...node.values]);
	if (node.values.has('host')) target(tree, node, path, values);
	const handedDown = new Map([...values].filter(([key]) => !ownOnly.has(key)));
	for (const child of node.children) visit(tree, child, [...path, child.name], handedDown);
}

function target(tree: Tree, node: Node, path: readonly string[], values: Values): void {
	const { gathered } = tree;
	const where = path.join('/') || 'Targets';
	const host = values.get('host') ?? '';
	const missing = (what: string) => gathered.missing(where, what);
	if (host.startsWith('/') || /\s/.test(host)) {
		missing(`shows several targets in one graph (${host}): the page /compare does`);
		return;
	}
	if (host.startsWith('DYNAMIC')) {
		missing('has a host whose address changes (DYNAMIC): use a name for it');
		return;
	}
	if (values.get('nomasterpoll') === 'yes') {
		missing('is measured by slaves alone (nomasterpoll)');
		return;
	}
	if (values.has('slaves'))
		missing(
			`slaves ${values.get('slaves')}: name points of presence with where:, its own history is not taken`,
		);
	if (node.values.has('parents')) missing('parents are not taken: write parents: into the order');
	const { type, values: ofProbe } = tree.probes.get(values.get('probe') ?? '') ?? {
		type: values.get('probe') ?? '(none)',
		values: new Map(),
	};
	const all = new Map([...ofProbe, ...values]);
	const measured = measuredBy(type, host, all);
	if (typeof measured === 'string') {
		missing(measured);
		return;
	}
	if (measured.note !== undefined) missing(measured.note);
	const alerts = alertsOf(values);
	for (const name of alerts)
		if (!tree.alerts.has(name)) gathered.missing(`alert ${name}`, 'is named by targets and not defined');
	gathered.orders.push({
		id: idOf(node, path),
		fields: {
			user: 'smokeping',
			...timesOf(tree, ofProbe, all),
			probe: measured.probe,
			[measured.probe]: measured.section,
			...describedBy(node.values),
			...(alerts.length === 0 ? {} : { alerts }),
		},
		...(tree.dataDir === null ? {} : { history: `${join(tree.dataDir, ...path)}.rrd` }),
	});
}

/** A target with others below it cannot be a file: it would be in the way of its folder. */
function idOf({ children }: Node, path: readonly string[]): string {
	if (children.length === 0) return path.join('/');
	const taken = new Set(children.map(({ name }) => name));
	let own = 'self';
	while (taken.has(own)) own = `_${own}`;
	return [...path, own].join('/');
}

function timesOf({ database }: Tree, ofProbe: Values, all: Values): { step: number; pings: number } {
	const number = (key: string, otherwise: number) =>
		Number(all.get(key) ?? ofProbe.get(key) ?? database.get(key) ?? otherwise);
	return { step: number('step', 300), pings: number('pings', 20) };
}

const lineMax = 200;

function describedBy(values: Values): Readonly<Record<string, string>> {
	const line = (key: string) => values.get(key)?.replaceAll(/\s+/g, ' ').slice(0, lineMax);
	const [title, note] = [line('title') ?? line('menu'), line('remark')];
	return { ...(title ? { title } : {}), ...(note ? { note } : {}) };
}

function alertsOf(values: Values): readonly string[] {
	const names = (values.get('alerts') ?? '').split(',').map((name) => name.trim());
	return names.filter((name) => name !== '');
}
