import { statSync } from 'node:fs';
import type { Clock } from '../model/clock.ts';
import { describeFindings } from '../model/findings.ts';
import type { Log } from '../model/log.ts';
import type { OrderFinding } from '../model/order.ts';
import { HalfWritten } from './half-written.ts';
import type { OrderFile } from './order-file.ts';
import type { OrderFileSeen } from './seen.ts';

export interface KeptFilesParts<T> {
	readonly clock: Clock;
	readonly log: Log;
	/** Name of the folder in the base directory: `alerts`. */
	readonly folder: string;
	readText(path: string): OrderFile;
	read(id: string, text: string): { readonly value: T } | { readonly findings: readonly OrderFinding[] };
	/** What the files say has changed. */
	changed(): void;
}

interface Entry<T> {
	/** What it said when it could last be read. */
	value: T | null;
	/** Of that. */
	text: string | null;
	/** What is wrong with it now, as it was told. */
	fault: string | null;
	cancelLook: () => void;
}

/** What is not the fault of a file is looked at again after this. */
const passingMs = 1000;

/** What the files in a folder say. One that cannot be understood is told, and what it said before still holds. */
export class KeptFiles<T> {
	readonly #parts: KeptFilesParts<T>;
	readonly #entries = new Map<string, Entry<T>>();
	readonly #halfWritten: HalfWritten;

	constructor(parts: KeptFilesParts<T>) {
		this.#parts = parts;
		this.#halfWritten = new HalfWritten(parts.clock);
	}

	/** By the paths of their files. */
	values(): ReadonlyMap<string, T> {
		const known = [...this.#entries].flatMap(([id, { value }]) =>
			value === null ? [] : [[id, value] as const],
		);
		return new Map(known.sort(([a], [b]) => (a < b ? -1 : 1)));
	}

	/** Files that have never been understood. */
	unread(): readonly string[] {
		return [...this.#entries].flatMap(([id, { value }]) => (value === null ? [id] : []));
	}

	/** A file is new, was changed or was touched. */
	fileChanged(file: OrderFileSeen): void {
		const entry = this.#entryOf(file.id);
		entry.cancelLook();
		if (file.refusal !== undefined) {
			this.#findFault(entry, file.id, file.refusal);
			return;
		}
		const read = this.#parts.readText(file.path);
		if ('gone' in read) return;
		if ('problem' in read) {
			if (read.isPassing) this.#lookAgain(entry, file, passingMs);
			else this.#findFault(entry, file.id, read.problem);
			return;
		}
		const wrong = wrongWithMode(file.path);
		if (wrong !== null) {
			this.#findFault(entry, file.id, wrong);
			return;
		}
		const result = this.#parts.read(file.id, read.text);
		if ('value' in result) {
			entry.fault = null;
			this.#halfWritten.forget(file.id);
			if (entry.text === read.text) return;
			entry.value = result.value;
			entry.text = read.text;
			this.#parts.changed();
			return;
		}
		const lookAgainMs = this.#halfWritten.lookAgainMs(file.id, read.mtimeMs, read.text);
		if (lookAgainMs !== null) this.#lookAgain(entry, file, lookAgainMs);
		else this.#findFault(entry, file.id, describeFindings(result.findings));
	}

	/** A file is gone. */
	fileRemoved(id: string): void {
		this.#entries.get(id)?.cancelLook();
		this.#halfWritten.forget(id);
		if (this.#entries.delete(id)) this.#parts.changed();
	}

	/** Nothing is looked at any more. */
	stop(): void {
		for (const { cancelLook } of this.#entries.values()) cancelLook();
	}

	#entryOf(id: string): Entry<T> {
		const known = this.#entries.get(id);
		if (known !== undefined) return known;
		const entry: Entry<T> = { value: null, text: null, fault: null, cancelLook: () => {} };
		this.#entries.set(id, entry);
		return entry;
	}

	#lookAgain(entry: Entry<T>, file: OrderFileSeen, delayMs: number): void {
		entry.cancelLook = this.#parts.clock.after(delayMs, () => this.fileChanged(file));
	}

	#findFault(entry: Entry<T>, id: string, fault: string): void {
		if (entry.fault === fault) return;
		entry.fault = fault;
		const meanwhile = entry.value === null ? 'it is not used' : 'what it said before still holds';
		this.#parts.log.warn(`${this.#parts.folder}/${id}: ${fault} | Until then ${meanwhile}`);
		// That it is there is known now.
		if (entry.value === null) this.#parts.changed();
	}
}

const writableByOthers = 0o002;

/** Such a file is written by root and by the group of the daemon: whoever else can write it could silence alerts. */
export function wrongWithMode(path: string): string | null {
	try {
		const isOpen = (statSync(path).mode & writableByOthers) !== 0;
		return isOpen ? 'everybody may write it. Take that right from others: chmod o-w' : null;
	} catch (error) {
		return `cannot be looked at: ${(error as Error).message}`;
	}
}
