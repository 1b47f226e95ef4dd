import type { FactTable } from '../model/facts.ts';
import type { Order } from '../model/order.ts';
import { isElsewhere } from '../model/where.ts';
import type { StoredOrder } from './live-order.ts';

/** What the store needs to know of an order, wherever it is measured. `pathFacts`: see `pathFactsOf`. */
export function storedOrderOf(order: Order, pathFacts: ReadonlyMap<string, string>): StoredOrder {
	const { id, stepSeconds, pings, rrdTemplate, slotsSeconds } = order;
	const kept = slotsSeconds === undefined ? {} : { slotsSeconds };
	const path = pathFacts.get(order.probe);
	const told = path === undefined ? {} : { pathFact: path };
	return { id, stepSeconds, pings, rrdTemplate, ...kept, ...told };
}

/** The same of what is measured here: there is nothing of it where points of presence alone measure the order. */
export function ownOf(order: Order, pathFacts: ReadonlyMap<string, string>): StoredOrder {
	const stored = storedOrderOf(order, pathFacts);
	return isElsewhere(order) ? { ...stored, rrdTemplate: 'norrd' } : stored;
}

/** By probe: the first of its facts that is a path. */
export function pathFactsOf(facts: FactTable): Map<string, string> {
	const paths = new Map<string, string>();
	for (const [probe, declared] of facts) {
		const path = declared.find(({ kind }) => kind === 'path');
		if (path !== undefined) paths.set(probe, path.name);
	}
	return paths;
}

export function isSame(one: StoredOrder, other: StoredOrder): boolean {
	return (
		one.stepSeconds === other.stepSeconds &&
		one.pings === other.pings &&
		one.rrdTemplate === other.rrdTemplate &&
		one.slotsSeconds === other.slotsSeconds &&
		one.pathFact === other.pathFact
	);
}
