import type { Stats } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { errorCode } from '../model/errno.ts';
import type { Crowd } from './crowd.ts';
import { EmptyFolders } from './empty-folders.ts';
import { Entrances, isReachedByLink, isStillCrowded, linkTo } from './entrances.ts';
import {
	baseFolder,
	type Entry,
	type Folder,
	fileEntry,
	folderIn,
	isSameFile,
	isSameFolder,
	look,
	type RefusedEntry,
	type Sight,
	seenFile,
} from './entry.ts';
import { listFolder } from './list-folder.ts';
import type { OrderFileSeen, OrdersTreeOptions } from './seen.ts';
import { FolderTroubles } from './troubles.ts';
import { type Visit, Walk } from './walk.ts';
import { FolderNames } from './work.ts';

/**
 * What is known of the files below `orders/`, and the steps that compare it with the file system.
 *
 * Everything ends in `#check`, which reports what differs at one path, whoever had it looked at: no order, no history.
 */
export class OrdersTree {
	readonly #options: OrdersTreeOptions;
	/** The folder that holds `orders/`. Nothing else in it is looked at. */
	readonly #base: Folder;
	readonly #rootName: string;
	readonly #rootPath: string;
	readonly #entrances: Entrances;
	readonly empty: EmptyFolders;
	/** How many files are known. */
	files = 0;
	readonly troubles: FolderTroubles;
	/** What can change without an event where it is: links, those that lead nowhere too, and what is refused. */
	readonly links = new FolderNames();
	/** What is no longer there. Has to be stepped to its end before anything else, or ids that return would be lost. */
	readonly leaving = new Walk((folder) => this.#leave(folder));
	/** Folders that appeared between scans. */
	readonly arriving: Walk = new Walk((folder) => this.#visit(folder, this.arriving));
	/** The folders of a full scan. */
	readonly scanning: Walk = new Walk((folder) => this.#visit(folder, this.scanning));
	/** Names of folders that left because something else has their place. */
	readonly replaced: { readonly folder: Folder; readonly name: string }[] = [];

	constructor(options: OrdersTreeOptions) {
		this.#options = options;
		this.#rootPath = resolve(options.root);
		this.#rootName = basename(this.#rootPath);
		this.#entrances = new Entrances(this.#rootPath, options.isOrder);
		this.empty = new EmptyFolders(options.log, options.emptyFoldersMax);
		this.#base = baseFolder(dirname(this.#rootPath));
		this.troubles = new FolderTroubles(options.log, () => options.listener.shortage());
	}

	/** Null when `orders/` is missing, is not a folder or cannot be reached. */
	get root(): Folder | null {
		return folderIn(this.#base, this.#rootName);
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
		const next = this.replaced.pop();
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

	#enter(folder: Folder, walk: Walk): void {
		if (folder.crowd !== null) folder.crowd.visits++;
		walk.add(folder);
	}

	*#visit(folder: Folder, walk: Walk): Visit {
		if (!folder.gone) {
			const trouble = yield* this.#checkAll(folder, walk);
			if (!folder.gone) this.troubles.set(folder, trouble);
			this.empty.settle(folder);
		}
		const { crowd } = folder;
		if (crowd === null || --crowd.visits > 0) return;
		while (this.#judge(folder)) yield;
		for (let file = crowd.release(); file !== null; file = crowd.release()) {
			this.#options.listener.changed(file);
			yield;
		}
	}

	/** Returns the error code of what went wrong. */
	*#checkAll(folder: Folder, walk: Walk): Generator<'hold' | undefined, string | null> {
		// Watched first and listed then: what arrives in between is seen twice rather than never.
		this.#options.watches.renew(folder);
		let trouble: string | null = null;
		const known = [...folder.entries.keys()];
		const listing = yield* listFolder(folder.path, (name) => folder.entries.has(name));
		for (const name of known) {
			if (folder.gone) return null;
			trouble = this.#check(folder, name, walk) ?? trouble;
			yield;
		}
		for (const name of listing.names) {
			if (folder.gone) return null;
			trouble = this.#check(folder, name, walk) ?? trouble;
			if (name.includes('\uFFFD') && !folder.entries.has(name)) this.troubles.badName(folder, name);
			this.#judge(folder);
			yield;
		}
		return listing.trouble ?? trouble;
	}

	*#leave(folder: Folder): Visit {
		folder.gone = true;
		this.#entrances.leave(folder);
		this.empty.settle(folder);
		this.#options.watches.close(folder);
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
		if (before === undefined && this.root === null && trouble === null)
			this.troubles.setMissing(this.#rootPath, true);
		if (this.root !== null) this.troubles.setMissing(this.#rootPath, false);
	}

	/** Nobody would tell when `orders/` can be reached or read again, nor what happened there meanwhile. */
	#walkIfUnnoticed(root: Entry | undefined): Walk | null {
		if (this.troubles.has(this.#base)) return this.arriving;
		if (root?.kind !== 'folder' || this.#options.watches.has(root)) return null;
		return this.troubles.has(root) ? this.arriving : null;
	}

	/** Outside a visit, which would tell when the trouble is over. */
	#checkAlone(folder: Folder, name: string, walk: Walk | null): void {
		const trouble = folder.gone ? null : this.#check(folder, name, walk);
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
		const nowMs = this.#options.clock.wallMs();
		let sight: Sight;
		try {
			sight = look(`${folder.path}/${name}`);
		} catch (error) {
			return errorCode(error);
		}
		const { stats, isLink, blockedBy } = sight;
		if (blockedBy !== null && folder.entries.get(name)?.kind === 'folder') return blockedBy;
		if (stats?.isDirectory()) this.#meetFolder(folder, name, { ...sight, stats }, walk);
		else if (stats === undefined || folder === this.#base) this.#forget(folder, name);
		else this.#meetFile(folder, name, stats, nowMs);
		const isUnsure = isLink || folder.entries.get(name)?.kind === 'refused';
		if (!isUnsure) this.links.delete(folder, name);
		else if (folder !== this.#base) this.links.add(folder, name);
		return null;
	}

	#meetFile(folder: Folder, name: string, stats: Stats, nowMs: number): void {
		const known = folder.entries.get(name);
		if (known?.kind === 'folder') {
			this.#replace(folder, name);
			return;
		}
		if (known?.kind === 'file' && isSameFile(known, stats)) return;
		if (known?.kind === 'refused') this.#forget(folder, name);
		if (known?.kind !== 'file') this.files++;
		const entry = fileEntry(stats, nowMs);
		folder.entries.set(name, entry);
		this.#tell(folder, seenFile(folder, name, entry, null));
	}

	#meetFolder(folder: Folder, name: string, sight: Sight & { stats: Stats }, walk: Walk | null): void {
		const isRoot = folder === this.#base;
		const known = folder.entries.get(name);
		if (known?.kind === 'folder') {
			const visitor = walk ?? (this.#options.watches.hadVanished(known) ? this.arriving : null);
			const isSame = isSameFolder(known, sight.stats) && known.isLink === isReachedByLink(sight, isRoot);
			if (!isSame) this.#replace(folder, name);
			else if (visitor !== null) this.#enter(known, visitor);
			return;
		}
		if (known?.kind === 'refused' && isStillCrowded(known, sight)) return;
		const { uid } = sight.stats;
		if (known === undefined && !sight.isLink && this.empty.isTooMuch(`${folder.path}/${name}`, uid)) return;
		const { folder: child, refused, displaced } = this.#entrances.meet(folder, name, sight, isRoot);
		if (refused !== null) {
			this.#refuse(folder, name, refused, sight.own);
			return;
		}
		const { parent = null, name: oldName = '' } = displaced?.folder ?? {};
		if (displaced !== null && parent?.entries.get(oldName) === displaced.folder) {
			this.#refuse(parent, oldName, displaced.refused, undefined);
		}
		this.#forget(folder, name);
		folder.entries.set(name, child);
		this.empty.add(child, uid);
		this.#enter(child, walk ?? this.arriving);
	}

	#refuse(folder: Folder, name: string, entry: RefusedEntry, own: Stats | undefined): void {
		const known = folder.entries.get(name);
		if (known?.kind === 'refused' && known.reason === entry.reason && known.crowded === null) return;
		if (known?.kind !== 'refused' || known.crowded !== null) this.#forget(folder, name);
		folder.entries.set(name, entry);
		if (folder !== this.#base) this.links.add(folder, name);
		const isRoot = folder === this.#base;
		if (entry.isLogged || isRoot)
			this.#options.log.warn(`ignoring the link ${folder.path}/${name}: ${entry.reason}`);
		if (entry.isTold && !isRoot) this.#tell(folder, seenFile(folder, name, own, entry.reason));
	}

	#tell(folder: Folder, file: OrderFileSeen): void {
		if (folder.crowd?.take(file) ?? true) this.#options.listener.changed(file);
	}

	/** Judges a file behind the link through which the folder was reached. False when there is nothing to judge. */
	#judge(folder: Folder): boolean {
		const { crowd } = folder;
		if (crowd === null || folder.gone) return false;
		const isMore = crowd.judge();
		if (crowd.isFull) this.#refuseCrowd(folder, crowd);
		return isMore && !crowd.isFull;
	}

	/** Refuses the link through which the folder was reached. */
	#refuseCrowd(folder: Folder, crowd: Crowd): void {
		const link = linkTo(folder);
		if (link.parent?.entries.get(link.name) !== link) return;
		crowd.refuse();
		const refused = this.#entrances.crowded(link);
		if (refused === null) this.#forget(link.parent, link.name);
		else this.#refuse(link.parent, link.name, refused, refused.crowded?.link);
	}

	#forget(folder: Folder, name: string): void {
		const known = folder.entries.get(name);
		if (known === undefined) return;
		folder.entries.delete(name);
		if (known.kind === 'folder') {
			this.leaving.add(known);
			return;
		}
		if (known.kind === 'file') this.files--;
		else this.#entrances.leave(known);
		if (folder === this.#base || (known.kind === 'refused' && !known.isTold)) return;
		const id = folder.idPrefix + name;
		if (folder.crowd?.forget(id) ?? true) this.#options.listener.removed(id);
	}

	#replace(folder: Folder, name: string): void {
		this.#forget(folder, name);
		this.replaced.push({ folder, name });
	}
}
