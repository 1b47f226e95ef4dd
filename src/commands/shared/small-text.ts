import { lstatSync, readFileSync } from 'node:fs';
import { errorCode } from '../../model/errno.ts';
import { folderReason } from './listed-orders.ts';

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
		return { reason: folderReason(code) ?? (error as Error).message };
	}
}
