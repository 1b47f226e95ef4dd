import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { systemClock } from '../model/clock.ts';
import { errorCode } from '../model/errno.ts';
import type { OrderFileSeen } from './seen.ts';
import { OrdersTree } from './tree.ts';

/** A folder that cannot be read: its path, what the ids of the orders in it begin with, and the error code. */
interface UnreadFolder {
	readonly path: string;
	readonly idPrefix: string;
	readonly code: string;
}

export interface ListedOrders {
	/** What the daemon takes for orders, right or wrong, sorted by id. */
	readonly files: readonly OrderFileSeen[];
	/** `orders/` itself is among them when it cannot be read. */
	readonly unread: readonly UnreadFolder[];
}

/** Rechecks end when they find nothing new, which takes one or two. */
const rechecksMax = 10;

const silence = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
const noWatches = { renew: () => {}, close: () => {}, has: () => true, hadVanished: () => false };

/**
 * Lists the orders of a folder as the daemon finds them: with the same tree, walked once.
 *
 * @param isOrder reads a file behind a link. Where too many are no orders, the link is refused
 */
export function listOrderFiles(root: string, isOrder: (file: OrderFileSeen) => boolean): ListedOrders {
	const listing = listingOrderFiles(root, isOrder);
	let step = listing.next();
	while (step.done !== true) step = listing.next();
	return step.value;
}

/** The same in small steps, for those who have other things to do between them. */
export function* listingOrderFiles(
	root: string,
	isOrder: (file: OrderFileSeen) => boolean,
): Generator<void, ListedOrders> {
	const found = new Map<string, OrderFileSeen>();
	let changes = 0;
	const tree = new OrdersTree({
		root,
		listener: {
			changed: (file) => {
				found.set(file.id, file);
				changes++;
			},
			removed: (id) => {
				found.delete(id);
				changes++;
			},
			shortage: () => {},
		},
		watches: noWatches,
		log: silence,
		clock: systemClock,
		isOrder,
	});
	tree.scan();
	yield* walkAll(tree);
	// A path that counts may have been found after one that does not.
	for (let round = 0; round < rechecksMax; round++) {
		const before = changes;
		for (const _ of tree.recheck()) yield;
		yield* walkAll(tree);
		if (changes === before) break;
	}
	const unread = [...tree.troubles].map(([{ path, idPrefix }, code]) => ({ path, idPrefix, code }));
	if (tree.root === null) unread.unshift(missing(resolve(root)));
	return { files: [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1)), unread };
}

function* walkAll(tree: OrdersTree): Generator<void> {
	while (tree.leaving.step() || tree.stepReplaced() || tree.arriving.step() || tree.scanning.step()) yield;
}

function missing(path: string): UnreadFolder {
	try {
		const found = statSync(path, { throwIfNoEntry: false });
		return { path, idPrefix: '', code: found === undefined ? 'ENOENT' : 'ENOTDIR' };
	} catch (error) {
		return { path, idPrefix: '', code: errorCode(error) };
	}
}
