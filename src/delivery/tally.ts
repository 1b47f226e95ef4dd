import type { SinkEntry } from '../model/sink-entry.ts';
import { addCounts, type Counts, noCounts, noDrops, type SinkStats } from './sink-stats.ts';

/** The counters of all sinks, which go on counting when the thread that counts ends and another begins. */
export class Tally {
	/** Measurements that never got as far as the sinks. */
	overload = 0;
	/** By name, as the thread has said last. */
	#latest = new Map<string, SinkStats>();
	/** By name, what former threads had counted. */
	readonly #former = new Map<string, Counts>();
	#isDown = false;

	hear(stats: readonly SinkStats[]): void {
		this.#isDown = false;
		this.#latest = new Map(stats.map((one) => [one.name, one]));
	}

	/** What the thread had in memory, and `untaken` measurements on their way to it, went with it. */
	threadEnded(untaken: number): void {
		this.overload += untaken;
		for (const [name, stats] of this.#latest) {
			const lost = { ...noDrops(), overload: stats.queued - stats.spooled };
			this.#former.set(
				name,
				addCounts(addCounts(stats, this.#former.get(name)), { ...noCounts, dropped: lost }),
			);
			this.#latest.set(name, { ...stats, ...noCounts, queued: stats.spooled });
		}
		this.#isDown = true;
	}

	keepOnly(entries: readonly SinkEntry[]): void {
		const names = new Set(entries.map(({ name }) => name));
		for (const name of this.#former.keys()) if (!names.has(name)) this.#former.delete(name);
	}

	stats(entries: readonly SinkEntry[], nowMs: number): readonly SinkStats[] {
		return entries.map((entry) => {
			const latest = this.#latest.get(entry.name) ?? unknownStats(entry, nowMs);
			const { dropped, ...counts } = addCounts(latest, this.#former.get(entry.name));
			return {
				...latest,
				...counts,
				dropped: { ...dropped, overload: dropped.overload + this.overload },
				...(this.#isDown ? { state: 'failing', lastError: 'the thread of the sinks ended' } : {}),
			};
		});
	}
}

/** Nothing has been heard of it yet. */
function unknownStats({ name }: SinkEntry, nowMs: number): SinkStats {
	return {
		name,
		destination: '',
		confirms: false,
		state: 'starting',
		sinceMs: nowMs,
		queued: 0,
		spooled: 0,
		spooledBytes: 0,
		...noCounts,
		lagSeconds: 0,
		lastError: null,
	};
}
