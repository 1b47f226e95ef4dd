import { checkWritable, makeBaseDir } from '../host/base-dir.ts';
import { type BaseDirLock, TakenAlready } from '../host/base-dir-lock.ts';
import { type Clock, everySecondOrSo } from '../model/clock.ts';
import type { Log } from '../model/log.ts';

export interface BaseDirWatchParts {
	readonly baseDir: string;
	readonly lock: BaseDirLock;
	readonly clock: Clock;
	readonly log: Log;
	/** It is there again, with all its folders, and locked. */
	takenUp(): void;
	/** Another process has taken it. */
	lost(): void;
}

/**
 * Takes up a base directory that was removed and made again: its lock and its folders. Returns a function that ends
 * that.
 */
export function watchBaseDir({ baseDir, lock, clock, log, takenUp, lost }: BaseDirWatchParts): () => void {
	let told = '';
	let isUnfinished = false;
	const look = () => {
		if (lock.isReplaced() || isUnfinished) takeUp();
	};
	const takeUp = () => {
		try {
			isUnfinished = true;
			lock.retake();
			makeBaseDir(baseDir);
			checkWritable(baseDir);
		} catch (error) {
			const { message } = error as Error;
			if (message !== told) log.error(`${baseDir} was removed and made again: ${message}`);
			told = message;
			if (error instanceof TakenAlready) lost();
			return;
		}
		isUnfinished = false;
		told = '';
		log.warn(`${baseDir} was removed and made again: going on in it`);
		takenUp();
	};
	return everySecondOrSo(clock, look);
}
