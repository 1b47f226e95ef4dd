import {
	closeSync,
	constants,
	fstatSync,
	openSync,
	readSync,
	realpathSync,
	renameSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { CommandProblem, reasonOf } from '../shared/find-orders.ts';

const kinds = ['png', 'svg', 'html'] as const;
export type GraphFileKind = (typeof kinds)[number];

/** What files of a kind begin with. Our own pages say who made them. */
export const pageStart = '<!doctype html>\n<html lang="en">\n<meta name="generator" content="pingmachine">';
const starts: Readonly<Record<GraphFileKind, readonly string[]>> = {
	png: ['\x89PNG\r\n\x1a\n'],
	svg: ['<?xml', '<svg'],
	html: [pageStart],
};

/** The kind by the end of the name, or null. */
export function kindOfFile(path: string): GraphFileKind | null {
	return kinds.find((kind) => path.toLowerCase().endsWith(`.${kind}`)) ?? null;
}

/** Writes a file under a name that nobody chose: only if there is none. Throws `CommandProblem`. */
export function writeNewFile(path: string, content: Buffer): void {
	try {
		writeFileSync(path, content, { flag: 'wx' });
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
			throw new CommandProblem(`${path}: exists already. Write --out ${path} to replace it, or move it away`);
		}
		// What a full disk left of it is ours.
		rmSync(path, { force: true });
		throw new CommandProblem(`${path}: ${reasonOf(error)}`);
	}
}

/**
 * Writes the file the user named. One of the same kind is replaced as a whole, an empty one too; anything else is
 * left alone. Throws `CommandProblem`.
 */
export function replaceGraphFile(path: string, content: Buffer, kind: GraphFileKind): void {
	try {
		const found = kindThere(path);
		if (found !== 'nothing' && found !== 'empty' && found !== kind) {
			throw new CommandProblem(
				`${path}: is there and not ${descriptions[kind]}: move it away, or name another file`,
			);
		}
		// A link stays one.
		replaceFile(found === 'nothing' ? path : realpathSync(path), content);
	} catch (error) {
		if (error instanceof CommandProblem) throw error;
		throw new CommandProblem(`${path}: ${reasonOf(error)}`);
	}
}

const descriptions: Readonly<Record<GraphFileKind, string>> = {
	png: 'a PNG file',
	svg: 'an SVG file',
	html: 'an overview that pingmachine wrote',
};

function replaceFile(path: string, content: Buffer): void {
	const unfinished = join(dirname(path), `.pingmachine.${process.pid}.tmp`);
	try {
		writeFileSync(unfinished, content, { flag: 'wx' });
		renameSync(unfinished, path);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EEXIST') rmSync(unfinished, { force: true });
		throw error;
	}
}

function kindThere(path: string): GraphFileKind | 'nothing' | 'empty' | 'other' {
	let fd: number;
	try {
		fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'nothing';
		throw error;
	}
	try {
		const stats = fstatSync(fd);
		if (!stats.isFile()) return 'other';
		if (stats.size === 0) return 'empty';
		const head = Buffer.alloc(200);
		const text = head.toString('latin1', 0, readSync(fd, head, 0, head.length, 0));
		return kinds.find((kind) => starts[kind].some((start) => text.startsWith(start))) ?? 'other';
	} finally {
		closeSync(fd);
	}
}
