import { type FileHandle, rename } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { openPrivateFile } from '../host/private-file.ts';

/** Pieces of about so many characters are written at once. */
const pieceLength = 64 * 1024;

/** A file of lines that grows at its end, and is written anew when much of it is out of date. */
export class CountsFile {
	readonly #path: string;
	#handle: FileHandle | null = null;
	#bytes = 0;

	constructor(path: string) {
		this.#path = path;
	}

	/** Bytes of it, as far as they are ours; 0: it must be written anew first. */
	get bytes(): number {
		return this.#handle === null ? 0 : this.#bytes;
	}

	/** Writes it anew: under another name first, so that it is whole whatever happens. Rejects with the disk's error. */
	async rewrite(lines: Iterable<string>): Promise<void> {
		const fresh = `${this.#path}.new`;
		await this.close();
		const handle = await openPrivateFile(fresh);
		try {
			this.#bytes = await write(handle, lines);
			await rename(fresh, this.#path);
		} catch (error) {
			await handle.close();
			throw error;
		}
		this.#handle = handle;
	}

	/** Adds lines. What could not be added whole has it written anew the next time. */
	async append(lines: Iterable<string>): Promise<void> {
		const handle = this.#handle;
		if (handle === null) throw new Error(`${this.#path} is not open`);
		try {
			this.#bytes += await write(handle, lines);
		} catch (error) {
			await this.close();
			throw error;
		}
	}

	async close(): Promise<void> {
		const handle = this.#handle;
		this.#handle = null;
		await handle?.close();
	}
}

async function write(handle: FileHandle, lines: Iterable<string>): Promise<number> {
	let piece = '';
	let bytes = 0;
	const flush = async () => {
		const { length } = Buffer.from(piece);
		await handle.writeFile(piece);
		bytes += length;
		piece = '';
	};
	for (const line of lines) {
		piece += `${line}\n`;
		if (piece.length < pieceLength) continue;
		await flush();
		await nextTurn();
	}
	if (piece !== '') await flush();
	return bytes;
}
