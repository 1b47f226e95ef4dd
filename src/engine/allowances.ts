import type { Order } from '../model/order.ts';
import type { UserLimits } from '../model/user-limits.ts';

/** What an order takes of what its user may have. */
export interface Claim {
	/** Owner of its file. */
	readonly uid: number;
	readonly order: Order;
	/** Of its main.rrd. */
	readonly diskBytes: number;
	/** Of its file. */
	readonly textBytes: number;
}

type Amounts = Omit<UserLimits, 'batches'>;

/** What a user has. */
class Holdings {
	orders = 0;
	pingsPerSecond = 0;
	diskBytes = 0;
	textBytes = 0;
	/** How many orders each batch key has. */
	readonly batches = new Map<string, number>();
	/** What is refused for now, by order id. */
	readonly refused = new Map<string, Claim>();
	/** Something was given back, or more is allowed, since it was last seen what fits. */
	hasNews = false;

	get isEmpty(): boolean {
		return this.orders === 0 && this.refused.size === 0;
	}

	change({ order, ...claim }: Claim, sign: 1 | -1): void {
		const { pingsPerSecond, diskBytes, textBytes } = amountsOf({ order, ...claim });
		this.orders += sign;
		this.pingsPerSecond = this.orders === 0 ? 0 : this.pingsPerSecond + sign * pingsPerSecond;
		this.diskBytes += sign * diskBytes;
		this.textBytes += sign * textBytes;
		const sharers = (this.batches.get(order.batchKey) ?? 0) + sign;
		if (sharers === 0) this.batches.delete(order.batchKey);
		else this.batches.set(order.batchKey, sharers);
	}
}

function amountsOf({ order, diskBytes, textBytes }: Claim): Amounts {
	return { orders: 1, pingsPerSecond: order.pings / order.stepSeconds, diskBytes, textBytes };
}

/** So much more is no more: sums of fractions are never exact. */
const tolerance = 1e-6;

/**
 * Sees to it that no user has more orders than allowed. A user is the owner of the order's file: what the order itself
 * says anybody can write.
 */
export class Allowances {
	#limitsOf: (uid: number) => UserLimits;
	readonly #nameOf: (uid: number) => string;
	readonly #byUid = new Map<number, Holdings>();
	readonly #byId = new Map<string, Claim>();

	/** @param nameOf the name of a user, for messages */
	constructor(limitsOf: (uid: number) => UserLimits, nameOf: (uid: number) => string) {
		this.#limitsOf = limitsOf;
		this.#nameOf = nameOf;
	}

	/** What was allowed stays, also where it is more than is allowed now. */
	set limitsOf(limitsOf: (uid: number) => UserLimits) {
		this.#limitsOf = limitsOf;
		for (const holdings of this.#byUid.values()) holdings.hasNews = true;
	}

	/** Takes an order in, in place of what it was before, or says why it is too much: for the user, with the remedy. */
	claim(claim: Claim): string | null {
		const { id } = claim.order;
		this.release(id);
		const holdings = this.#of(claim.uid);
		const wrong = this.#wrongWith(claim, holdings);
		if (wrong === null) {
			holdings.change(claim, 1);
			this.#byId.set(id, claim);
		} else holdings.refused.set(id, claim);
		return wrong;
	}

	/** The order is gone, or is none any more. */
	release(id: string): void {
		const claim = this.#byId.get(id);
		if (claim === undefined) return;
		this.#byId.delete(id);
		const holdings = this.#of(claim.uid);
		holdings.change(claim, -1);
		holdings.hasNews = holdings.refused.size > 0;
		if (holdings.isEmpty) this.#byUid.delete(claim.uid);
	}

	/** The file of an order is gone, or holds none. */
	forget(id: string): void {
		this.release(id);
		for (const [uid, holdings] of this.#byUid) {
			if (holdings.refused.delete(id) && holdings.isEmpty) this.#byUid.delete(uid);
		}
	}

	/** Ids of orders that were refused and fit by now: they should be judged again. */
	takeFitting(): string[] {
		const fitting: string[] = [];
		for (const holdings of this.#byUid.values()) {
			if (!holdings.hasNews) continue;
			holdings.hasNews = false;
			const taken: Claim[] = [];
			for (const claim of holdings.refused.values()) {
				if (this.#wrongWith(claim, holdings) !== null) continue;
				// So that no more are found than fit together.
				holdings.change(claim, 1);
				taken.push(claim);
			}
			for (const claim of taken) {
				holdings.change(claim, -1);
				holdings.refused.delete(claim.order.id);
				fitting.push(claim.order.id);
			}
		}
		return fitting;
	}

	#of(uid: number): Holdings {
		const known = this.#byUid.get(uid);
		if (known !== undefined) return known;
		const holdings = new Holdings();
		this.#byUid.set(uid, holdings);
		return holdings;
	}

	#wrongWith(claim: Claim, holdings: Holdings): string | null {
		const limits = this.#limitsOf(claim.uid);
		const own = amountsOf(claim);
		const exceeded = (key: keyof Amounts) => holdings[key] + own[key] > limits[key] * (1 + tolerance);
		const user = this.#nameOf(claim.uid);
		if (exceeded('orders')) return tooMuch(user, 'orders', `${limits.orders} orders`);
		if (exceeded('pingsPerSecond'))
			return tooMuch(user, 'pings_per_second', `orders of ${limits.pingsPerSecond} pings a second`);
		if (exceeded('diskBytes'))
			return tooMuch(user, 'disk', `orders whose main.rrd and history take ${limits.diskBytes} bytes`);
		if (exceeded('textBytes')) return tooMuch(user, 'text', `order files of ${limits.textBytes} bytes`);
		const isNewBatch = !holdings.batches.has(claim.order.batchKey);
		if (isNewBatch && holdings.batches.size + 1 > limits.batches) {
			const what = `orders that differ in probe, step, pings or options in ${limits.batches} ways`;
			return tooMuch(user, 'batches', what);
		}
		return null;
	}
}

function tooMuch(user: string, key: string, what: string): string {
	return (
		`too much: the user ${user}, to whom the file belongs, may have ${what}. Remove others, or have ${key}: ` +
		'below limits: in the config file raised. It is measured as soon as there is room'
	);
}
