import type { OrderFinding } from '../../model/order.ts';
import { excerpt } from '../../model/printable.ts';

/** One target of a list. */
export interface Target {
	readonly host: string;
	/** What its order is to be called. */
	readonly name?: string;
	readonly tags: ReadonlyMap<string, string>;
	/** Where it stands. */
	readonly at: Pick<OrderFinding, 'line' | 'key'>;
}

export interface TargetList {
	readonly targets: readonly Target[];
	/** Names whose addresses are the targets, each with an order `NAME@ADDRESS` of its own. */
	readonly expanded?: ReadonlySet<string>;
	/** What could not be read; the targets beside it are fine. */
	readonly findings: readonly OrderFinding[];
}

/**
 * Reads a list of hosts, one a line, as `NAME@ADDRESS` or with an optional name in a second column, and `#` comments,
 * or the JSON of Prometheus' file_sd. An empty text is a finding: more likely it is still being written than meant.
 */
export function readTargets(text: string): TargetList {
	const list = /^\s*(?:\[\s*[{\]"]|\{)/.test(text) ? readJson(text) : readLines(text);
	if (list.targets.length > 0 || list.findings.length > 0 || /^\s*\[/.test(text)) return list;
	return { targets: [], findings: [{ message: 'there are no targets in it. If that is meant, write []' }] };
}

/** Targets as words of the command line. */
export function readWords(words: readonly string[]): TargetList {
	const targets = words.map((word) => {
		return { ...namedTarget(word.trim()), tags: new Map<string, string>(), at: { key: excerpt(word) } };
	});
	return { targets, findings: [] };
}

/** `NAME@ADDRESS`: the address, under that name. A URL may have an `@` in it. */
function namedTarget(word: string): Pick<Target, 'host' | 'name'> {
	const [, name, host] = /^([^@/]+)@(.+)$/.exec(word) ?? [];
	const isUrl = /^[a-z][a-z0-9+.-]*:\/\//i.test(word);
	return name === undefined || host === undefined || isUrl ? { host: word } : { host, name };
}

function readLines(text: string): TargetList {
	const targets: Target[] = [];
	const findings: OrderFinding[] = [];
	for (const [index, whole] of text.split(/\r?\n/).entries()) {
		const line = index + 1;
		const comment = whole.search(/(?:^|\s)#/);
		const words = (comment === -1 ? whole : whole.slice(0, comment)).trim().split(/\s+/);
		const [host = '', name, more] = words;
		if (host === '') continue;
		if (more !== undefined) {
			const message = `has more than a host and a name: ${excerpt(more)}. Write one target a line, comments after #`;
			findings.push({ line, message });
		} else {
			const named = namedTarget(host);
			targets.push({ ...named, ...(name === undefined ? {} : { name }), tags: new Map(), at: { line } });
		}
	}
	return { targets, findings };
}

function readJson(text: string): TargetList {
	let root: unknown;
	try {
		root = JSON.parse(text);
	} catch (error) {
		return { targets: [], findings: [{ message: `not valid JSON: ${excerpt((error as Error).message)}` }] };
	}
	if (!Array.isArray(root)) {
		const message = 'must be a list of groups. Write [{"targets": ["192.0.2.7"], "labels": {}}]';
		return { targets: [], findings: [{ message }] };
	}
	const targets: Target[] = [];
	const findings: OrderFinding[] = [];
	for (const [index, group] of root.entries()) {
		const read = readGroup(group, `[${index}]`);
		// Not by spreading: there may be more than a call takes arguments.
		for (const target of read.targets) targets.push(target);
		for (const finding of read.findings) findings.push(finding);
	}
	return { targets, findings };
}

function readGroup(group: unknown, key: string): TargetList {
	if (!isObject(group)) {
		const message = 'must be a group. Write {"targets": ["192.0.2.7"], "labels": {}}';
		return { targets: [], findings: [{ key, message }] };
	}
	const findings: OrderFinding[] = [];
	const { targets: hosts, labels = {} } = group;
	const tags = readLabels(labels, `${key}.labels`, findings);
	if (!Array.isArray(hosts)) {
		findings.push({ key: `${key}.targets`, message: 'must be a list of hosts. Write ["192.0.2.7"]' });
		return { targets: [], findings };
	}
	const targets: Target[] = [];
	for (const [index, host] of hosts.entries()) {
		const at = { key: `${key}.targets[${index}]` };
		if (typeof host === 'string') {
			const named = namedTarget(host.trim());
			targets.push({ ...named, host: withoutPort(named.host), tags, at });
		} else findings.push({ ...at, message: 'must be text. Put the host in quotes' });
	}
	return { targets, findings };
}

function readLabels(labels: unknown, key: string, findings: OrderFinding[]): ReadonlyMap<string, string> {
	const tags = new Map<string, string>();
	if (!isObject(labels)) {
		findings.push({ key, message: 'must be an object of names and texts. Write {"site": "zrh"}' });
		return tags;
	}
	for (const [name, value] of Object.entries(labels)) {
		// To Prometheus these are hints for itself, such as __scheme__, and no labels of the target.
		if (name.startsWith('__')) continue;
		if (typeof value === 'string') tags.set(name, value);
		else findings.push({ key: `${key}.${excerpt(name)}`, message: 'must be text. Put the value in quotes' });
	}
	return tags;
}

/** The lists of other exporters name a port, which is that of the exporter. */
function withoutPort(target: string): string {
	const [, bracketed, plain] = /^(?:\[([^\]]+)\](?::\d+)?|([^:/[\]]+):\d+)$/.exec(target) ?? [];
	return bracketed ?? plain ?? target;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
