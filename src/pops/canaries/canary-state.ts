import { randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { makePrivateFolder } from '../../host/private-folder.ts';
import type { KeptCanaryOrder } from './canary-orders.ts';

const bytesMax = 256 * 1024 * 1024;

const schema = z.object({
	group: z.string().regex(/^[\w.-]{1,200}$/),
	orders: z.array(
		z.tuple([
			z.string().regex(/^[a-z][a-z0-9_-]{0,39}$/),
			z.string().min(1).max(4000),
			z.number().min(0),
			z.array(z.tuple([z.string().min(1).max(200), z.int().min(0)])),
		]),
	),
});

/** What outlasts a restart, in a file of 0600. */
export class CanaryState {
	/** As which Kafka knows us: it remembers up to where we have read. */
	readonly group: string;
	/** As they were kept. */
	readonly orders: readonly KeptCanaryOrder[];
	readonly #file: string;
	readonly #problem: (message: string) => void;
	#saving: Promise<void> = Promise.resolve();
	#saved = '';

	/** `problem` is told when the file cannot be read or written. */
	constructor(file: string, problem: (message: string) => void) {
		this.#file = file;
		this.#problem = problem;
		const found = this.#read();
		this.group = found?.group ?? `pingmachine-canaries-${randomUUID()}`;
		this.orders = found?.orders ?? [];
	}

	/** Never rejects. */
	save(orders: readonly KeptCanaryOrder[]): Promise<void> {
		const text = JSON.stringify({ group: this.group, orders });
		if (text === this.#saved) return this.#saving;
		this.#saved = text;
		this.#saving = this.#saving.then(() => this.#write(text));
		return this.#saving;
	}

	async #write(text: string): Promise<void> {
		try {
			makePrivateFolder(dirname(this.#file));
			await writeFile(`${this.#file}.new`, text, { mode: 0o600 });
			await rename(`${this.#file}.new`, this.#file);
		} catch (error) {
			this.#saved = '';
			this.#problem(`cannot write ${this.#file}: ${(error as Error).message}`);
		}
	}

	#read(): z.infer<typeof schema> | null {
		try {
			if (statSync(this.#file).size > bytesMax) throw new Error('it is too large');
			return readState(readFileSync(this.#file, 'utf8'));
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
			this.#problem(`cannot read ${this.#file}, and begins anew: ${(error as Error).message}`);
			return null;
		}
	}
}

/** Throws when it is nothing that was kept. */
export function readState(text: string): z.infer<typeof schema> {
	return schema.parse(JSON.parse(text));
}
