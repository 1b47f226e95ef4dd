import type { Condition } from '../model/alert.ts';
import type { Slot } from '../model/slot.ts';
import type { CompiledRule } from './compiled-rule.ts';
import { describeAlert } from './describe.ts';
import { evaluate, fresh, type RuleState } from './evaluate.ts';
import { type Sight, slotSight, unknownSight } from './sight.ts';

/** One slot of the past, with what each place saw of it. */
export interface PastSlot extends Slot {
	readonly sights: ReadonlyMap<string, Sight>;
}

/** When a rule would have fired. Seconds since the epoch. */
export interface Fired {
	/** Start of the first slot that counted. */
	readonly sinceSeconds: number;
	/** End of the slot that raised it. */
	readonly raisedSeconds: number;
	/** End of the slot that cleared it; null: it would still fire. */
	readonly clearedSeconds: number | null;
	/** When people would have been told, had it been looked at what holds alerts; null: not at all. */
	readonly toldSeconds: number | null;
	/** What would have held it at its raise: an order, or `isolated`; null: nothing. */
	readonly heldBy: string | null;
	readonly what: string;
	readonly pops: readonly string[];
}

/** What a file keeps of a slot, as rules see it. `lost` and `pings` are counts; null of `lost`: not measured. */
export function pastSight(lost: number | null, pings: number, medianSeconds: number | null): Sight {
	if (lost === null) return unknownSight();
	const few = Math.min(lost, pings);
	// Which pings of a slot were lost is not kept: they are taken as spread over it.
	const isLost = (at: number) => Math.floor(((at + 1) * few) / pings) > Math.floor((at * few) / pings);
	return {
		...slotSight(few / pings, medianSeconds),
		lostPings: () => Array.from({ length: pings }, (_, at) => isLost(at)),
	};
}

/** Why a condition cannot be held against what files keep of the past; null: it can. */
export function whyNotReplayed({ kind }: Condition): string | null {
	switch (kind) {
		case 'jitter':
		case 'mos':
		case 'fact':
		case 'fact-is':
		case 'route':
			return `${kind === 'fact-is' ? 'fact' : kind} cannot be replayed: of past slots loss and median are kept, and nothing else`;
		case 'sink':
		case 'notifier':
		case 'pop':
		case 'clock':
			return `${kind} cannot be replayed: it is about pingmachine itself, of which nothing is kept but alerts`;
		default:
			return null;
	}
}

/**
 * Holds a rule against slots of the past, the oldest first, as the daemon would have done.
 *
 * @param lastWeek the median of the seven days before that point in time at a place; null: not known
 * @param heldAt what would have held an alert at that point in time; null: nothing
 */
export function replay(
	compiled: CompiledRule,
	slots: Iterable<PastSlot>,
	lastWeek: (pop: string, atSeconds: number) => number | null,
	heldAt: (atSeconds: number) => string | null = () => null,
): readonly Fired[] {
	const fired: Fired[] = [];
	let state: RuleState = fresh;
	let last = -1;
	for (const slot of slots) {
		const { startSeconds, stepSeconds, sights } = slot;
		const missed = last < 0 ? 0 : Math.max(0, Math.round((startSeconds - last) / stepSeconds) - 1);
		last = startSeconds;
		const known = (pop: string) => lastWeek(pop, startSeconds);
		const {
			state: next,
			change,
			bad,
			verdict,
		} = evaluate(compiled, state, { ...slot, missed, lastWeek: known });
		state = next;
		const endSeconds = startSeconds + stepSeconds;
		if (change?.about === 'raise') {
			const seen = [...sights].filter(([pop]) => bad.includes(pop)).map(([, sight]) => sight);
			const what = describeAlert(compiled.rule, seen, known(bad[0] ?? ''));
			const { sinceSeconds } = change;
			const heldBy = heldAt(endSeconds);
			const toldSeconds = heldBy === null ? endSeconds : null;
			const raised = { sinceSeconds, raisedSeconds: endSeconds, clearedSeconds: null };
			fired.push({ ...raised, toldSeconds, heldBy, what, pops: bad });
			continue;
		}
		const open = fired.at(-1);
		if (open === undefined || open.clearedSeconds !== null) continue;
		if (change !== null) fired[fired.length - 1] = { ...open, clearedSeconds: endSeconds };
		// What was held is told with the next slot that is bad still.
		else if (open.toldSeconds === null && verdict === 'bad' && heldAt(endSeconds) === null)
			fired[fired.length - 1] = { ...open, toldSeconds: endSeconds };
	}
	return fired;
}
