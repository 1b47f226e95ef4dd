import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { readTokens, type Token } from './tokens.ts';

/** A file that is looked at again only after so long, so that a flood of requests costs no flood of system calls. */
const lookMs = 1000;
/** Larger ones are no tokens files. */
const sizeMax = 4 * 1024 * 1024;

/** The tokens of a file that may change at any time. What cannot be read any more grants nothing any more. */
export class TokensFile {
	readonly #path: string;
	readonly #warn: (message: string) => void;
	#tokens: readonly Token[] = [];
	#lookedMs = Number.NEGATIVE_INFINITY;
	#seen = '';
	#told = '';

	/** `warn` is told what is wrong with the file, once for each change. */
	constructor(path: string, warn: (message: string) => void) {
		this.#path = path;
		this.#warn = warn;
	}

	/** As they are now, or were a second ago. */
	tokens(): readonly Token[] {
		const nowMs = performance.now();
		if (nowMs >= this.#lookedMs + lookMs) {
			this.#lookedMs = nowMs;
			this.#look();
		}
		return this.#tokens;
	}

	#look(): void {
		try {
			const descriptor = openSync(this.#path, 'r');
			try {
				this.#readOpen(descriptor);
			} finally {
				closeSync(descriptor);
			}
		} catch (error) {
			this.#tokens = [];
			this.#seen = '';
			this.#tell([
				`cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}): no token is known`,
			]);
		}
	}

	#readOpen(descriptor: number): void {
		const { dev, ino, size, mtimeNs, ctimeNs, mode } = fstatSync(descriptor, { bigint: true });
		const seen = [dev, ino, size, mtimeNs, ctimeNs].join();
		if (seen === this.#seen) return;
		if (size > sizeMax) throw Object.assign(new Error('too large'), { code: 'EFBIG' });
		const bytes = Buffer.alloc(Number(size));
		const length = readSync(descriptor, bytes, 0, bytes.length, 0);
		const { tokens, findings } = readTokens(bytes.toString('utf8', 0, length));
		this.#tokens = tokens;
		this.#seen = seen;
		const isOpen = (mode & 0o077n) !== 0n;
		this.#tell(isOpen ? [...findings, 'can be read by others: chmod 600 it'] : findings);
	}

	#tell(findings: readonly string[]): void {
		const message = findings.join('; ');
		if (message !== '' && message !== this.#told) this.#warn(`tokens_file ${this.#path}: ${message}`);
		this.#told = message;
	}
}
