import { describeFinding } from '../../model/findings.ts';
import type { OrderFinding } from '../../model/order.ts';
import type { ProbeTable } from '../../model/probe.ts';
import { wrongWithId } from '../names.ts';
import type { OrderWriter } from '../writer.ts';
import { nameForTarget, secretNameForTarget } from './id.ts';
import type { OrderReport } from './report.ts';
import type { Target, TargetList } from './targets.ts';
import { isMarked, type Maker, type OrderFields, orderText, readOrderText, withMark } from './text.ts';

/** The orders there shall be. */
export interface Wanted {
	/** Texts by id. */
	readonly orders: ReadonlyMap<string, string>;
	/** What could not be made into an order. */
	readonly findings: readonly OrderFinding[];
	/** Of names whose addresses are measured, each as `ID@ADDRESS`. */
	readonly expanded: ReadonlySet<string>;
}

/** How targets become orders. */
export interface OrderMaking {
	readonly fields: OrderFields;
	/** The folder of the orders; null: orders/ itself. */
	readonly prefix: string | null;
	readonly probes: ProbeTable;
	readonly maker: Maker;
}

/** One order for each target. */
export function ordersFor(list: TargetList, making: OrderMaking): Wanted {
	const orders = new Map<string, string>();
	const findings = [...list.findings];
	/** Where each fault was first found: what is wrong with the flags is wrong with every target. */
	const told = new Map<
		string,
		{ readonly at: Target['at']; count: number; readonly finding: OrderFinding }
	>();
	for (const target of list.targets) {
		const made = orderFor(target, making);
		if ('findings' in made) {
			for (const finding of made.findings) {
				const line = describeFinding(finding);
				const before = told.get(line);
				if (before === undefined) told.set(line, { at: target.at, count: 1, finding: { message: line } });
				else before.count++;
			}
			continue;
		}
		const before = orders.get(made.id);
		if (before === undefined) orders.set(made.id, made.text);
		else if (before !== made.text) {
			const message = `there is another target for the order ${made.id}. Remove one, give it another name, or add --each-address`;
			findings.push({ ...target.at, message });
		}
	}
	for (const { at, count, finding } of told.values()) {
		const others = count === 1 ? '' : ` (and so for ${count - 1} more)`;
		findings.push({ ...at, message: finding.message + others });
	}
	const expanded = new Set([...(list.expanded ?? [])].map((name) => idBelow(making.prefix, name)));
	return { orders, findings, expanded };
}

function idBelow(prefix: string | null, name: string): string {
	return prefix === null ? name : `${prefix}/${name}`;
}

/** Whether an order measures an address of one of these names. */
export function isExpandedFrom(names: ReadonlySet<string>, id: string): boolean {
	const at = id.lastIndexOf('@');
	return at > 0 && names.has(id.slice(0, at));
}

function orderFor(
	target: Target,
	{ fields, prefix, probes, maker }: OrderMaking,
): { readonly id: string; readonly text: string } | { readonly findings: readonly OrderFinding[] } {
	if (target.name?.includes('/')) {
		return { findings: [{ message: `the name ${target.name} has a / in it. Write a name without` }] };
	}
	const text = orderText(fields, target.host, target.tags);
	const read = readOrderText(prefix ?? '', text, probes);
	if ('findings' in read) return read;
	// The target as the probe reads it: `Router.` and `router.` are one.
	const nameFor = read.order.shownTarget === undefined ? nameForTarget : secretNameForTarget;
	const id = idBelow(prefix, target.name ?? nameFor(read.order.target));
	const wrong = wrongWithId(id);
	if (wrong !== null) return { findings: [{ message: `the order id ${id} ${wrong}` }] };
	const marked = withMark(id, text, maker);
	const whole = readOrderText(id, marked, probes);
	return 'findings' in whole ? whole : { id, text: marked };
}

export interface ApplyOptions {
	readonly force: boolean;
	/** The folder whose orders that were made from a list, and are no longer wanted, are removed. */
	readonly syncPrefix: string | null;
	/** Orders for addresses that a name no longer has are removed. */
	readonly isInStep: boolean;
	/** Tell of orders that were there already. */
	readonly isTellingAll: boolean;
	/** Ends it between two orders. */
	readonly signal: AbortSignal;
}

/** So many orders are written in one go before signals get their turn. */
const ordersAtOnce = 50;

/** Makes the tree hold the orders that are wanted, and those that are there already young. */
export async function applyWanted(
	tree: OrderWriter,
	wanted: Wanted,
	options: ApplyOptions,
	report: OrderReport,
): Promise<void> {
	const { orders, findings } = wanted;
	let count = 0;
	for (const [id, text] of orders) {
		if (++count % ordersAtOnce === 0) await new Promise(setImmediate);
		if (options.signal.aborted) return;
		report.attempt(id, () => {
			const isOurs = (old: string) => options.syncPrefix !== null && isMarked(id, old);
			const written = tree.write(id, text, (old) => options.force || isOurs(old));
			if (written !== 'refreshed' || options.isTellingAll) report.say(`${written} ${id}`);
		});
	}
	if (options.isInStep) removeStale(tree, wanted, report);
	if (options.syncPrefix === null) return;
	if (findings.length === 0) removeUnlisted(tree, options.syncPrefix, orders, report);
	else
		report.trouble(
			`${options.syncPrefix}: nothing was removed, as it may be listed where the list is at fault. Mend the list`,
		);
}

function removeUnlisted(
	tree: OrderWriter,
	prefix: string,
	orders: ReadonlyMap<string, string>,
	report: OrderReport,
): void {
	report.attempt(prefix, () => {
		for (const name of tree.filesIn(prefix)) {
			const id = `${prefix}/${name}`;
			if (!orders.has(id)) report.attempt(id, () => removeIf(tree, id, (text) => isMarked(id, text), report));
		}
	});
}

/** Removes what was made for an address that its name has no more. */
function removeStale(tree: OrderWriter, { orders, expanded }: Wanted, report: OrderReport): void {
	const folders = new Set([...expanded].map((id) => id.slice(0, Math.max(0, id.lastIndexOf('/')))));
	for (const folder of folders) {
		report.attempt(folder, () => {
			for (const name of tree.filesIn(folder)) {
				const id = idBelow(folder === '' ? null : folder, name);
				if (orders.has(id) || !isExpandedFrom(expanded, id)) continue;
				const isOurs = (text: string) => isMarked(id, text) || isMarked(id, text, 'words');
				report.attempt(id, () => removeIf(tree, id, isOurs, report));
			}
		});
	}
}

/** Removes the orders whose text is still what was written. */
export function removeUnchanged(
	tree: OrderWriter,
	orders: ReadonlyMap<string, string>,
	report: OrderReport,
): void {
	for (const [id, text] of orders) {
		report.attempt(id, () => removeIf(tree, id, (found) => found === text, report));
	}
}

function removeIf(
	tree: OrderWriter,
	id: string,
	isOurs: (text: string) => boolean,
	report: OrderReport,
): void {
	const text = tree.ownText(id);
	if (text === null || !isOurs(text)) return;
	tree.remove(id);
	report.say(`removed ${id}`);
}
