import { unlinkSync } from 'node:fs';
import { errorCode } from '../model/errno.ts';
import { errorText, readErrorMessage } from './error-file.ts';
import { inFolder, inMadeFolder } from './held-folder.ts';
import { readOwnText } from './read-own-text.ts';
import { replaceFile } from './replace-file.ts';
import { exists } from './set-aside.ts';
import type { StoreTools } from './store-tools.ts';

export const errorFileName = 'error';

/**
 * `rejected`: the order file is at fault, and only a new one helps. `failing`: the next measurement ends it. `noted`:
 * it is measured, but something is to be known; ends by itself.
 */
type Kind = 'rejected' | 'failing' | 'noted';

/** How long a note stays after it was made last. */
const noteMs = 3600_000;

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
	readonly #changed: (id: string, isClean: boolean) => void;
	readonly #faults = new Map<string, Fault>();
	/** They come back when nothing worse is to be told. */
	readonly #notes = new Map<string, { readonly message: string; readonly untilMs: number }>();

	/** `changed` is told when there is to be a file, and when there is none any more. */
	constructor(tools: StoreTools, changed: (id: string, isClean: boolean) => void) {
		this.#tools = tools;
		this.#changed = changed;
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
		if (kind !== 'rejected' && known?.kind === 'rejected') return;
		const isWritten = known === undefined ? this.#messageOf(id) === message : known.message === message;
		const fault = { kind, message, isWritten: isWritten && known?.isWritten !== false };
		this.#set(id, fault);
		if (!fault.isWritten) this.#write(id, fault, message);
	}

	/** There is a measurement: nothing fails any more. */
	measured(id: string): void {
		if (this.#faults.size > 0 && this.#faults.get(id)?.kind === 'failing') this.mended(id);
	}

	/** Something that the user of an order has to know for a while, though it is measured. */
	note(id: string, message: string): void {
		this.#notes.set(id, { message, untilMs: this.#tools.clock.wallMs() + noteMs });
		this.put(id, 'noted', message);
	}

	/** What was noted is not so any more, or will be noted again. */
	unnote(id: string): void {
		this.#notes.delete(id);
	}

	/** Nothing is at fault any more. `mayBeThere`: whether there may be a file of an earlier run. */
	mended(id: string, mayBeThere = true): void {
		const note = this.#notes.get(id);
		const isKnown = this.#faults.delete(id);
		if (note !== undefined) this.put(id, 'noted', note.message);
		else if (isKnown || mayBeThere) this.remove(id);
		else this.#changed(id, true);
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
				this.#set(id, { kind: 'failing', message: null, isWritten: false });
				return;
			}
		}
		this.#faults.delete(id);
		this.#changed(id, true);
	}

	/** Somebody else has seen to the file. */
	forget(id: string): void {
		this.#notes.delete(id);
		this.#faults.delete(id);
	}

	/** Tries again what could not be written or removed, and removes notes whose time is over. */
	retry(): void {
		const nowMs = this.#tools.clock.wallMs();
		for (const [id, { untilMs }] of this.#notes) {
			if (nowMs < untilMs && untilMs - nowMs <= noteMs) continue;
			this.#notes.delete(id);
			if (this.#faults.get(id)?.kind === 'noted') this.remove(id);
		}
		for (const [id, fault] of this.#faults) {
			if (fault.isWritten) continue;
			if (fault.message === null) this.remove(id);
			else this.#write(id, fault, fault.message);
		}
	}

	#set(id: string, fault: Fault): void {
		this.#faults.set(id, fault);
		this.#changed(id, false);
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
