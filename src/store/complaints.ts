import type { Clock } from '../model/clock.ts';
import { errnoRemedies, errnoWords, errorCode } from '../model/errno.ts';
import { printable } from '../model/printable.ts';
import { RepeatLimiter } from '../model/repeat-limiter.ts';

/** Tells what goes wrong, at a limited rate for each kind of trouble: a full disk is one trouble, not 10,000. */
export class Complaints {
	readonly #limiter: RepeatLimiter;

	constructor(tell: (message: string) => void, clock: Clock) {
		this.#limiter = new RepeatLimiter({ error: tell, warn: tell, info: tell, debug: tell }, clock);
	}

	/** `action` failed on `path`: `cannot write`, say. */
	failed(action: string, path: string, error: unknown): void {
		this.say(`${action} ${errorCode(error)}`, `${action} ${path}: ${reasonOf(error)}`);
	}

	/** Messages of one `kind` are limited together. */
	say(kind: string, message: string): void {
		// File names may hold anything, line breaks for one.
		this.#limiter.limited(kind, 'error', printable(message));
	}
}

const reasons: Readonly<Record<string, string>> = {
	...errnoRemedies,
	EACCES: `${errnoWords.EACCES}: let the user that runs pingmachine write there`,
	EPERM: `${errnoWords.EPERM}: check its owner and attributes (lsattr)`,
	ENAMETOOLONG: `${errnoWords.ENAMETOOLONG}: give the order a shorter name`,
	ENOTEMPTY: `${errnoWords.ENOTEMPTY}: move it away`,
	ELOOP: errnoWords.ELOOP,
	EISDIR: `${errnoWords.ENOTEMPTY}: move it away`,
	ENOTDIR: 'a file has the name of a folder that is needed: move it away',
};

/** Why an operation on a file failed, and the remedy. */
export function reasonOf(error: unknown): string {
	const code = errorCode(error);
	const reason = reasons[code];
	if (reason !== undefined) return `${reason} (${code})`;
	// The folder is held open under such a path, which tells the user nothing.
	return (error instanceof Error ? error.message : String(error)).replaceAll(/\/proc\/self\/fd\/\d+\//g, '');
}
