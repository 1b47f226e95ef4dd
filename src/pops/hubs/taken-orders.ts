import { z } from 'zod';
import type { Log } from '../../model/log.ts';
import { printable } from '../../model/printable.ts';
import { wrongWithId } from '../../orders/names.ts';
import { readPrivate, writePrivate } from '../private-file.ts';
import { hashOfText } from '../site/held-orders.ts';
import { HubFiles } from '../site/hub-files.ts';

const stateSchema = z.object({ v: z.literal(1), orders: z.record(z.string(), z.string()) });

export interface TakenOrdersParts {
	readonly baseDir: string;
	readonly log: Log;
}

/** Orders that were written at other hubs, as files below `orders/`. Only what we wrote is ever replaced or removed. */
export class TakenOrders {
	readonly #path: string;
	readonly #files: HubFiles;
	readonly #log: Log;
	/** By id the hash of the file that we wrote. */
	readonly #hashes = new Map<string, string>();
	readonly #texts = new Map<string, string>();
	readonly #complaints = new Set<string>();
	#saving: NodeJS.Immediate | null = null;

	/** What the run before wrote is known. */
	constructor({ baseDir, log }: TakenOrdersParts) {
		this.#path = `${baseDir}/state/hubs-orders`;
		this.#files = new HubFiles(baseDir, '');
		this.#log = log;
		try {
			const text = readPrivate(this.#path);
			if (text === null) return;
			const read = stateSchema.parse(JSON.parse(text));
			for (const [id, hash] of Object.entries(read.orders)) this.#hashes.set(id, hash);
		} catch (error) {
			log.warn(
				`${this.#path}: ${(error as Error).message}. Orders of other hubs are taken for our own: remove them`,
			);
		}
	}

	get ids(): readonly string[] {
		return [...this.#hashes.keys()];
	}

	/** Whether the file is as we wrote it. */
	has(id: string, text: string): boolean {
		return this.#hashes.get(id) === hashOfText(text);
	}

	put(id: string, text: string): void {
		if (wrongWithId(id) !== null) return;
		this.#texts.set(id, text);
		const before = this.#hashes.get(id) ?? null;
		const hash = hashOfText(text);
		// It is known as not ours before anybody sees it.
		this.#hashes.set(id, hash);
		try {
			this.#files.put(id, text, before);
			this.#complaints.delete(id);
		} catch (error) {
			if (before === null) this.#hashes.delete(id);
			else this.#hashes.set(id, before);
			if (!this.#complaints.has(id))
				this.#log.warn(`the order ${printable(id)} of another hub is not taken: ${(error as Error).message}`);
			this.#complaints.add(id);
		}
		this.#save();
	}

	end(id: string): void {
		this.#texts.delete(id);
		this.#complaints.delete(id);
		const hash = this.#hashes.get(id);
		if (hash === undefined) return;
		try {
			this.#files.remove(id, hash);
		} catch (error) {
			this.#log.warn(`cannot remove the order ${printable(id)}: ${(error as Error).message}`);
		}
		this.#hashes.delete(id);
		this.#save();
	}

	/** A file is gone: what was written at another hub is removed there. */
	fileRemoved(id: string): void {
		const text = this.#texts.get(id);
		if (text !== undefined) this.put(id, text);
	}

	#save(): void {
		this.#saving ??= setImmediate(() => {
			this.#saving = null;
			try {
				writePrivate(this.#path, JSON.stringify({ v: 1, orders: Object.fromEntries(this.#hashes) }));
			} catch (error) {
				this.#log.warn(`${this.#path}: ${(error as Error).message}`);
			}
		});
	}
}
