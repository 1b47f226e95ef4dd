import { unlinkSync } from 'node:fs';
import { errorCode } from './complaints.ts';
import { errorText, readErrorMessage } from './error-file.ts';
import { inFolder, inMadeFolder } from './held-folder.ts';
import { readOwnText } from './read-own-text.ts';
import { replaceFile } from './replace-file.ts';
import { exists } from './set-aside.ts';
import type { StoreTools } from './store-tools.ts';

export const errorFileName = 'error';

/** `rejected`: the order file is at fault, and only a new one helps. `failing`: the next measurement ends it. */
type Kind = 'rejected' | 'failing';

interface Fault {
	readonly kind: Kind;
	/** What the file should say; null: there should be none. */
	readonly message: string | null;
	/** Whether it is so on disk. */
	isWritten: boolean;
}

/** The `error` files: why an order is not measured. */
export class ErrorFiles {
	readonly #tools: StoreTools;
	readonly #faults = new Map<string, Fault>();

	constructor(tools: StoreTools) {
		this.#tools = tools;
	}

	has(id: string): boolean {
		return this.#faults.has(id);
	}

	ids(): Iterable<string> {
		return this.#faults.keys();
	}

	/** Writes the file unless it says so already. */
	put(id: string, kind: Kind, message: string): void {
		const known = this.#faults.get(id);
		if (kind === 'failing' && known?.kind === 'rejected') return;
		const isWritten = known === undefined ? this.#messageOf(id) === message : known.message === message;
		const fault = { kind, message, isWritten: isWritten && known?.isWritten !== false };
		this.#faults.set(id, fault);
		if (!fault.isWritten) this.#write(id, fault, message);
	}

	/** There is a measurement: nothing fails any more. */
	measured(id: string): void {
		if (this.#faults.get(id)?.kind === 'failing') this.remove(id);
	}

	/** Removes the file, if there is one. */
	remove(id: string): void {
		try {
			inFolder(this.#tools.folders.output, id, (folder) => {
				if (exists(`${folder}/${errorFileName}`)) unlinkSync(`${folder}/${errorFileName}`);
			});
		} catch (error) {
			// A folder of that name is another order's.
			if (errorCode(error) !== 'EISDIR') {
				this.#tools.complaints.failed('cannot remove', this.#path(id), error);
				this.#faults.set(id, { kind: 'failing', message: null, isWritten: false });
				return;
			}
		}
		this.#faults.delete(id);
	}

	/** Somebody else has seen to the file. */
	forget(id: string): void {
		this.#faults.delete(id);
	}

	/** Tries again what could not be written or removed. */
	retry(): void {
		for (const [id, fault] of this.#faults) {
			if (fault.isWritten) continue;
			if (fault.message === null) this.remove(id);
			else this.#write(id, fault, fault.message);
		}
	}

	#write(id: string, fault: Fault, message: string): void {
		const { clock, folders, complaints } = this.#tools;
		try {
			const text = errorText(clock.wallMs() / 1000, message);
			inMadeFolder(folders.output, id, (folder) => replaceFile(folder, errorFileName, text));
			fault.isWritten = true;
		} catch (error) {
			complaints.failed('cannot write', this.#path(id), error);
		}
	}

	/** What the file of an earlier run says. */
	#messageOf(id: string): string | null {
		try {
			return inFolder(this.#tools.folders.output, id, (folder) =>
				readErrorMessage(readOwnText(`${folder}/${errorFileName}`) ?? ''),
			);
		} catch {
			return null;
		}
	}

	#path(id: string): string {
		return `${this.#tools.folders.output}/${id}/${errorFileName}`;
	}
}
