import type { AnyProbe } from '../model/probe.ts';
import type { Batch } from './batch.ts';
import { roundsNeeded } from './spread.ts';

/** How users share the lanes of a probe. */
export interface Share {
	/** So many lanes each user can have at any time, whatever the others do. All of them when nobody wants more. */
	readonly fair: number;
	/** By user: in how many turns its batches run in a slot, so that they get on with its share. */
	readonly rounds: ReadonlyMap<number, number>;
}

/**
 * Shares out the lanes of each probe: who wants less than a fair share gets it all, and what is left is shared by the
 * others. Also says in each batch to whose share it counts. By the name of the probe.
 */
export function sharesOf(
	batches: Iterable<Batch>,
	lanesOf: (probe: AnyProbe) => number,
): ReadonlyMap<string, Share> {
	const all = [...batches];
	const wanted = weightsBy(all, ({ users }) => users.keys());
	for (const batch of all) {
		if (batch.users.size < 2) continue;
		// Who shares a batch with somebody who has far too much must not suffer for it.
		const weightOf = (uid: number) => wanted.get(batch.probe)?.get(uid) ?? 0;
		batch.owner = [...batch.users.keys()].reduce((a, b) => (weightOf(b) < weightOf(a) ? b : a));
	}
	const shares = new Map<string, Share>();
	for (const [probe, weights] of weightsBy(all, ({ owner }) => [owner])) {
		shares.set(probe.name, shareOut(weights, lanesOf(probe)));
	}
	return shares;
}

/** What the batches of each user weigh together, by probe; what several share is divided. */
function weightsBy(
	batches: readonly Batch[],
	usersOf: (batch: Batch) => Iterable<number>,
): Map<AnyProbe, Map<number, number>> {
	const byProbe = new Map<AnyProbe, Map<number, number>>();
	for (const batch of batches) {
		let weights = byProbe.get(batch.probe);
		if (weights === undefined) {
			weights = new Map();
			byProbe.set(batch.probe, weights);
		}
		const users = [...usersOf(batch)];
		for (const uid of users) weights.set(uid, (weights.get(uid) ?? 0) + batch.weight / users.length);
	}
	return byProbe;
}

/** `weights`: by user. */
export function shareOut(weights: ReadonlyMap<number, number>, lanes: number): Share {
	const rounds = new Map<number, number>();
	let left = lanes;
	let users = weights.size;
	let fair = lanes;
	for (const [uid, weight] of [...weights].sort(([, a], [, b]) => a - b)) {
		const share = left / users;
		const isEnough = weight <= share;
		if (!isEnough) fair = Math.min(fair, share);
		rounds.set(uid, roundsNeeded(weight, share));
		left -= isEnough ? weight : share;
		users--;
	}
	return { fair, rounds };
}
