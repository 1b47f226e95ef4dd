import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { inFolder, inMadeFolder } from './held-folder.ts';
import { readOwnText } from './read-own-text.ts';
import { replaceFile } from './replace-file.ts';
import type { StoreTools } from './store-tools.ts';

const alertsName = 'alerts';

/** So many raises and clears are kept. */
const historyKept = 1000;
/** What is longer is made short: less than what is read of a file of ours. Bytes. */
const compactBytes = 700 * 1024;
const shortBytes = 400 * 1024;

/**
 * The files `alerts` of orders, lines of JSON: raises and clears, and how each rule stands. They are written as they are
 * told: an alert that people have heard of is remembered.
 */
export class AlertFiles {
	readonly #tools: StoreTools;

	constructor(tools: StoreTools) {
		this.#tools = tools;
	}

	append(id: string, lines: readonly string[]): void {
		const { folders, complaints } = this.#tools;
		try {
			inMadeFolder(folders.output, id, (folder) => {
				addAlertLines(folder, lines);
			});
		} catch (error) {
			complaints.failed('cannot write', `${folders.output}/${id}/${alertsName}`, error);
		}
	}

	/** The order is about to be archived: when it comes back, nothing fires. */
	gone(id: string): void {
		const { folders, clock } = this.#tools;
		try {
			inFolder(folders.output, id, (folder) => {
				if (readOwnText(`${folder}/${alertsName}`)?.includes('"about":"state"') !== true) return;
				appendLines(folder, [JSON.stringify({ about: 'gone', time: Math.floor(clock.wallMs() / 1000) })]);
			});
		} catch {
			// It is archived as it is.
		}
	}
}

const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Adds whole lines to the file `alerts` in a folder that nobody else writes in. Throws the error of the file system. */
export function addAlertLines(folder: string, lines: readonly string[]): void {
	if (appendLines(folder, lines) > compactBytes) compact(folder);
}

/** Adds whole lines. Returns how long the file is then. */
function appendLines(folder: string, lines: readonly string[]): number {
	const fd = openSync(`${folder}/${alertsName}`, flags, 0o644);
	try {
		const stats = fstatSync(fd);
		if (!stats.isFile()) throw new Error('it is not a regular file: move it away');
		// A kill may have torn the last line: it is ended, and nobody understands it.
		const torn = stats.size > 0 && lastByte(fd, stats.size) !== 0x0a ? '\n' : '';
		const bytes = Buffer.from(torn + lines.map((line) => `${line}\n`).join(''));
		if (writeSync(fd, bytes, 0, bytes.length, stats.size) < bytes.length) {
			ftruncateSync(fd, stats.size);
			throw new Error('no space left on the disk');
		}
		return stats.size + bytes.length;
	} finally {
		closeSync(fd);
	}
}

function lastByte(fd: number, size: number): number {
	const byte = Buffer.alloc(1);
	readSync(fd, byte, 0, 1, size - 1);
	return byte[0] ?? 0;
}

/** Keeps the last raises and clears, and of each rule how it stands now. */
function compact(folder: string): void {
	const text = readOwnText(`${folder}/${alertsName}`);
	if (text === null) return;
	const history: string[] = [];
	const states = new Map<string, string>();
	for (const line of text.split('\n')) {
		const about = /^\{"about":"(state|gone)"(?:,"rule":("(?:[^"\\]|\\.){0,1000}"))?/.exec(line);
		if (about?.[1] === 'gone') states.clear();
		else if (about !== null && line === `{"about":"state","rule":${about[2]}}`) states.delete(about[2] ?? '');
		else if (about !== null) states.set(about[2] ?? '', line);
		else if (line.endsWith('}')) history.push(line);
	}
	let kept = history.slice(-historyKept);
	const short = () => [...kept, ...states.values()].map((line) => `${line}\n`).join('');
	while (kept.length > 0 && Buffer.byteLength(short()) > shortBytes)
		kept = kept.slice(Math.ceil(kept.length / 4));
	replaceFile(folder, alertsName, short());
}

/** The text of the file `alerts` of an order in a base directory; null when there is none. */
export function readAlertsFile(folder: string): string | null {
	return readOwnText(`${folder}/${alertsName}`);
}

/** The lines of the last raises and clears. */
export function readAlertHistory(folder: string): string[] {
	return (readAlertsFile(folder) ?? '')
		.split('\n')
		.filter((line) => line.endsWith('}') && !line.startsWith('{"about":'))
		.slice(-historyKept);
}
