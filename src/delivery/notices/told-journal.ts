import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What was told of an alert last. */
type Told = 'raise' | 'clear';

/** More alerts than that, and the oldest are forgotten: they were told long ago. */
const most = 20_000;
const lineForm = /^(raise|clear) (\S.*)$/;

/**
 * Remembers in a file what has been told of which alert, so that what is told once more after a kill is not. Works
 * without the file where it cannot be written.
 */
export class ToldJournal {
	readonly #path: string;
	readonly #told = new Map<string, Told>();
	/** By the part of an id before its time, those of which is not told that they are over. */
	readonly #open = new Map<string, string>();
	#lines = 0;

	constructor(path: string) {
		this.#path = path;
	}

	/** Reads what an earlier run has left. */
	start(): void {
		let text = '';
		try {
			text = readFileSync(this.#path, 'utf8');
		} catch {
			// There is none yet, or it cannot be read: then somebody may hear something twice.
		}
		for (const line of text.split('\n')) {
			const [, about, id] = lineForm.exec(line) ?? [];
			if (id !== undefined) this.#set(id, about as Told);
			this.#lines++;
		}
	}

	/** What was told of an alert last; null: nothing. */
	last(id: string): Told | null {
		return this.#told.get(inLine(id)) ?? null;
	}

	/** The alert that was told to fire, and not to be over, of a rule and what it is about: an id without its time. */
	openOf(about: string): string | null {
		return this.#open.get(inLine(about)) ?? null;
	}

	/** Throws what the disk says. */
	add(about: Told, ids: readonly string[]): void {
		for (const id of ids) this.#set(inLine(id), about);
		this.#lines += ids.length;
		if (this.#lines > 2 * this.#told.size + 1000) this.#rewrite();
		else appendFileSync(this.#path, ids.map((id) => lineOf(about, id)).join(''));
	}

	#set(id: string, about: Told): void {
		this.#told.delete(id);
		this.#told.set(id, about);
		const key = id.slice(0, id.lastIndexOf('|'));
		if (about === 'raise') this.#open.set(key, id);
		else if (this.#open.get(key) === id) this.#open.delete(key);
		if (this.#told.size <= most) return;
		const [oldest] = this.#told.keys();
		if (oldest === undefined) return;
		this.#told.delete(oldest);
		const oldKey = oldest.slice(0, oldest.lastIndexOf('|'));
		if (this.#open.get(oldKey) === oldest) this.#open.delete(oldKey);
	}

	#rewrite(): void {
		mkdirSync(dirname(this.#path), { recursive: true });
		writeFileSync(`${this.#path}.tmp`, [...this.#told].map(([id, about]) => lineOf(about, id)).join(''));
		renameSync(`${this.#path}.tmp`, this.#path);
		this.#lines = this.#told.size;
	}
}

/** Ids have names of files in them, which may hold anything. */
function inLine(id: string): string {
	return id.replaceAll('\n', ' ');
}

function lineOf(about: Told, id: string): string {
	return `${about} ${inLine(id)}\n`;
}
