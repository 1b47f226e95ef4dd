import { lstatSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { wrongWithLink } from '../../host/link-trust.ts';
import { errorCode, type Folder, folderEntry, isIgnored, leadsUp } from '../../orders/entry.ts';
import { entriesIn } from '../../orders/folder-names.ts';

/** More than the daemon ever writes into one of them. Bytes. */
const smallMaxBytes = 64 * 1024;

/**
 * The text of a small file that the daemon wrote, or why it cannot be read. Null when there is none: a folder of that
 * name belongs to another order. Never throws, never waits for a FIFO.
 */
export function readSmallText(path: string): { readonly text: string } | { readonly reason: string } | null {
	try {
		const found = lstatSync(path, { throwIfNoEntry: false });
		if (found === undefined || found.isDirectory()) return null;
		if (!found.isFile()) return { reason: 'it is not a regular file' };
		if (found.size > smallMaxBytes) return { reason: `it is larger than ${smallMaxBytes} bytes` };
		return { text: readFileSync(path, 'utf8') };
	} catch (error) {
		const code = errorCode(error);
		if (code === 'ENOENT' || code === 'ENOTDIR') return null;
		return { reason: reasonOf(error) };
	}
}

/** What a system error means, for the user. */
function reasonOf(error: unknown): string {
	const reasons: Readonly<Record<string, string>> = {
		ENOENT: 'there is no such folder',
		ENOTDIR: 'it is not a folder',
		EACCES: 'permission denied. Ask as root, or as a member of the group pingmachine',
	};
	return reasons[errorCode(error)] ?? (error as Error).message;
}

/** The ids of all orders below a folder, as the daemon would see them. `problem` is told of what cannot be read. */
export function orderIds(ordersDir: string, problem: (path: string, message: string) => void): string[] {
	const ids: string[] = [];
	const open: Folder[] = [];
	const enter = (path: string, name: string, parent: Folder | null, idPrefix: string) => {
		open.push(folderEntry({ path, name, parent, idPrefix }, statSync(path)));
	};
	const enterLink = (path: string, name: string, parent: Folder): boolean => {
		const stats = statSync(path, { throwIfNoEntry: false });
		if (stats?.isDirectory() !== true) return false;
		if (leadsUp(parent, stats)) return true;
		const wrong = wrongWithLink(path, realpathSync.native(path), stats, 'read');
		if (wrong === null) enter(path, name, parent, `${parent.idPrefix}${name}/`);
		else problem(path, wrong.reason);
		return true;
	};
	const attempt = (path: string, action: () => void) => {
		try {
			action();
		} catch (error) {
			problem(path, reasonOf(error));
		}
	};
	const list = (folder: Folder) => {
		for (const entry of entriesIn(folder.path)) {
			const { name } = entry;
			if (isIgnored(name)) continue;
			const path = `${folder.path}/${name}`;
			attempt(path, () => {
				if (entry.isDirectory()) enter(path, name, folder, `${folder.idPrefix}${name}/`);
				else if (!entry.isSymbolicLink() || !enterLink(path, name, folder)) ids.push(folder.idPrefix + name);
			});
		}
	};
	attempt(ordersDir, () => enter(ordersDir, '', null, ''));
	for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
		const current = folder;
		attempt(current.path, () => list(current));
	}
	return ids;
}
