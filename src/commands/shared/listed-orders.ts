import { lstatSync, statSync } from 'node:fs';
import type { ProbeTable } from '../../model/probe.ts';
import { isIgnored } from '../../orders/entry.ts';
import { isOrderFor } from '../../orders/is-order.ts';
import { type ListedOrders, listOrderFiles } from '../../orders/list-orders.ts';
import { isSafeOrderId } from '../../store/order-path.ts';

/** An order file as it is listed. */
export interface ListedOrder {
	readonly id: string;
	/** Of what is not entered, a link say: why not. */
	readonly refusal?: string;
	/** As in `OrderFileSeen`; left out when it was not looked at. */
	readonly mtimeMs?: number;
	readonly ctimeMs?: number;
}

/** The orders of a base directory as a daemon with these probes finds them, right or wrong. */
export function listedOrders(baseDir: string, probes: ProbeTable): ListedOrders {
	return listOrderFiles(`${baseDir}/orders`, isOrderFor(probes));
}

/** The file of an order as that daemon finds it; null when it finds none. */
export function listedOrder(baseDir: string, id: string, probes: ProbeTable): ListedOrder | null {
	if (!isSafeOrderId(id) || id.split('/').some(isIgnored)) return null;
	const found = plainlyThere(`${baseDir}/orders`, id);
	if (found !== 'perhaps') return found ? { id } : null;
	return listedOrders(baseDir, probes).files.find((file) => file.id === id) ?? null;
}

/** `perhaps`: a link is on the way, or a folder there, so that it takes a look at everything else. */
function plainlyThere(ordersDir: string, id: string): boolean | 'perhaps' {
	try {
		let path = ordersDir;
		const parts = id.split('/');
		for (const [index, part] of parts.entries()) {
			path = `${path}/${part}`;
			const found = lstatSync(path, { throwIfNoEntry: false });
			if (found === undefined) return false;
			const isLast = index === parts.length - 1;
			if (found.isSymbolicLink() ? !isLast || leadsToFolder(path) : isLast && found.isDirectory())
				return 'perhaps';
		}
		return true;
	} catch {
		return false;
	}
}

function leadsToFolder(path: string): boolean {
	try {
		return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
	} catch {
		return false;
	}
}

/** What the code of a system error means, for the user; null for those that need other words. */
export function folderReason(code: string): string | null {
	const reasons: Readonly<Record<string, string>> = {
		ENOENT: 'there is no such folder',
		ENOTDIR: 'it is not a folder',
		EACCES: 'permission denied. Ask as root, or as a member of the group pingmachine',
		ENAMETOOLONG: 'its path is too long',
	};
	return reasons[code] ?? null;
}
