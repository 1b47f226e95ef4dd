import { randomBytes } from 'node:crypto';
import {
	lstatSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmdirSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { errorCode } from '../../model/errno.ts';
import { hubFolder } from '../../model/pop.ts';
import { hashOfText } from './held-orders.ts';

/** The files below `orders/@hub/`. Only those whose text we know by its hash are ever replaced or removed. */
export class HubFiles {
	readonly #orders: string;
	readonly #folder: string;

	/** `folder`: below which they lie; empty: `orders/` itself. */
	constructor(baseDir: string, folder = hubFolder) {
		this.#orders = `${baseDir}/orders`;
		this.#folder = folder;
	}

	/** The file holds this text from now on. Throws when something that is not ours is in the way. */
	put(id: string, text: string, hashBefore: string | null): void {
		const path = this.#pathOf(id);
		const present = this.#hashAt(path);
		if (present === hashOfText(text)) return;
		if (present !== null && present !== hashBefore)
			throw new Error(`something else has the name of its file: move ${this.#folder}/${id} away`);
		this.#makeFolder(dirname(path));
		const fresh = `${dirname(path)}/.pingmachine-order-${randomBytes(8).toString('hex')}`;
		try {
			writeFileSync(fresh, text, { flag: 'wx', mode: 0o644 });
			renameSync(fresh, path);
		} finally {
			rmSync(fresh, { force: true });
		}
	}

	/** Removes the file if it is as we wrote it, and the folders that are empty then. */
	remove(id: string, hash: string): void {
		const path = this.#pathOf(id);
		if (this.#hashAt(path) !== hash) return;
		rmSync(path, { force: true });
		for (let folder = dirname(path); folder.length > this.#orders.length; folder = dirname(folder)) {
			try {
				if (readdirSync(folder).length > 0) return;
				rmdirSync(folder);
			} catch (error) {
				if (['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(errorCode(error) ?? '')) return;
				throw error;
			}
		}
	}

	/** The text of the file, if it is there as we wrote it. */
	textOf(id: string, hash: string): string | null {
		const path = this.#pathOf(id);
		return this.#hashAt(path) === hash ? readFileSync(path, 'utf8') : null;
	}

	/** Null: there is nothing; empty: something that is no file. */
	#hashAt(path: string): string | null {
		try {
			const found = lstatSync(path, { throwIfNoEntry: false });
			if (found === undefined) return null;
			return found.isFile() ? hashOfText(readFileSync(path, 'utf8')) : '';
		} catch (error) {
			if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return null;
			throw error;
		}
	}

	/** No link leads elsewhere on the way. */
	#makeFolder(folder: string): void {
		if (folder.length <= this.#orders.length) return;
		this.#makeFolder(dirname(folder));
		const found = lstatSync(folder, { throwIfNoEntry: false });
		if (found === undefined) {
			mkdirSync(folder, { mode: 0o755 });
			return;
		}
		if (!found.isDirectory()) throw new Error(`${folder} is no folder: move it away`);
	}

	#pathOf(id: string): string {
		return this.#folder === '' ? `${this.#orders}/${id}` : `${this.#orders}/${this.#folder}/${id}`;
	}
}
