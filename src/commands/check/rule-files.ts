import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { ruleContextOf } from '../../alerts/rule-context.ts';
import { notKnown } from '../../model/findings.ts';
import type { OrderFinding } from '../../model/order.ts';
import { factTableOf, type ProbeTable } from '../../model/probe.ts';
import { isOrderFor } from '../../orders/is-order.ts';
import { wrongWithMode } from '../../orders/kept-files.ts';
import { listOrderFiles } from '../../orders/list-orders.ts';
import { readRule, ruleNameOf } from '../../reading/rule.ts';

const rulesFolder = 'alerts';
const ordersFolder = 'orders';

/** The path below the folder `alerts/` of a base directory; null for what lies elsewhere. */
export function rulePlace(path: string): string | null {
	const below = placeBelow(path, rulesFolder);
	return below?.base === undefined ? null : below.name;
}

/** A folder beside `orders/`; or, where there is none, not in `orders/` itself. */
function placeBelow(path: string, folder: string): { readonly base: string; readonly name: string } | null {
	const other = folder === rulesFolder ? ordersFolder : rulesFolder;
	let name = '';
	let found: { base: string; name: string } | null = null;
	for (let at = resolve(path); at !== dirname(at); at = dirname(at)) {
		if (basename(at) === folder) {
			found = { base: dirname(at), name };
			if (existsSync(join(dirname(at), other))) return found;
		} else if (basename(at) === other && folder === rulesFolder) found = null;
		name = name === '' ? basename(at) : `${basename(at)}/${name}`;
	}
	return found;
}

/** What is wrong with a rule. */
export function ruleFindings(
	path: string,
	name: string,
	text: string,
	probes: ProbeTable,
): readonly OrderFinding[] {
	const wrong = existsSync(path) ? wrongWithMode(path) : null;
	const read = readRule(name, text, ruleContextOf(factTableOf(probes)));
	return [...(wrong === null ? [] : [{ message: wrong }]), ...('findings' in read ? read.findings : [])];
}

/** Rules that an order names, and that are not in `alerts/` of its base directory. Nothing is known of others' orders. */
export function unknownRules(
	path: string,
	named: readonly string[],
	probes: ProbeTable,
): readonly OrderFinding[] {
	const base = named.length === 0 ? undefined : placeBelow(path, ordersFolder)?.base;
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
