import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** Calls that change what is on disk. */
const changing = [
	'openSync',
	'renameSync',
	'unlinkSync',
	'rmdirSync',
	'rmSync',
	'mkdirSync',
	'writeFileSync',
	'writeSync',
	'copyFileSync',
	'symlinkSync',
	'linkSync',
	'futimesSync',
] as const;

/**
 * Runs an action as if the process were killed after so many changes to the disk: nothing is changed any more, not
 * even by what would clean up. Returns whether it came to that.
 */
export function killedAfter(changes: number, action: () => void): boolean {
	let left = changes;
	let isKilled = false;
	const calls = fs as unknown as Record<string, (...args: unknown[]) => unknown>;
	const real = changing.map((name) => [name, calls[name]] as const);
	for (const [name, call] of real) {
		calls[name] = (...args) => {
			if (name === 'openSync' && !isToWrite(args[1])) return call?.(...args);
			if (left === 0) {
				isKilled = true;
				throw new Error('killed');
			}
			left--;
			return call?.(...args);
		};
	}
	syncBuiltinESMExports();
	try {
		action();
	} catch (error) {
		if (!isKilled) throw error;
	} finally {
		for (const [name, call] of real) {
			if (call !== undefined) calls[name] = call;
		}
		syncBuiltinESMExports();
	}
	return isKilled;
}

function isToWrite(flags: unknown): boolean {
	return typeof flags === 'number'
		? (flags & fs.constants.O_CREAT) !== 0
		: flags !== undefined && flags !== 'r';
}

/** Calls `before` once, just before the next call of that name. */
export function justBefore(name: (typeof changing)[number] | 'statSync', before: () => void): () => void {
	const calls = fs as unknown as Record<string, (...args: unknown[]) => unknown>;
	const real = calls[name];
	if (real === undefined) throw new Error(`there is no fs.${name}`);
	const restore = () => {
		calls[name] = real;
		syncBuiltinESMExports();
	};
	calls[name] = (...args) => {
		restore();
		before();
		return real(...args);
	};
	syncBuiltinESMExports();
	return restore;
}
