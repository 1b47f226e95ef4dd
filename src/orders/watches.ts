import { type FSWatcher, watch } from 'node:fs';
import { errorCode } from '../model/errno.ts';
import type { Log } from '../model/log.ts';
import { type Folder, meansNothingThere } from './entry.ts';

export interface WatchesListener {
	/** inotify reports that something happened to `name` in `folder`. */
	noticed(folder: Folder, name: string | null): void;
	/** A folder that was to be watched is not. */
	failed(): void;
}

/** One inotify watch for each folder, as far as the system allows. */
export class FolderWatches {
	readonly #listener: WatchesListener;
	readonly #log: Log;
	readonly #open = new Map<Folder, FSWatcher>();
	readonly #unwatched = new Set<Folder>();
	/** Had vanished when they were to be watched. */
	readonly #vanished = new Set<Folder>();
	/** The error code when the system has no more watches to give. Not asked again before `retry`. */
	#exhausted: string | null = null;
	#reported = false;

	constructor(listener: WatchesListener, log: Log) {
		this.#listener = listener;
		this.#log = log;
	}

	/** How many folders are watched. */
	get count(): number {
		return this.#open.size;
	}

	/** Those that are watched. */
	get folders(): Iterable<Folder> {
		return this.#open.keys();
	}

	/** How many folders should be watched but are not. */
	get missing(): number {
		return this.#unwatched.size;
	}

	has(folder: Folder): boolean {
		return this.#open.has(folder);
	}

	/** Had vanished when it was to be watched: should it be back, nothing that happened there was noticed. */
	hadVanished(folder: Folder): boolean {
		return this.#vanished.has(folder);
	}

	/**
	 * Watches the folder that is at its path now. An older watch is replaced, because the folder it was made for
	 * may be gone without notice. The new one comes first, so that nothing is missed between the two.
	 */
	renew(folder: Folder): void {
		const old = this.#open.get(folder);
		const fresh = this.#watch(folder);
		old?.close();
		if (fresh === null) this.#open.delete(folder);
		else this.#open.set(folder, fresh);
	}

	/** The folder is gone. */
	close(folder: Folder): void {
		this.#open.get(folder)?.close();
		this.#open.delete(folder);
		this.#unwatched.delete(folder);
		this.#vanished.delete(folder);
	}

	closeAll(): void {
		for (const watcher of this.#open.values()) watcher.close();
		this.#open.clear();
		this.#unwatched.clear();
		this.#vanished.clear();
	}

	/** The limits may have been raised, or watches given back by somebody: ask again. */
	retry(): void {
		this.#exhausted = null;
	}

	/** Tells the log when folders begin to be unwatched and when all are watched again. */
	report(scanSeconds: number): void {
		const isShort = this.#unwatched.size > 0;
		if (isShort === this.#reported) return;
		this.#reported = isShort;
		if (isShort) this.#log.warn(this.#shortage(scanSeconds));
		else this.#log.info(`all ${this.#open.size} order folders are watched again`);
	}

	#watch(folder: Folder): FSWatcher | null {
		this.#vanished.delete(folder);
		// A folder that has a watch keeps it even when there are no more to be had: it is the same one to the kernel.
		if (this.#exhausted !== null && !this.#open.has(folder)) return this.#miss(folder);
		try {
			const watcher = watch(folder.path, (_type, name) => this.#listener.noticed(folder, name));
			watcher.on('error', () => this.#lose(folder, watcher));
			this.#unwatched.delete(folder);
			return watcher;
		} catch (error) {
			const code = errorCode(error);
			// Listing the folder fails for the same reason, and says so.
			if (code === 'EACCES' || code === 'ENAMETOOLONG' || meansNothingThere(code)) {
				this.#unwatched.delete(folder);
				if (meansNothingThere(code)) this.#vanished.add(folder);
				return null;
			}
			this.#exhausted = code;
			this.#listener.failed();
			return this.#miss(folder);
		}
	}

	#miss(folder: Folder): null {
		this.#unwatched.add(folder);
		return null;
	}

	#lose(folder: Folder, watcher: FSWatcher): void {
		watcher.close();
		if (this.#open.get(folder) !== watcher) return;
		this.#open.delete(folder);
		this.#unwatched.add(folder);
		this.#listener.failed();
	}

	#shortage(scanSeconds: number): string {
		const total = this.#open.size + this.#unwatched.size;
		return (
			`${this.#unwatched.size} of ${total} order folders are not watched (${this.#exhausted ?? 'watch lost'}); ` +
			`scanning all orders every ${scanSeconds.toFixed(1)} s instead. ${remedy(this.#exhausted)}`
		);
	}
}

function remedy(code: string | null): string {
	if (code === 'ENOSPC') return 'Raise the limit: sysctl fs.inotify.max_user_watches=1048576';
	if (code === 'EMFILE') {
		return 'Raise the limits: sysctl fs.inotify.max_user_instances=1024, and LimitNOFILE= of the service';
	}
	return 'Watching is tried again at every scan.';
}
