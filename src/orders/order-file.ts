import { isUtf8 } from 'node:buffer';
import {
	closeSync,
	constants,
	fstatSync,
	lstatSync,
	openSync,
	readSync,
	realpathSync,
	type Stats,
	statSync,
} from 'node:fs';
import { resolve } from 'node:path';
import { realPathOf, wrongWithLink } from '../host/link-trust.ts';
import { orderMaxBytes } from '../reading/order.ts';

/** What a file that may hold an order came to. */
export type OrderFile =
	/**
	 * Its text, when it was last written, milliseconds since the epoch, and who has ordered it: its owner, or whoever
	 * made the link that stands for it.
	 */
	| { readonly text: string; readonly mtimeMs: number; readonly uid: number }
	/**
	 * Why it has no text for us: what is wrong and what to do about it. `isPassing`: the machine was short of
	 * something, the file may be fine, and is worth trying again soon.
	 */
	| { readonly problem: string; readonly isPassing: boolean }
	/** There is no such file (any more), or it is a link that leads nowhere. */
	| { readonly gone: true };

/** They say nothing about the file. */
const shortages = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'EINTR', 'EIO', 'ESTALE']);

/** One byte more than may be read shows that a file is larger. Shared by all calls: none outlives its turn. */
const buffer = Buffer.alloc(orderMaxBytes + 1);

/**
 * Reads an order file, following links. Only regular files up to `orderMaxBytes` are read; nothing else is so much
 * as opened, because opening a FIFO wakes its writer and opening a device can do anything. What a link leads to is read
 * only if whoever made the link may read it: what is wrong with it is told to everybody. Never throws, never hangs.
 */
export function readOrderFile(path: string): OrderFile {
	let fd: number | null = null;
	try {
		const seen = statSync(path);
		const refusal = refusalOf(seen);
		if (refusal !== null) return behindLink(path, realpathSync.native(path), seen) ?? refused(refusal);
		// Should it be replaced by a FIFO at this very moment, then O_NONBLOCK keeps us from waiting for a writer.
		fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
		const stats = fstatSync(fd);
		const realPath = realPathOf(fd, stats);
		const hidden = behindLink(path, realPath, stats);
		if (hidden !== null) return hidden;
		const opened = refusalOf(stats);
		if (opened !== null) return refused(opened);
		return readOpened(fd, stats, realPath === path ? stats.uid : lstatSync(path).uid);
	} catch (error) {
		return failure(path, error as NodeJS.ErrnoException);
	} finally {
		if (fd !== null) closeSync(fd);
	}
}

function behindLink(path: string, realPath: string, stats: Stats): OrderFile | null {
	const wrong = wrongWithLink(resolve(path), realPath, stats, 'read');
	return wrong === null ? null : { problem: `${wrong.reason}; it was not read`, isPassing: wrong.isPassing };
}

function refusalOf(stats: Stats): string | null {
	if (!stats.isFile()) {
		return `the file is ${kindOf(stats)} and was not read; write the order to a regular file`;
	}
	return stats.size > orderMaxBytes ? tooLarge : null;
}

const tooLarge = `the file is larger than ${orderMaxBytes} bytes and was not read; write one order to each file`;

function kindOf(stats: Stats): string {
	if (stats.isDirectory()) return 'a directory';
	if (stats.isFIFO()) return 'a FIFO';
	if (stats.isSocket()) return 'a socket';
	return 'a device';
}

function readOpened(fd: number, stats: Stats, uid: number): OrderFile {
	let length = 0;
	while (length < buffer.length) {
		const count = readSync(fd, buffer, length, buffer.length - length, null);
		length += count;
		// A short read at the size that the file should have is its end: no need to ask.
		if (count === 0 || length === stats.size) break;
	}
	if (length > orderMaxBytes) return refused(tooLarge);
	return textOf(buffer.subarray(0, length), stats.mtimeMs, uid);
}

function textOf(bytes: Buffer, mtimeMs: number, uid: number): OrderFile {
	if (!isUtf8(bytes)) return refused(encodingProblem(bytes));
	const text = bytes.toString('utf8');
	return { text: text.startsWith('\uFEFF') ? text.slice(1) : text, mtimeMs, uid };
}

function encodingProblem(bytes: Buffer): string {
	const mark = bytes.subarray(0, 2).toString('hex');
	if (mark === 'fffe' || mark === 'feff') return 'the file is UTF-16; save it as UTF-8';
	return `line ${firstBadLine(bytes)} is not valid UTF-8; save the file as UTF-8`;
}

/** Counted from 1. A line feed is never part of a longer UTF-8 sequence, so lines can be judged one by one. */
function firstBadLine(bytes: Buffer): number {
	let line = 1;
	for (let start = 0; ; line++) {
		const end = bytes.indexOf('\n', start);
		if (end === -1 || !isUtf8(bytes.subarray(start, end))) return line;
		start = end + 1;
	}
}

function failure(path: string, error: NodeJS.ErrnoException): OrderFile {
	const { code = '' } = error;
	if (code === 'ENOENT' || code === 'ENOTDIR') return { gone: true };
	if (code === 'EACCES' || code === 'EPERM') {
		return refused(
			`cannot read ${path}: permission denied; ` +
				'make it, and the folders it is in, readable for the user pingmachine runs as',
		);
	}
	if (code === 'ELOOP')
		return refused(`cannot read ${path}: its links lead in a circle; mend or remove them`);
	return { problem: `cannot read ${path}: ${error.message}`, isPassing: shortages.has(code) };
}

function refused(problem: string): OrderFile {
	return { problem, isPassing: false };
}
