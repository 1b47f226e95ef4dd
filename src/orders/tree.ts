import { type Dir, type Dirent, opendirSync, realpathSync, type Stats } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { wrongWithLink } from '../host/link-trust.ts';
import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import {
	type Entry,
	errorCode,
	type Folder,
	fileEntry,
	folderEntry,
	isIgnored,
	isSameFile,
	isSameFolder,
	leadsUp,
	look,
	meansNothingThere,
	type Sight,
} from './entry.ts';
import { FolderTroubles } from './troubles.ts';
import type { FolderWatches } from './watches.ts';
import { FolderNames, Walk } from './work.ts';

/** A file below `orders/`: regular or not, readable or not. */
export interface OrderFileSeen {
	/** Its path below `orders/`. */
	readonly id: string;
	readonly path: string;
	/** When it was last written or touched, milliseconds since the epoch; of the file a link leads to. */
	readonly mtimeMs: number;
}

export interface TreeListener {
	changed(file: OrderFileSeen): void;
	removed(id: string): void;
	/** A folder could not be read because the machine is short of something: to be tried again soon. */
	shortage(): void;
}

export interface OrdersTreeOptions {
	readonly root: string;
	readonly listener: TreeListener;
	readonly watches: FolderWatches;
	readonly log: Log;
	readonly clock: Clock;
}

/**
 * What is known of the files below `orders/`, and the steps that compare it with the file system.
 *
 * Everything ends in `#check`, which looks at one path and reports what differs. It needs no order and no history:
 * an event, a folder's listing and a mere suspicion are all the same to it.
 */
export class OrdersTree {
	readonly #listener: TreeListener;
	readonly #watches: FolderWatches;
	readonly #log: Log;
	readonly #clock: Clock;
	/** The folder that holds `orders/`. Nothing else in it is looked at. */
	readonly #base: Folder;
	readonly #rootName: string;
	/** Folders in which a name that is not valid UTF-8 has been reported. */
	readonly #badNames = new WeakSet<Folder>();
	#isRootMissing = false;
	#files = 0;

	readonly troubles: FolderTroubles;
	/** Links below `orders/`, those that lead nowhere too. */
	readonly links = new FolderNames();
	/** What is no longer there. Has to be stepped to its end before anything else, or ids that return would be lost. */
	readonly leaving = new Walk((folder) => this.#leave(folder));
	/** Folders that appeared between scans. */
	readonly arriving: Walk = new Walk((folder) => this.#visit(folder, this.arriving));
	/** The folders of a full scan. */
	readonly scanning: Walk = new Walk((folder) => this.#visit(folder, this.scanning));
	/** Names of folders that left because something else has their place. */
	readonly #replaced: { readonly folder: Folder; readonly name: string }[] = [];

	constructor({ root, listener, watches, log, clock }: OrdersTreeOptions) {
		const path = resolve(root);
		this.#listener = listener;
		this.#watches = watches;
		this.#log = log;
		this.#clock = clock;
		this.#rootName = basename(path);
		this.#base = folderEntry(
			{ path: dirname(path), name: '', parent: null, idPrefix: '' },
			{ dev: -1, ino: -1 },
		);
		this.troubles = new FolderTroubles(log, () => listener.shortage());
	}

	/** How many files are known. */
	get files(): number {
		return this.#files;
	}

	/** False when `orders/` is missing, is not a folder or cannot be reached. */
	get hasRoot(): boolean {
		return this.#base.entries.has(this.#rootName);
	}

	/** Looks at `orders/` and has all of it visited by `scanning`. */
	scan(): void {
		this.#checkRoot(this.scanning);
	}

	/** Looks at a name that inotify reported. A folder of that name is visited anew, even if it seems the same. */
	checkEvent(folder: Folder, name: string): void {
		if (folder === this.#base) this.#checkRoot(this.arriving);
		else this.#checkAlone(folder, name, this.arriving);
	}

	/** Looks at what has the place of a folder that left. To be called when `leaving` is done; false when there is none. */
	stepReplaced(): boolean {
		const next = this.#replaced.pop();
		if (next === undefined) return false;
		this.checkEvent(next.folder, next.name);
		return true;
	}

	/** Looks at `orders/` itself and at every link, because they can change without an event where they are. */
	*recheck(): Generator<void> {
		this.#checkRoot(null);
		for (const [folder, name] of this.links) {
			yield;
			this.#checkAlone(folder, name, null);
		}
	}

	stop(): void {
		for (const walk of [this.leaving, this.arriving, this.scanning]) walk.stop();
	}

	*#visit(folder: Folder, walk: Walk): Generator<void> {
		if (folder.gone) return;
		// Watched first and listed then: what arrives in between is seen twice rather than never.
		this.#watches.renew(folder);
		let trouble: string | null = null;
		for (const name of folder.entries.keys()) {
			trouble = this.#check(folder, name, walk) ?? trouble;
			yield;
			if (folder.gone) return;
		}
		trouble = (yield* this.#list(folder, walk)) ?? trouble;
		if (!folder.gone) this.troubles.set(folder, trouble);
	}

	/** Checks the names in a folder that are not known yet. Returns the error code of what went wrong. */
	*#list(folder: Folder, walk: Walk): Generator<void, string | null> {
		let trouble: string | null = null;
		let listing: Dir | null = null;
		try {
			// Not readdir: that blocks for 70 ms on 100,000 names, this for 0.3 ms at a time.
			listing = opendirSync(folder.path, { bufferSize: 256 });
			for (let entry = listing.readSync(); entry !== null; entry = listing.readSync()) {
				trouble = this.#meetListed(folder, entry, walk) ?? trouble;
				yield;
				if (folder.gone) break;
			}
		} catch (error) {
			// Should it have vanished, then whoever looks at its name next will notice.
			if (!meansNothingThere(errorCode(error))) trouble = errorCode(error);
		} finally {
			listing?.closeSync();
		}
		return trouble;
	}

	#meetListed(folder: Folder, { name }: Dirent, walk: Walk): string | null {
		if (isIgnored(name) || folder.entries.has(name)) return null;
		const trouble = this.#check(folder, name, walk);
		if (name.includes('\uFFFD') && !folder.entries.has(name)) this.#refuseName(folder, name);
		return trouble;
	}

	*#leave(folder: Folder): Generator<void> {
		folder.gone = true;
		this.#watches.close(folder);
		this.troubles.forget(folder);
		this.links.deleteFolder(folder);
		for (const name of folder.entries.keys()) {
			this.#forget(folder, name);
			yield;
		}
	}

	#checkRoot(walk: Walk | null): void {
		const before = this.#base.entries.get(this.#rootName);
		const trouble = this.#check(this.#base, this.#rootName, walk ?? this.#walkIfUnnoticed(before));
		this.troubles.set(this.#base, trouble);
		// Only when missing twice in a row: one that is replaced is missing just once.
		if (before === undefined && !this.hasRoot && trouble === null) this.#setRootMissing(true);
		if (this.hasRoot) this.#setRootMissing(false);
	}

	/** Nobody would tell when `orders/` can be reached or read again, nor what happened there meanwhile. */
	#walkIfUnnoticed(root: Entry | undefined): Walk | null {
		if (this.troubles.has(this.#base)) return this.arriving;
		if (root?.kind !== 'folder' || this.#watches.has(root)) return null;
		return this.troubles.has(root) ? this.arriving : null;
	}

	#setRootMissing(isMissing: boolean): void {
		if (isMissing === this.#isRootMissing) return;
		this.#isRootMissing = isMissing;
		const path = `${this.#base.path}/${this.#rootName}`;
		if (isMissing) this.#log.warn(`order folder ${path} is missing or not a folder; waiting for it`);
		else this.#log.info(`order folder ${path} is back`);
	}

	/** Outside a visit, which would tell when the trouble is over. */
	#checkAlone(folder: Folder, name: string, walk: Walk | null): void {
		if (folder.gone) return;
		const trouble = this.#check(folder, name, walk);
		if (trouble !== null) this.troubles.set(folder, trouble);
	}

	/**
	 * Compares what is at one path with what is known of it, and reports the difference.
	 *
	 * @param walk visits the folder of that name, known or new; null: only one that is new or had vanished, as an
	 *   arriving folder
	 * @returns the error code when the path cannot be looked at; what is known of it is kept then
	 */
	#check(folder: Folder, name: string, walk: Walk | null): string | null {
		const nowMs = this.#clock.wallMs();
		let sight: Sight;
		try {
			sight = look(`${folder.path}/${name}`);
		} catch (error) {
			return errorCode(error);
		}
		const { stats, isLink, blockedBy } = sight;
		if (blockedBy !== null && folder.entries.get(name)?.kind === 'folder') return blockedBy;
		if (!isLink) this.links.delete(folder, name);
		else if (folder !== this.#base) this.links.add(folder, name);

		if (stats?.isDirectory()) this.#meetFolder(folder, name, stats, isLink, walk);
		else if (stats === undefined || folder === this.#base) this.#forget(folder, name);
		else this.#meetFile(folder, name, stats, nowMs);
		return null;
	}

	#meetFile(folder: Folder, name: string, stats: Stats, nowMs: number): void {
		const known = folder.entries.get(name);
		if (known?.kind === 'folder') {
			this.#replace(folder, name);
			return;
		}
		if (known?.kind === 'file' && isSameFile(known, stats)) return;
		if (known?.kind !== 'file') this.#files++;
		folder.entries.set(name, fileEntry(stats, nowMs));
		const { idPrefix, path } = folder;
		this.#listener.changed({ id: idPrefix + name, path: `${path}/${name}`, mtimeMs: stats.mtimeMs });
	}

	#meetFolder(folder: Folder, name: string, stats: Stats, isLink: boolean, walk: Walk | null): void {
		const known = folder.entries.get(name);
		if (known?.kind === 'folder') {
			const visitor = walk ?? (this.#watches.hadVanished(known) ? this.arriving : null);
			if (isSameFolder(known, stats)) visitor?.add(known);
			else this.#replace(folder, name);
			return;
		}
		const wrong = isLink ? this.#wrongWithLink(folder, name, stats) : null;
		if (wrong !== null) {
			this.#refuseLink(folder, name, wrong);
			return;
		}
		this.#forget(folder, name);
		const place = {
			path: `${folder.path}/${name}`,
			name,
			parent: folder,
			idPrefix: folder === this.#base ? '' : `${folder.idPrefix}${name}/`,
		};
		const child = folderEntry(place, stats);
		folder.entries.set(name, child);
		(walk ?? this.arriving).add(child);
	}

	#wrongWithLink(folder: Folder, name: string, stats: Stats): string | null {
		if (leadsUp(folder, stats)) return 'it leads to a folder that it lies in; remove the link';
		const path = `${folder.path}/${name}`;
		try {
			return wrongWithLink(path, realpathSync.native(path), stats, 'read')?.reason ?? null;
		} catch {
			// It leads elsewhere by now, which will be seen when it is looked at again.
			return null;
		}
	}

	#refuseLink(folder: Folder, name: string, reason: string): void {
		if (folder.entries.get(name)?.kind === 'refused') return;
		this.#forget(folder, name);
		folder.entries.set(name, { kind: 'refused' });
		this.#log.warn(`ignoring the link ${folder.path}/${name}: ${reason}`);
	}

	#forget(folder: Folder, name: string): void {
		const known = folder.entries.get(name);
		folder.entries.delete(name);
		if (known?.kind === 'folder') this.leaving.add(known);
		if (known?.kind !== 'file') return;
		this.#files--;
		this.#listener.removed(folder.idPrefix + name);
	}

	#replace(folder: Folder, name: string): void {
		this.#forget(folder, name);
		this.#replaced.push({ folder, name });
	}

	#refuseName(folder: Folder, name: string): void {
		if (this.#badNames.has(folder)) return;
		this.#badNames.add(folder);
		this.#log.warn(
			`ignoring order files in ${folder.path} whose names are not valid UTF-8, such as ${name}; rename them`,
		);
	}
}
