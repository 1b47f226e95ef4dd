import type { Config } from '../config/config.ts';
import { limitsFor } from '../config/limits-setting.ts';
import type { Allowances } from '../engine/allowances.ts';
import type { OrderBookParts } from '../engine/book-parts.ts';
import { systemUser } from '../host/privileges.ts';
import { madeByWeb } from '../model/made-by.ts';
import { once } from '../model/once.ts';
import type { Order } from '../model/order.ts';
import { hubFolder } from '../model/pop.ts';
import { printable } from '../model/printable.ts';
import type { UserLimits } from '../model/user-limits.ts';
import type { ReadOrder } from '../reading/order.ts';

/** Whom the book tells of its orders. */
type Told = Pick<OrderBookParts, 'store' | 'stream'>;

/** What a hub ordered is nobody's here; no user has such a number. */
const hubAccount = Number.MIN_SAFE_INTEGER;

/**
 * What users may have, of this machine and of tokens. Throws `StartError` when the config names one that there is not:
 * where there are tokens, it may be the name of one.
 */
export function limitsIn({ limits, web }: Config): (uid: number) => UserLimits {
	const idsOf = (name: string) => {
		const token = tokenAccount(name);
		if (web === null || web.tokensFile === null) return [systemUser(name).uid, token];
		const uid = numberOfUser(name);
		return uid === null ? [token] : [uid, token];
	};
	return limitsFor(limits, idsOf, ownUid());
}

/** It does not change while the daemon runs, and is asked for with every order. */
const ownUid = once(() => process.geteuid?.() ?? 0);

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
			uid: id.startsWith(`${hubFolder}/`) ? hubAccount : accountOf(uid, order, text),
			order,
			diskBytes: rrdBytes(order),
			textBytes: Buffer.byteLength(text),
		};
		const wrong = allowances.claim(claim);
		return wrong === null ? result : { findings: [{ message: wrong }] };
	};
}

/** By name of a token, for orders that came with one. */
const accounts = new Map<string, number>();

/**
 * Who an order counts for: the owner of its file, but of what came over HTTP the user with the name of the token. Nobody
 * gets the rights of root or of the daemon by the name of a token.
 */
function accountOf(uid: number, { user }: Order, text: string): number {
	if (uid !== ownUid() || !text.includes(madeByWeb)) return uid;
	let account = accounts.get(user);
	if (account === undefined) {
		const known = numberOfUser(user);
		account = known === null || known === 0 || known === ownUid() ? tokenAccount(user) : known;
		accounts.set(user, account);
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

const names = new Map<number, string>([[hubAccount, 'of the hub']]);

const tokenAccounts = new Map<string, number>();

/** Negative: no user has such a number. */
function tokenAccount(token: string): number {
	let account = tokenAccounts.get(token);
	if (account === undefined) {
		account = -1 - tokenAccounts.size;
		tokenAccounts.set(token, account);
		names.set(account, `of the token ${printable(token)}`);
	}
	return account;
}

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
