import { statfsSync } from 'node:fs';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { OrdersTree } from './tree.ts';
import type { FolderWatches } from './watches.ts';

/** All orders there are are known: those below the folder with this device and inode. */
export interface KnownOrders {
	readonly dev: number;
	readonly ino: number;
}

/** Of the kernel. Where other machines can write, no event tells of it. */
const localFileSystems: ReadonlySet<number> = new Set([
	...[0xef53, 0x5846_5342, 0x9123_683e, 0x0102_1994, 0x2fc1_2fc1, 0xf2f5_2010],
	// overlay, which is local when what is below it is.
	0x794c_7630,
]);

/** An event tells of whatever changes, but for what happens to the path of `orders/` itself. */
export function isWatchedWhole(
	{ root, links, troubles }: OrdersTree,
	{ missing }: Pick<FolderWatches, 'missing'>,
): boolean {
	return root !== null && links.size === 0 && missing === 0 && troubles.isNone;
}

/** `later`: it is not known yet. Null: something can change, or has, of which no event tells. */
export function knownIn(
	tree: OrdersTree,
	watches: Pick<FolderWatches, 'missing' | 'folders'>,
): KnownOrders | 'later' | null {
	const { root, leaving, arriving, replaced, empty } = tree;
	if (root === null || !isWatchedWhole(tree, watches) || empty.isLimited) return null;
	if (!leaving.isDone || !arriving.isDone || replaced.length > 0) return 'later';
	for (const { dev } of watches.folders) if (dev !== root.dev) return null;
	return isLocal(root.path) ? { dev: root.dev, ino: root.ino } : null;
}

function isLocal(path: string): boolean {
	try {
		return localFileSystems.has(statfsSync(path).type);
	} catch {
		return false;
	}
}

const triesMax = 20;
const restMs = 5;

/**
 * Waits until all is known that had happened below `orders/` before this was asked. Null: that cannot be told, or takes
 * longer than 0.1 s.
 */
export async function caughtUp(watcher: {
	readonly known: KnownOrders | 'later' | null;
}): Promise<KnownOrders | null> {
	for (let left = triesMax; left > 0; left--) {
		// What the kernel has for us is read at the beginning of the turn after next, at the latest.
		await nextTurn();
		await nextTurn();
		const { known } = watcher;
		if (known !== 'later') return known;
		await sleep(restMs);
	}
	return null;
}
