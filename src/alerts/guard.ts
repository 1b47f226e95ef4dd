/**
 * Whether this machine itself is cut off: more than 60 % of the orders, in at least three networks, are lost at the same
 * time, or all orders that the config names for it.
 */

/** What is known of an order just now. */
interface Standing {
	isLost: boolean;
	prefix: string | null;
	lostSinceSeconds: number;
}

const lostShareRaise = 0.6;
/** It is over when no more are lost than this. */
const lostShareClear = 0.5;
const networksLeast = 3;
/** An order loses a slot when at least half of its pings are lost. */
const lossShareLost = 0.5;
/** What has been lost for longer is a dead target, and says nothing of us. */
const deadSeconds = 6 * 3600;

/** After a start, for how long what was before holds at most. */
const resumeMostSeconds = 900;

export class Guard {
	readonly #standings = new Map<string, Standing>();
	/** By network, how many orders in it are lost. */
	readonly #lostNetworks = new Map<string, number>();
	/** Those that were taken out because they have been lost for so long. */
	readonly #dead = new Set<string>();
	#lost = 0;
	#ids: readonly string[] = [];
	#isIsolated = false;
	/** Since a start little is known: till then at most what was before holds. */
	#resumedUntilSeconds: number | null = null;

	/** The orders of `guard:` in the config. */
	configure(ids: readonly string[]): void {
		this.#ids = ids;
	}

	get isIsolated(): boolean {
		return this.#isIsolated;
	}

	/** The orders of `guard:` that are all lost; empty: that is not why. */
	get lostGuards(): readonly string[] {
		return this.#allGuardsLost() ? this.#ids : [];
	}

	/** How many orders are lost, of how many. */
	get counts(): { readonly lost: number; readonly of: number } {
		return { lost: this.#lost, of: this.#standings.size };
	}

	/** A slot of an order is known. `address`: where it was measured; null: not known. */
	note(id: string, lossShare: number, address: string | null, atSeconds: number): void {
		const isLost = lossShare >= lossShareLost;
		const before = this.#standings.get(id);
		if (before !== undefined && before.isLost === isLost) {
			if (!isLost || atSeconds - before.lostSinceSeconds <= deadSeconds) return;
			this.#forget(id);
			this.#dead.add(id);
			return;
		}
		if (isLost && this.#dead.has(id)) return;
		this.#forget(id);
		if (!isLost) this.#dead.delete(id);
		const prefix = address === null ? null : networkOf(address);
		this.#standings.set(id, { isLost, prefix, lostSinceSeconds: atSeconds });
		if (!isLost) return;
		this.#lost++;
		if (prefix !== null) this.#lostNetworks.set(prefix, (this.#lostNetworks.get(prefix) ?? 0) + 1);
	}

	/** An order is not measured any more. */
	gone(id: string): void {
		this.#forget(id);
		this.#dead.delete(id);
	}

	#forget(id: string): void {
		const standing = this.#standings.get(id);
		if (standing === undefined) return;
		this.#standings.delete(id);
		if (!standing.isLost) return;
		this.#lost--;
		if (standing.prefix === null) return;
		const left = (this.#lostNetworks.get(standing.prefix) ?? 1) - 1;
		if (left === 0) this.#lostNetworks.delete(standing.prefix);
		else this.#lostNetworks.set(standing.prefix, left);
	}

	/** It was so before the daemon was started. It is until enough is known. */
	resume(nowSeconds: number): void {
		this.#isIsolated = true;
		this.#resumedUntilSeconds = nowSeconds + resumeMostSeconds;
	}

	/** Looks whether it is so now. `orders`: how many are measured. True when that has changed. */
	look(nowSeconds: number, orders: number): boolean {
		if (this.#resumedUntilSeconds !== null) {
			if (nowSeconds < this.#resumedUntilSeconds && this.#standings.size < orders / 2) return false;
			this.#resumedUntilSeconds = null;
		}
		const share = this.#standings.size === 0 ? 0 : this.#lost / this.#standings.size;
		const isMost = this.#isIsolated
			? share > lostShareClear
			: share > lostShareRaise && this.#lostNetworks.size >= networksLeast;
		const isNow = isMost || this.#allGuardsLost();
		if (isNow === this.#isIsolated) return false;
		this.#isIsolated = isNow;
		return true;
	}

	#allGuardsLost(): boolean {
		const known = this.#ids.map((id) => this.#standings.get(id)).filter((one) => one !== undefined);
		return known.length > 0 && known.length === this.#ids.length && known.every(({ isLost }) => isLost);
	}
}

/** `192.0.2` of IPv4 (/24), the first three groups of IPv6 (/48); null for what is no address. */
export function networkOf(address: string): string | null {
	if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(address)) return address.slice(0, address.lastIndexOf('.'));
	if (!address.includes(':') || address.length > 45) return null;
	const [head = '', tail] = address.toLowerCase().split('::');
	const groups = head === '' ? [] : head.split(':');
	if (tail === undefined && groups.length < 3) return null;
	while (groups.length < 3) groups.push('0');
	return groups
		.slice(0, 3)
		.map((group) => group.replace(/^0+(?=.)/, ''))
		.join(':');
}
