import type { Config } from '../config/config.ts';
import { limitsFor } from '../config/limits-setting.ts';
import type { Allowances } from '../engine/allowances.ts';
import type { OrderBookParts } from '../engine/book-parts.ts';
import { systemUser } from '../host/privileges.ts';
import { madeByWeb } from '../model/made-by.ts';
import type { Order } from '../model/order.ts';
import { printable } from '../model/printable.ts';
import type { UserLimits } from '../model/user-limits.ts';
import type { ReadOrder } from '../reading/order.ts';

/** Whom the book tells of its orders. */
type Told = Pick<OrderBookParts, 'store' | 'stream'>;

/** What users may have. Throws `StartError` when the config names one that there is not. */
export function limitsIn({ limits }: Config): (uid: number) => UserLimits {
	return limitsFor(limits, (user) => systemUser(user).uid, process.geteuid?.() ?? 0);
}

/** Reads orders, and refuses those that are more than their users may have. */
export function limitedReading(
	allowances: Allowances,
	read: (id: string, text: string) => ReadOrder,
	rrdBytes: (order: Order) => number,
): (id: string, text: string, uid: number) => ReadOrder {
	return (id, text, uid) => {
		const result = read(id, text);
		if ('findings' in result) {
			allowances.forget(id);
			return result;
		}
		const { order } = result;
		const claim = {
			uid: accountOf(uid, order, text),
			order,
			diskBytes: rrdBytes(order),
			textBytes: Buffer.byteLength(text),
		};
		const wrong = allowances.claim(claim);
		return wrong === null ? result : { findings: [{ message: wrong }] };
	};
}

/** Negative: no user has such a number. */
const tokenAccounts = new Map<string, number>();

/** Who an order counts for: the owner of its file, but of what came over HTTP the user with the name of the token. */
function accountOf(uid: number, { user }: Order, text: string): number {
	if (uid !== process.geteuid?.() || !text.includes(madeByWeb)) return uid;
	let account = tokenAccounts.get(user);
	if (account === undefined) {
		account = numberOfUser(user) ?? -1 - tokenAccounts.size;
		tokenAccounts.set(user, account);
		if (account < 0) names.set(account, `of the token ${printable(user)}`);
	}
	return account;
}

function numberOfUser(name: string): number | null {
	try {
		return systemUser(name).uid;
	} catch {
		return null;
	}
}

/** The same, but what an order had is free when they are told that it is measured no more. */
export function releasing(allowances: Allowances, { store, stream }: Told): Told {
	return {
		store: {
			reject: (id, message) => store.reject(id, message),
			clear: (id) => store.clear(id),
			archive: (id) => {
				allowances.forget(id);
				store.archive(id);
			},
			expire: (id, path, maxAgeMs) => {
				allowances.forget(id);
				store.expire(id, path, maxAgeMs);
			},
		},
		stream: {
			changed: (order) => stream.changed(order),
			gone: (id, why) => {
				// It may have been rejected because it is too much, and waits for room then.
				if (why === 'rejected') allowances.release(id);
				else allowances.forget(id);
				stream.gone(id, why);
			},
		},
	};
}

const names = new Map<number, string>();

/** The name of a user, or its number where it has none. */
export function userName(uid: number): string {
	let name = names.get(uid);
	if (name === undefined) {
		try {
			name = systemUser(String(uid)).name;
		} catch {
			name = `with the number ${uid}`;
		}
		names.set(uid, name);
	}
	return name;
}
