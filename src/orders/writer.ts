import { randomBytes } from 'node:crypto';
import {
	chmodSync,
	linkSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	realpathSync,
	renameSync,
	rmSync,
	statSync,
	unlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { errnoWords, errorCode, reasonIn } from '../model/errno.ts';
import { isIgnored } from './entry.ts';
import { wrongWithId, wrongWithPath } from './names.ts';
import { readOrderFile } from './order-file.ts';

/** Something that the user can mend. The message says what is wrong and how to mend it. */
export class OrderTrouble extends Error {
	override readonly name = 'OrderTrouble';
}

export type Written = 'added' | 'replaced' | 'refreshed';

/** Changes the order files of a base directory. All methods throw `OrderTrouble`. */
export class OrderWriter {
	/** `orders/` itself, without links. */
	readonly #root: string;

	constructor(baseDir: string) {
		const orders = `${baseDir}/orders`;
		try {
			this.#root = realpathSync(orders);
			readdirSync(this.#root);
		} catch (error) {
			const remedy =
				errorCode(error) === 'ENOENT'
					? 'there is none. Start pingmachine run, which makes it, or name another base directory with --basedir'
					: reasonIn(error, reasons);
			throw new OrderTrouble(`${orders}: ${remedy}`);
		}
	}

	/**
	 * Writes an order: readers find the old text or the new one, never a part.
	 *
	 * @param mayReplace whether an order with this other text may be replaced
	 */
	write(id: string, text: string, mayReplace: (oldText: string) => boolean): Written {
		const path = this.#pathOf(id, true);
		return doing(`write ${path}`, () => {
			const old = this.#oldText(path);
			if (old === text) {
				touch(path);
				return 'refreshed';
			}
			if (old !== null && !mayReplace(old)) {
				throw new OrderTrouble('there is another order of that name. Choose another name, or add --force');
			}
			putFile(path, text, old !== null);
			return old === null ? 'added' : 'replaced';
		});
	}

	/** Removes the file, or the link, but not what a link leads to. */
	remove(id: string): void {
		const path = this.#pathOf(id, false);
		doing(`remove ${path}`, () => {
			if (lstatSync(path).isDirectory()) throw new OrderTrouble(folderTrouble(id));
			unlinkSync(path);
		});
	}

	/** Makes the file as young as if it had just been written. */
	refresh(id: string): void {
		const path = this.#pathOf(id, false);
		doing(`refresh ${path}`, () => {
			this.#refuseToLeave(path);
			if (isFolder(path)) throw new OrderTrouble(folderTrouble(id));
			touch(path);
		});
	}

	/** The text of an order; null when it is a link, or no order can be read from it. */
	ownText(id: string): string | null {
		const path = this.#pathOf(id, false);
		if (lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) return null;
		const read = readOrderFile(path);
		return 'text' in read ? read.text : null;
	}

	/** The names of the files in a folder, or in orders/ itself for '', that could be orders; none when there is no such folder. */
	filesIn(folderId: string): readonly string[] {
		const folder = folderId === '' ? this.#root : this.#pathOf(folderId, false);
		if (!isFolder(folder)) return [];
		return doing(`read ${folder}`, () => {
			if (folderId !== '') this.#refuseToLeave(folder);
			return readdirSync(folder, { withFileTypes: true })
				.filter((entry) => entry.isFile() && !isIgnored(entry.name))
				.map((entry) => entry.name)
				.sort();
		});
	}

	/** Where the file of an order is. For reading only: its folder may lie elsewhere. */
	path(id: string): string {
		return `${this.#root}/${id}`;
	}

	/** Where the file of an order is, or is to be; its folder lies below orders/, wherever links lead. */
	#pathOf(id: string, isMaking: boolean): string {
		const wrong = isMaking ? wrongWithId(id) : wrongWithPath(id);
		if (wrong !== null) throw new OrderTrouble(`the order id ${wrong}`);
		let folder = this.#root;
		for (const name of id.split('/').slice(0, -1)) {
			const parent = folder;
			folder = `${folder}/${name}`;
			doing(`use ${folder}`, () => {
				if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) {
					if (!isMaking) return;
					makeFolder(folder, parent);
				}
				this.#refuseToLeave(folder);
				if (!isFolder(folder)) throw new OrderTrouble(`${folder} is not a folder. Choose another name`);
			});
		}
		return this.path(id);
	}

	#refuseToLeave(path: string): void {
		const real = realpathSync(path);
		if (real.startsWith(`${this.#root}/`)) return;
		throw new OrderTrouble(`${path} is a link that leads out of orders/, to ${real}. Choose another name`);
	}

	/** Null when there is no file. Whatever else than an order is there stays there, `--force` or not. */
	#oldText(path: string): string | null {
		const found = lstatSync(path, { throwIfNoEntry: false });
		if (found === undefined) return null;
		if (found.isSymbolicLink()) {
			throw new OrderTrouble(`${path} is a link. Change what it leads to, or remove it first`);
		}
		if (found.isDirectory()) throw new OrderTrouble(`${path} is a folder. Choose another name`);
		const old = readOrderFile(path);
		if ('gone' in old) return null;
		if ('problem' in old) throw new OrderTrouble(`what is there is no order (${old.problem}). Move it away`);
		return old.text;
	}
}

function folderTrouble(id: string): string {
	return `is a folder. Write '${id}/**' for all orders below it`;
}

function isFolder(path: string): boolean {
	try {
		return statSync(path).isDirectory();
	} catch {
		// Whatever the reason, using it will tell.
		return false;
	}
}

/** Who may write into the folder above may write into this one too: the daemon takes away orders that expired. */
function makeFolder(path: string, parent: string): void {
	try {
		mkdirSync(path);
	} catch (error) {
		// Somebody else was faster.
		if (errorCode(error) === 'EEXIST') return;
		throw error;
	}
	chmodSync(path, statSync(parent).mode & 0o7777);
}

function putFile(path: string, text: string, isReplacing: boolean): void {
	const folder = path.slice(0, path.lastIndexOf('/'));
	const temporary = `${folder}/.pingmachine-order-${randomBytes(8).toString('hex')}`;
	try {
		writeFileSync(temporary, text, { flag: 'wx' });
		if (isReplacing || !linkUnlessImpossible(temporary, path)) renameSync(temporary, path);
	} finally {
		rmSync(temporary, { force: true });
	}
}

/** Unlike a rename this overwrites nothing, not even what came this very moment. False where there are no links. */
function linkUnlessImpossible(temporary: string, path: string): boolean {
	try {
		linkSync(temporary, path);
		return true;
	} catch (error) {
		const code = errorCode(error);
		if (code === 'EPERM' || code === 'ENOTSUP' || code === 'EOPNOTSUPP' || code === 'ENOSYS') return false;
		throw error;
	}
}

function touch(path: string): void {
	const now = new Date();
	utimesSync(path, now, now);
}

/** Turns what the file system says into what the user can do. */
function doing<T>(what: string, act: () => T): T {
	try {
		return act();
	} catch (error) {
		if (error instanceof OrderTrouble) throw error;
		throw new OrderTrouble(`cannot ${what}: ${reasonIn(error, reasons)}`, { cause: error });
	}
}

const forItsOwner = `${errnoWords.EACCES}. Run this as its owner, or as a member of the group pingmachine`;

const reasons: Readonly<Record<string, string>> = {
	EACCES: forItsOwner,
	EPERM: forItsOwner,
	ENOENT: `${errnoWords.ENOENT}. See pingmachine order ls`,
	EEXIST: 'somebody else wrote it at the same moment. Look at it, and try again',
	ENOSPC: `${errnoWords.ENOSPC} on the device. Make room`,
};
