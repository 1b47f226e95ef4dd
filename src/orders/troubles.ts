import { errnoWords } from '../model/errno.ts';
import type { Log } from '../model/log.ts';
import type { Folder } from './entry.ts';

/** They pass without anybody changing the folder. */
const shortages = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN']);

/** Folders that cannot be read. The log hears of each once when it begins and once when it ends. */
export class FolderTroubles {
	readonly #log: Log;
	readonly #onShortage: () => void;
	readonly #codes = new Map<Folder, string>();
	#isRootMissing = false;
	/** Folders in which a name that is not valid UTF-8 has been told. */
	readonly #badNames = new WeakSet<Folder>();

	/** @param onShortage a folder could not be read because the machine is short of something */
	constructor(log: Log, onShortage: () => void) {
		this.#log = log;
		this.#onShortage = onShortage;
	}

	/** True when orders may be there that cannot be seen: not below a path that is too long for the kernel. */
	get mayHideOrders(): boolean {
		for (const code of this.#codes.values()) {
			if (code !== 'ENAMETOOLONG') return true;
		}
		return false;
	}

	get isNone(): boolean {
		return this.#codes.size === 0;
	}

	has(folder: Folder): boolean {
		return this.#codes.has(folder);
	}

	[Symbol.iterator](): Iterator<[Folder, string]> {
		return this.#codes.entries();
	}

	/** True when the machine is short of something that some folder needs: worth trying again soon. */
	get isShortage(): boolean {
		for (const code of this.#codes.values()) {
			if (shortages.has(code)) return true;
		}
		return false;
	}

	/** @param code what the last attempt to read the folder ended with, null when it went well */
	set(folder: Folder, code: string | null): void {
		const before = this.#codes.get(folder) ?? null;
		if (code === before) return;
		if (code === null) {
			this.#codes.delete(folder);
			this.#log.info(`order folder ${folder.path} can be read again`);
			return;
		}
		this.#codes.set(folder, code);
		if (shortages.has(code)) this.#onShortage();
		this.#log.warn(
			`cannot read order folder ${shortened(folder.path)} (${code}), the orders known below it are kept; ` +
				remedy(code, folder.path),
		);
	}

	/** @param root the path of `orders/` */
	setMissing(root: string, isMissing: boolean): void {
		if (isMissing === this.#isRootMissing) return;
		this.#isRootMissing = isMissing;
		if (isMissing) this.#log.warn(`order folder ${root} is missing or not a folder; waiting for it`);
		else this.#log.info(`order folder ${root} is back`);
	}

	/** There is a name that is not valid UTF-8. */
	badName(folder: Folder, name: string): void {
		if (this.#badNames.has(folder)) return;
		this.#badNames.add(folder);
		this.#log.warn(
			`ignoring order files in ${folder.path} whose names are not valid UTF-8, such as ${name}; rename them`,
		);
	}

	/** The folder is gone, and its trouble with it. */
	forget(folder: Folder): void {
		this.#codes.delete(folder);
	}
}

/** Paths can have thousands of characters. */
function shortened(path: string): string {
	return path.length <= pathMax ? path : `${path.slice(0, pathMax)}...`;
}

const pathMax = 500;

function remedy(code: string, path: string): string {
	if (code === 'EACCES' || code === 'EPERM') {
		return `make it readable for the user pingmachine runs as: chmod a+rx '${path}'`;
	}
	if (code === 'ENAMETOOLONG') return 'its path is too long: move what is in it up';
	if (code === 'EMFILE') return `${errnoWords.EMFILE}: raise LimitNOFILE= of the service`;
	return 'it is tried again at every scan';
}
