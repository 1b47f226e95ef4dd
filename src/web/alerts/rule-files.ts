import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type CompiledRule, compileRule } from '../../alerts/compiled-rule.ts';
import { whyNotReplayed } from '../../alerts/replay.ts';
import { ruleContextOf } from '../../alerts/rule-context.ts';
import { isOrderRule } from '../../model/alert.ts';
import type { FactTable } from '../../model/facts.ts';
import { describeFindings } from '../../model/findings.ts';
import { nearest } from '../../model/nearest.ts';
import type { Order } from '../../model/order.ts';
import { popFolderIn } from '../../model/pop.ts';
import { printable } from '../../model/printable.ts';
import type { ProbeTable } from '../../model/probe.ts';
import { listOrderFiles } from '../../orders/list-orders.ts';
import { wrongWithPath } from '../../orders/names.ts';
import { readOrderFile } from '../../orders/order-file.ts';
import { readOrder } from '../../reading/order.ts';
import { readRule, ruleNameOf } from '../../reading/rule.ts';
import type { FoundOrder } from '../../store/find-orders.ts';
import { readOwnText } from '../../store/read-own-text.ts';

/** A rule that cannot be had. The message is for the user. */
export class RuleTrouble extends Error {
	override readonly name = 'RuleTrouble';
}

const endings = ['', '.yaml', '.yml'];

/** The names of all rules in `alerts/`, right or wrong, sorted. */
export function ruleNames(baseDir: string): readonly string[] {
	try {
		const { files } = listOrderFiles(`${baseDir}/alerts`, () => true);
		return [...new Set(files.map(({ id }) => ruleNameOf(id)))].sort();
	} catch {
		return [];
	}
}

/** The rule of that name in `alerts/`. Throws `RuleTrouble`. */
export function ruleOfName(baseDir: string, name: string, facts: FactTable): CompiledRule {
	const path = wrongWithPath(name) === null ? rulePath(baseDir, name) : null;
	if (path !== null) return ruleInFile(path, ruleNameOf(name), facts);
	const names = ruleNames(baseDir);
	const near = nearest(name, [...names]);
	const hint = near === null ? `There are ${names.length} in ${baseDir}/alerts` : `Did you mean ${near}?`;
	throw new RuleTrouble(`${printable(name)}: there is no such rule. ${hint}`);
}

/** By name, the titles of the rules that have one and can be read. */
export function ruleTitles(baseDir: string, facts: FactTable): ReadonlyMap<string, string> {
	const titles = new Map<string, string>();
	for (const name of ruleNames(baseDir)) {
		const path = rulePath(baseDir, name);
		const file = path === null ? null : readOrderFile(path);
		if (file === null || !('text' in file)) continue;
		const read = readRule(name, file.text, ruleContextOf(facts));
		if ('rule' in read && read.rule.title !== undefined) titles.set(name, read.rule.title);
	}
	return titles;
}

/** Where a rule of that name is; null: nowhere. */
export function rulePath(baseDir: string, name: string): string | null {
	const paths = endings.map((ending) => `${baseDir}/alerts/${name}${ending}`);
	return paths.find((path) => isFile(path)) ?? null;
}

export function isFile(path: string): boolean {
	try {
		return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
	} catch {
		return false;
	}
}

/** The rule in a file. Throws `RuleTrouble`. */
export function ruleInFile(path: string, name: string, facts: FactTable): CompiledRule {
	const file = readOrderFile(path);
	if ('gone' in file) throw new RuleTrouble(`${printable(path)}: there is no such file`);
	if ('problem' in file) throw new RuleTrouble(`${printable(path)}: ${file.problem}`);
	return ruleInText(file.text, name, printable(path), facts);
}

/** The rule in a text, ready to be replayed. `where`: for the message. Throws `RuleTrouble`. */
export function ruleInText(text: string, name: string, where: string, facts: FactTable): CompiledRule {
	const read = readRule(name, text, ruleContextOf(facts));
	if ('findings' in read) throw new RuleTrouble(`${where}: ${describeFindings(read.findings)}`);
	const { rule } = read;
	const why = whyNotReplayed(rule.condition);
	if (why !== null || !isOrderRule(rule)) throw new RuleTrouble(`${where}: ${why ?? 'is not about orders'}`);
	return compileRule(rule);
}

/** The order as its file says, of an archived one as it was kept; null where that is gone or wrong. */
export function orderOf(
	baseDir: string,
	{ id, folder, isArchived }: FoundOrder,
	probes: ProbeTable,
): Order | null {
	const named = popFolderIn(id);
	if (named !== null) return orderOf(baseDir, { id: named.id, folder: dirname(folder), isArchived }, probes);
	const file = isArchived ? null : readOrderFile(`${baseDir}/orders/${id}`);
	const text = file !== null && 'text' in file ? file.text : readOwnText(`${folder}/order`);
	const read = text === null ? null : readOrder(id, text, probes);
	return read !== null && 'order' in read ? read.order : null;
}
