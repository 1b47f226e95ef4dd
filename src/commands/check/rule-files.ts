import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { ruleContextOf } from '../../alerts/rule-context.ts';
import { notKnown } from '../../model/findings.ts';
import type { OrderFinding } from '../../model/order.ts';
import { factTableOf, type ProbeTable } from '../../model/probe.ts';
import { isOrderFor } from '../../orders/is-order.ts';
import { wrongWithMode } from '../../orders/kept-files.ts';
import { listOrderFiles } from '../../orders/list-orders.ts';
import { readMute } from '../../reading/mute.ts';
import { readRule, ruleNameOf } from '../../reading/rule.ts';

const rulesFolder = 'alerts';
const mutesFolder = 'mutes';
const alertFolders = [rulesFolder, mutesFolder];
const ordersFolder = 'orders';

/** What lies below `alerts/` or `mutes/` of a base directory, and by which path below it; null for what lies elsewhere. */
export function alertPlace(path: string): AlertPlace | null {
	const below = placeBelow(path, alertFolders);
	return below === null ? null : { isMute: below.folder === mutesFolder, name: below.name };
}

interface AlertPlace {
	readonly isMute: boolean;
	readonly name: string;
}

interface Place {
	readonly base: string;
	readonly folder: string;
	readonly name: string;
}

/** A folder beside `orders/`, or for orders beside `alerts/`; or, where there is none, not in `orders/` itself. */
function placeBelow(path: string, folders: readonly string[]): Place | null {
	const isOfOrders = folders.includes(ordersFolder);
	const other = isOfOrders ? rulesFolder : ordersFolder;
	let name = '';
	let found: Place | null = null;
	for (let at = resolve(path); at !== dirname(at); at = dirname(at)) {
		if (folders.includes(basename(at))) {
			found = { base: dirname(at), folder: basename(at), name };
			if (existsSync(join(dirname(at), other))) return found;
		} else if (basename(at) === other && !isOfOrders) found = null;
		name = name === '' ? basename(at) : `${basename(at)}/${name}`;
	}
	return found;
}

/** What is wrong with a rule or a mute. */
export function alertFindings(
	path: string,
	{ isMute, name }: AlertPlace,
	text: string,
	probes: ProbeTable,
): readonly OrderFinding[] {
	const wrong = existsSync(path) ? wrongWithMode(path) : null;
	const read = isMute
		? readMute(name, text, Math.floor(Date.now() / 1000))
		: readRule(name, text, ruleContextOf(factTableOf(probes)));
	return [...(wrong === null ? [] : [{ message: wrong }]), ...('findings' in read ? read.findings : [])];
}

/** Rules that an order names, and that are not in `alerts/` of its base directory. Nothing is known of others' orders. */
export function unknownRules(
	path: string,
	named: readonly string[],
	probes: ProbeTable,
): readonly OrderFinding[] {
	const base = named.length === 0 ? undefined : placeBelow(path, [ordersFolder])?.base;
	if (base === undefined) return [];
	const known = new Set(rulesIn(join(base, rulesFolder), probes));
	return named
		.filter((name) => !known.has(name))
		.map((name) => ({ key: 'alerts', message: notKnown('rule', name, [...known].slice(0, 20)) }));
}

function rulesIn(folder: string, probes: ProbeTable): readonly string[] {
	try {
		readdirSync(folder);
	} catch {
		return [];
	}
	return listOrderFiles(folder, isOrderFor(probes)).files.map(({ id }) => ruleNameOf(id));
}
