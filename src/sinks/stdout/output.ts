import { close, constants, fstatSync, open, write } from 'node:fs';
import { setTimeout as afterMs } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Delivered, OpenSink, SinkTools } from '../../model/sink.ts';
import { fileError } from '../shared/file-words.ts';
import { orAborted } from '../shared/network-errors.ts';
import { linesOfResults } from '../shared/result-lines.ts';
import type { StdoutSettings } from './settings.ts';

const writeTo = promisify(write);
const openPath = promisify(open);
const closeFd = promisify(close);

const stdoutFd = 1;
/** How long to wait for somebody to read from a pipe that is full. */
const fullMs = 20;

/** There is one standard output, whatever becomes of sinks: of one line, the rest must come before the next. */
let unfinished: Buffer = Buffer.alloc(0);
/** A write that hangs must not be joined by others: each holds a thread that look-ups of names need too. */
let turn: Promise<unknown> = Promise.resolve();

/** Makes ready. A pipe is opened once more, for writing without waiting. */
export async function openStdout({ format }: StdoutSettings, tools: SinkTools): Promise<OpenSink> {
	const fd = await ownFd();
	return {
		async write(batch: readonly Delivered[], signal) {
			const bytes = Buffer.from(await linesOfResults(batch, format, tools));
			const before = turn;
			const writing = (async () => {
				await before;
				if (!signal.aborted) await writeLines(fd, bytes, signal);
			})();
			turn = writing.catch(() => {});
			await orAborted(writing, signal, 'stdout: nobody reads it').catch((error: unknown) => {
				throw (error as NodeJS.ErrnoException).code === undefined ? error : fileError(error, 'stdout');
			});
			return undefined;
		},
		async close() {
			if (fd !== stdoutFd) await closeFd(fd);
		},
	};
}

/** Of a pipe another descriptor, on which to write never waits; otherwise the one there is. */
async function ownFd(): Promise<number> {
	if (!fstatSync(stdoutFd).isFIFO()) return stdoutFd;
	try {
		return await openPath(`/proc/self/fd/${stdoutFd}`, constants.O_WRONLY | constants.O_NONBLOCK);
	} catch {
		// It may be another user's.
		return stdoutFd;
	}
}

async function writeLines(fd: number, bytes: Buffer, signal: AbortSignal): Promise<void> {
	const all = Buffer.concat([unfinished, bytes]);
	const begun = unfinished.length;
	let at = 0;
	try {
		while (at < all.length) {
			if (signal.aborted) throw new Error('stdout: nobody reads it');
			at += await writeSome(fd, all.subarray(at));
		}
		unfinished = Buffer.alloc(0);
	} catch (error) {
		// The rest of the line that was begun. What comes after it is written again.
		const end = at === 0 ? begun : all.indexOf(0x0a, at - 1) + 1;
		unfinished = all.subarray(at, Math.max(at, end));
		throw error;
	}
}

/** Returns how much of it was written: none where a pipe is full. */
async function writeSome(fd: number, bytes: Buffer): Promise<number> {
	try {
		return (await writeTo(fd, bytes, 0, bytes.length, null)).bytesWritten;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
		await afterMs(fullMs);
		return 0;
	}
}
