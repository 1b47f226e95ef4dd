import { z } from 'zod';
import { inWords } from '../model/findings.ts';
import { sizeBytes, sizeForms } from '../model/size.ts';
import { noLimits, type UserLimits, usualLimits } from '../model/user-limits.ts';

/** How much the orders of each user may be. */
export interface LimitsSetting {
	/** Of all users that are not named, but for root and the user of the daemon. */
	readonly others: UserLimits;
	/** By name or number of a user. */
	readonly users: Readonly<Record<string, UserLimits>>;
}

const number = z
	.union([z.literal('none'), z.int().min(0)], 'must be a whole number, 0 or more, or none')
	.transform((value) => (value === 'none' ? Number.POSITIVE_INFINITY : value))
	.optional();

const size = z
	.unknown()
	.refine((value) => value === 'none' || sizeBytes(value) !== null, {
		error: ({ input }) => `must be ${sizeForms}, or none, not ${inWords(input)}`,
	})
	.transform((value) => (value === 'none' ? Number.POSITIVE_INFINITY : (sizeBytes(value) ?? 0)))
	.optional();

const ofUser = z.strictObject({
	orders: number,
	pings_per_second: number,
	batches: number,
	disk: size,
	text: size,
});

/** `limits:` in the config file. What is said for all others holds for a user that is named, too, where it says nothing. */
export const limitsSetting = ofUser
	.extend({ users: z.record(z.string(), ofUser).optional() })
	.transform(({ users = {}, ...written }): LimitsSetting => {
		const others = limitsOf(written, usualLimits);
		const named = Object.entries(users).map(([user, own]) => [user, limitsOf(own, others)] as const);
		return { others, users: Object.fromEntries(named) };
	});

export const usualLimitsSetting: LimitsSetting = { others: usualLimits, users: {} };

function limitsOf(written: z.infer<typeof ofUser>, otherwise: UserLimits): UserLimits {
	return {
		orders: written.orders ?? otherwise.orders,
		pingsPerSecond: written.pings_per_second ?? otherwise.pingsPerSecond,
		batches: written.batches ?? otherwise.batches,
		diskBytes: written.disk ?? otherwise.diskBytes,
		textBytes: written.text ?? otherwise.textBytes,
	};
}

/** The limits of a user. `uid`: of the owner of an order's file. `idsOf` gives the numbers of whoever is named so. */
export function limitsFor(
	{ others, users }: LimitsSetting,
	idsOf: (user: string) => readonly number[],
	ownUid: number,
): (uid: number) => UserLimits {
	const byUid = new Map<number, UserLimits>([
		[0, noLimits],
		[ownUid, noLimits],
	]);
	for (const [user, limits] of Object.entries(users)) {
		const ids = /^\d{1,10}$/.test(user) ? [Number(user)] : idsOf(user);
		for (const id of ids) byUid.set(id, limits);
	}
	return (uid) => byUid.get(uid) ?? others;
}
