import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Couriers, type CouriersParts } from '../../delivery/couriers.ts';
import { systemClock } from '../../model/clock.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { SinkEntry } from '../../model/sink-entry.ts';
import type { Target } from './into-tree.ts';
import type { Taken } from './taken.ts';

const lookMs = 200;
const closeMs = 2000;
const waitingMax = 5000;

/** A sink of the config. What it does not take now it is offered again until it does, or somebody ends it. */
export function intoSink(
	entry: SinkEntry,
	parts: Pick<CouriersParts, 'sinks' | 'version' | 'facts' | 'log'>,
	{ taken, signal }: { readonly taken: Taken; readonly signal: AbortSignal },
): Target {
	const spoolFolder = mkdtempSync(join(tmpdir(), 'pingmachine-replay-'));
	const couriers = new Couriers({ ...parts, spoolFolder, clock: systemClock, random: Math.random });
	const limits = { ...entry.limits, queueMax: Math.max(entry.limits.queueMax, 4 * waitingMax) };
	// What is old waits as long as it has to.
	couriers.configure([{ ...entry, limits: { ...limits, spoolMaxAgeMs: Number.MAX_SAFE_INTEGER } }]);
	const ticking = setInterval(() => couriers.tick(), 500);
	const stats = () => couriers.stats()[0];
	const untilFewer = async (most: number) => {
		while ((stats()?.queued ?? 0) > most && !signal.aborted) await pause(lookMs);
	};
	return {
		name: `the sink ${entry.name}`,
		take: async (outcomes: readonly Outcome[]) => {
			for (const outcome of outcomes) if (taken.take(outcome)) couriers.accept(outcome);
			await untilFewer(waitingMax);
		},
		close: async () => {
			await untilFewer(0);
			clearInterval(ticking);
			const left = stats()?.queued ?? 0;
			await couriers.close(closeMs);
			const { dropped, lastError } = stats() ?? {};
			rmSync(spoolFolder, { recursive: true, force: true });
			const lost = Object.values(dropped ?? {}).reduce((sum, count) => sum + count, 0);
			const why = lastError == null ? '' : `: ${lastError}`;
			return [
				...(left > 0 ? [`${left} results were not delivered${why}`] : []),
				...(lost > 0 ? [`${lost} results were refused${why}`] : []),
			];
		},
	};
}
