import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import type { Delivered, OpenSink, SinkTools } from '../../model/sink.ts';
import { fileError } from '../shared/file-words.ts';
import { linesOfResults } from '../shared/result-lines.ts';
import { rotate } from './rotation.ts';
import type { FileSettings } from './settings.ts';

/** A FIFO in its place must not hold us up. */
const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;

interface Current {
	readonly handle: FileHandle;
	readonly dev: number;
	readonly ino: number;
	/** When it began, milliseconds since the epoch. */
	readonly sinceMs: number;
	bytes: number;
}

/** Opens the file, or makes it. Rejects when it is none, or cannot be written. */
export async function openFile(settings: FileSettings, tools: SinkTools): Promise<OpenSink> {
	const current = await openCurrent(settings.path).catch((error: unknown) => {
		throw fileError(error, settings.path);
	});
	return new LineFile(settings, tools, current);
}

async function openCurrent(path: string): Promise<Current> {
	const handle = await open(path, flags, 0o640);
	try {
		const { dev, ino, size, birthtimeMs, mtimeMs } = await handle.stat();
		if (!(await handle.stat()).isFile()) throw new Error('it is no file. Correct path:');
		const current: Current = { handle, dev, ino, sinceMs: birthtimeMs || mtimeMs, bytes: size };
		if (size > 0 && !(await endsWithLineFeed(handle, size))) {
			// A crash, or a full disk, has left half a line, which was not taken. The next one shall stand alone.
			await handle.write('\n');
			current.bytes++;
		}
		return current;
	} catch (error) {
		await handle.close();
		throw error;
	}
}

async function endsWithLineFeed(handle: FileHandle, size: number): Promise<boolean> {
	const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
	return buffer[0] === 0x0a;
}

/** Each batch is written at its end, whole or not at all. */
class LineFile implements OpenSink {
	readonly #settings: FileSettings;
	readonly #tools: SinkTools;
	#current: Current;

	constructor(settings: FileSettings, tools: SinkTools, current: Current) {
		this.#settings = settings;
		this.#tools = tools;
		this.#current = current;
	}

	async write(batch: readonly Delivered[]): Promise<undefined> {
		const { path, format, keep } = this.#settings;
		const bytes = Buffer.from(await linesOfResults(batch, format, this.#tools));
		try {
			if (!(await this.#isStillThere())) await this.#reopen();
			if (this.#isFull(bytes.length)) {
				await rotate(path, keep, Date.now());
				await this.#reopen();
			}
			await this.#append(bytes);
		} catch (error) {
			throw fileError(error, path);
		}
	}

	async close(): Promise<void> {
		await this.#current.handle.close();
	}

	/** Somebody else may have moved or removed it: logrotate, say. */
	async #isStillThere(): Promise<boolean> {
		try {
			const { dev, ino } = await stat(this.#settings.path);
			return dev === this.#current.dev && ino === this.#current.ino;
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
			throw error;
		}
	}

	async #reopen(): Promise<void> {
		const current = await openCurrent(this.#settings.path);
		await this.#current.handle.close();
		this.#current = current;
	}

	#isFull(more: number): boolean {
		const { bytes, sinceMs } = this.#current;
		const { max_size, max_age } = this.#settings;
		if (bytes === 0) return false;
		return bytes + more > max_size || (max_age !== undefined && Date.now() - sinceMs > max_age * 1000);
	}

	async #append(bytes: Buffer): Promise<void> {
		const { handle } = this.#current;
		// Somebody else may write there too.
		const { size: before } = await handle.stat();
		try {
			await handle.appendFile(bytes);
			this.#current.bytes = before + bytes.length;
		} catch (error) {
			// Half a batch would be written again as a whole.
			await handle.truncate(before).catch(() => {});
			throw error;
		}
	}
}
