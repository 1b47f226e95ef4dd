import { lstatSync, type Stats } from 'node:fs';
import { type Claim, Claims, comesBefore } from './claims.ts';
import { Crowd, crowdedReason } from './crowd.ts';
import { type Folder, folderEntry, type RefusedEntry, type Sight } from './entry.ts';
import { foundTwice, leadsUp, ownPathOf, wrongWithOwner } from './links.ts';
import type { OrderFileSeen } from './seen.ts';

/** A folder that was met, and what becomes of it. */
export interface Entrance {
	readonly folder: Folder;
	/** Why it is not entered. Null: it is. */
	readonly refused: RefusedEntry | null;
	/** The same folder by a path that does not count any more, and why. */
	readonly displaced: { readonly folder: Folder; readonly refused: RefusedEntry } | null;
}

/** Decides which folders are entered. */
export class Entrances {
	readonly #claims = new Claims();
	readonly #rootPath: string;
	readonly #isOrder: (file: OrderFileSeen) => boolean;

	/** @param isOrder reads a file behind a link */
	constructor(rootPath: string, isOrder: (file: OrderFileSeen) => boolean) {
		this.#rootPath = rootPath;
		this.#isOrder = isOrder;
	}

	/**
	 * A folder, or a link to one, is at a path where none was known. Takes the folder if it is to be entered.
	 *
	 * @param isRoot it is `orders/` itself
	 */
	meet(parent: Folder, name: string, sight: Sight & { stats: Stats }, isRoot: boolean): Entrance {
		const isLink = isReachedByLink(sight, isRoot);
		const place = {
			path: `${parent.path}/${name}`,
			name,
			parent,
			idPrefix: isRoot ? '' : `${parent.idPrefix}${name}/`,
			links: parent.links + (isLink ? 1 : 0),
			isLink,
			crowd: isLink ? new Crowd(this.#isOrder) : parent.crowd,
		};
		const folder = folderEntry(place, sight.stats);
		const wrong = sight.isLink ? this.#wrongWithLink(folder) : null;
		if (wrong !== null) return { folder, refused: wrong, displaced: null };
		const holder = this.#claims.holderOf(folder);
		if (holder !== null && holder.path !== folder.path && comesBefore(holder, folder)) {
			return { folder, refused: refusedFor(foundTwice(idOf(holder))), displaced: null };
		}
		this.#claims.take(folder);
		if (holder === null || !isFolder(holder) || holder.path === folder.path) {
			return { folder, refused: null, displaced: null };
		}
		const refused = refusedFor(foundTwice(idOf(folder)));
		return { folder, refused: null, displaced: { folder: holder, refused } };
	}

	/** Makes what stands for a link that is refused for what is behind it. Null when the link is gone. */
	crowded({ idPrefix, links, path, dev, ino }: Folder): RefusedEntry | null {
		const link = lstatSync(path, { throwIfNoEntry: false });
		if (link === undefined) return null;
		const claim = { idPrefix, links, path, dev, ino };
		// It still keeps others from what it leads to.
		this.#claims.take(claim);
		return { ...refusedFor(crowdedReason), crowded: { link, claim } };
	}

	/** What was entered, or refused, is gone. */
	leave(entry: Folder | RefusedEntry): void {
		if (entry.kind === 'folder') this.#claims.release(entry);
		else if (entry.crowded !== null) this.#claims.release(entry.crowded.claim);
	}

	#wrongWithLink(folder: Folder): RefusedEntry | null {
		if (folder.parent !== null && leadsUp(folder.parent, folder)) {
			return {
				...refusedFor('it leads to a folder that it lies in; remove the link'),
				isTold: false,
				isLogged: true,
			};
		}
		const mistrust = wrongWithOwner(folder.path);
		if (mistrust !== null) return { ...refusedFor(mistrust), isLogged: true };
		const own = ownPathOf(folder.path, this.#rootPath);
		return own === null ? null : refusedFor(foundTwice(own));
	}
}

/** The links that lead to `orders/` itself do not count. */
export function isReachedByLink({ isLink }: Sight, isRoot: boolean): boolean {
	return isLink && !isRoot;
}

/** The link through which a folder was reached. */
export function linkTo(folder: Folder): Folder {
	let link = folder;
	while (!link.isLink && link.parent !== null) link = link.parent;
	return link;
}

/** The link is the one that was refused for what is behind it. */
export function isStillCrowded({ crowded }: RefusedEntry, { own, stats }: Sight): boolean {
	if (crowded === null || own === undefined || stats === undefined) return false;
	const { link, claim } = crowded;
	const isLink = own.ino === link.ino && own.ctimeMs === link.ctimeMs;
	return isLink && stats.dev === claim.dev && stats.ino === claim.ino;
}

function refusedFor(reason: string): RefusedEntry {
	return { kind: 'refused', reason, isTold: true, isLogged: false, crowded: null };
}

function isFolder(claim: Claim): claim is Folder {
	return 'entries' in claim;
}

function idOf({ idPrefix }: Claim): string {
	return idPrefix.slice(0, -1);
}
