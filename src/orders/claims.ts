import { statSync } from 'node:fs';

/** A path by which a folder is reached. */
export interface Claim {
	/** What the ids of the files in it begin with: empty, or a path below `orders/` that ends in `/`. */
	readonly idPrefix: string;
	/** How many links the path leads through, below `orders/`. */
	readonly links: number;
	/** Where it is. */
	readonly path: string;
	readonly dev: number;
	readonly ino: number;
}

/**
 * Which path counts for each folder, so that none is visited twice: its own one, without links, else the one with the
 * fewest links, and of those the first by name. That does not depend on what was seen first.
 */
export class Claims {
	readonly #holders = new Map<string, Claim>();

	/** Who holds the folder, if it can still be reached so. */
	holderOf(folder: { readonly dev: number; readonly ino: number }): Claim | null {
		const holder = this.#holders.get(keyOf(folder));
		return holder !== undefined && isStillThere(holder) ? holder : null;
	}

	/** @param claim counts from now on */
	take(claim: Claim): void {
		this.#holders.set(keyOf(claim), claim);
	}

	/** Gives back what the claim holds, if it still does. */
	release(claim: Claim): void {
		if (this.#holders.get(keyOf(claim)) === claim) this.#holders.delete(keyOf(claim));
	}
}

function keyOf({ dev, ino }: { readonly dev: number; readonly ino: number }): string {
	return `${dev}:${ino}`;
}

/** A folder that was renamed a moment ago is held by the old name until somebody looks there. */
function isStillThere({ path, dev, ino }: Claim): boolean {
	try {
		const found = statSync(path, { throwIfNoEntry: false });
		return found !== undefined && found.dev === dev && found.ino === ino;
	} catch {
		return false;
	}
}

/** True when `claim` counts, and not `other`. */
export function comesBefore(claim: Claim, other: Claim): boolean {
	if (claim.links !== other.links) return claim.links < other.links;
	return sortable(claim.idPrefix) < sortable(other.idPrefix);
}

/** What is in a folder comes before what has a longer name that begins like the folder's. */
function sortable(idPrefix: string): string {
	return idPrefix.replaceAll('/', '\0');
}
