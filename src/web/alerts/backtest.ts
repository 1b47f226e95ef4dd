import type { CompiledRule } from '../../alerts/compiled-rule.ts';
import { type Fired, replay } from '../../alerts/replay.ts';
import { popFolderIn } from '../../model/pop.ts';
import { type Past, readPast } from './past.ts';
import type { HeldAt, PastHolds } from './past-holds.ts';

/** What a rule would have done with an order. Seconds. */
export interface Backtest {
	/** How far back it could look; null: there are no single slots in that time. */
	readonly past: Omit<Past, 'slots' | 'lastWeek'> | null;
	readonly fired: readonly Fired[];
	/** For how long it would have fired. */
	readonly firingSeconds: number;
}

/** Replays the past of an order, or of `ID/@POP`. Throws what reading its files throws. */
export function backtest(
	compiled: CompiledRule,
	{ id, folder }: { readonly id: string; readonly folder: string },
	startSeconds: number,
	endSeconds: number,
	holds: PastHolds | null = null,
): Backtest {
	const named = popFolderIn(id);
	const past = readPast(folder, startSeconds, endSeconds, named?.pop);
	if (past === null) return { past, fired: [], firingSeconds: 0 };
	const own = named?.id ?? id;
	return backtestPast(compiled.of(own), past, holds?.of(own));
}

/** The same with what was read of it. */
export function backtestPast(compiled: CompiledRule, past: Past, heldAt?: HeldAt): Backtest {
	const fired = replay(compiled, past.slots(), past.lastWeek, heldAt);
	const spans = fired.map(
		({ raisedSeconds, clearedSeconds }) => (clearedSeconds ?? past.untilSeconds) - raisedSeconds,
	);
	return { past, fired, firingSeconds: spans.reduce((sum, span) => sum + span, 0) };
}
