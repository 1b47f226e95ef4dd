import { appendFileSync, mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { handOver } from '../host/hand-over.ts';
import { outcomeToJson } from '../outcomes/outcome-json.ts';
import { bytesOf } from './poisoned.ts';
import type { Waiting } from './spool-lines.ts';

const defaultMaxBytes = 1_000_000;

/** What the other end would not have, each with the reason: a file beside the spool, and the one before it. */
export class RefusedFile {
	readonly #folder: string;
	readonly #maxBytes: number;

	constructor(folder: string, maxBytes = defaultMaxBytes) {
		this.#folder = folder;
		this.#maxBytes = maxBytes;
	}

	/** Adds one. Throws the error of the file system. */
	add({ delivered }: Waiting, reason: string, nowMs: number): void {
		const refused = { refused: new Date(nowMs).toISOString(), reason, outcome: outcomeToJson(delivered) };
		const line = `${JSON.stringify(refused)}\n`;
		const path = `${this.#folder}/refused.jsonl`;
		if (mkdirSync(this.#folder, { recursive: true, mode: 0o750 }) !== undefined)
			handOver(this.#folder, dirname(this.#folder));
		const size = bytesOf(path);
		if (size > 0 && size + Buffer.byteLength(line) > this.#maxBytes) renameSync(path, `${path}.1`);
		appendFileSync(path, line, { mode: 0o640 });
	}
}
