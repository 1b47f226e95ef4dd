import type { DropCounts } from './sink-stats.ts';
import type { Spool } from './spool.ts';
import type { Waiting } from './spool-lines.ts';
import { countWithin } from './weight.ts';

/** Does what waits for the disk, and lets it be known meanwhile. */
export type AtDisk = <T>(action: () => T) => T;

/**
 * Everything that waits for one sink, oldest first: what is in the spool, if there is one, then what is in memory. What
 * is taken to be sent stays here until it is removed, so a crash or a failure loses none of it.
 */
export class Backlog {
	readonly #max: number;
	readonly #spool: Spool | null;
	readonly #drops: DropCounts;
	readonly #atDisk: AtDisk;
	#memory: Waiting[] = [];
	/** How many at the beginning of `#memory` are gone already. */
	#gone = 0;
	/** For each of the oldest that have been taken, whether it is still here. */
	#taken: boolean[] = [];
	#newest: Waiting | null = null;
	/** The last try to write to the spool left something in memory. */
	#isStuck = false;

	/** `max`: measurements that may wait in memory. */
	constructor(max: number, spool: Spool | null, drops: DropCounts, atDisk: AtDisk = (action) => action()) {
		this.#max = max;
		this.#spool = spool;
		this.#drops = drops;
		this.#atDisk = atDisk;
	}

	get count(): number {
		return this.#inMemory + this.spooled;
	}

	get spooled(): number {
		return this.#spool?.count ?? 0;
	}

	get spooledBytes(): number {
		return this.#spool?.bytes ?? 0;
	}

	/** Since when the oldest has been waiting, milliseconds since the epoch; null when none waits. */
	get oldestMs(): number | null {
		return this.#oldest(1)[0]?.sinceMs ?? null;
	}

	/** The same for those in memory. */
	get oldestInMemoryMs(): number | null {
		return this.#memory[this.#gone]?.sinceMs ?? null;
	}

	/** The one that was added last; it may be gone. Null when none was added. */
	get newest(): Waiting | null {
		return this.#newest;
	}

	add(waiting: Waiting): void {
		this.#newest = waiting;
		this.#memory.push(waiting);
		if (this.#inMemory <= this.#max) return;
		// A full disk is tried from time to time, not for each measurement.
		if (!this.#isStuck) this.spill();
		const tooMany = this.#inMemory - this.#max;
		if (tooMany > 0) this.#dropFromMemory(tooMany);
	}

	/** The oldest, at most `max` of them, and of so many bytes as may be written at once. */
	take(max: number): readonly Waiting[] {
		const oldest = this.#oldest(max);
		const batch = oldest.slice(0, countWithin(oldest));
		this.#taken = batch.map(() => true);
		return batch;
	}

	/** The `count` oldest of those that were taken have been dealt with. Returns how many of them were still here. */
	remove(count: number): number {
		const left = this.#taken.splice(0, count).filter((isHere) => isHere).length;
		const fromSpool = Math.min(left, this.spooled);
		if (fromSpool > 0) this.#atDisk(() => this.#spool?.remove(fromSpool));
		this.#forget(left - fromSpool);
		return left;
	}

	/** Moves what is in memory to the spool, as far as there is one and it can be written. */
	spill(): void {
		const spool = this.#spool;
		if (spool === null || this.#inMemory === 0) return;
		this.#forget(this.#atDisk(() => spool.append(this.#memory.slice(this.#gone))));
		this.#isStuck = this.#inMemory > 0;
	}

	/** Drops what has been in the spool for too long. */
	expire(nowMs: number): void {
		this.#atDisk(() => this.#spool?.expire(nowMs));
	}

	/** The spool has dropped so many of its oldest. */
	spoolDropped(reason: 'spoolFull' | 'tooOld' | 'damaged', count: number): void {
		this.#drops[reason] += count;
		// What is damaged was never taken.
		if (reason !== 'damaged') this.#lose(count, 0);
	}

	/** Nothing is added any more. Drops what is left in memory. */
	close(): void {
		this.spill();
		const left = this.#inMemory;
		this.#drops[this.#spool === null ? 'unsent' : 'queueFull'] += left;
		this.#forget(left);
		this.#atDisk(() => this.#spool?.close());
	}

	get #inMemory(): number {
		return this.#memory.length - this.#gone;
	}

	#oldest(max: number): readonly Waiting[] {
		const spooled = this.#atDisk(() => this.#spool?.oldest(max)) ?? [];
		return spooled.length > 0 ? spooled : this.#memory.slice(this.#gone, this.#gone + max);
	}

	/** The oldest in memory give way to the newest. */
	#dropFromMemory(count: number): void {
		this.#forget(count);
		this.#drops.queueFull += count;
		this.#lose(count, this.spooled);
	}

	/** Of what is waiting, so many after the `before` oldest are gone: some of them may have been taken. */
	#lose(count: number, before: number): void {
		let place = 0;
		for (const [index, isHere] of this.#taken.entries()) {
			if (!isHere) continue;
			if (place >= before && place < before + count) this.#taken[index] = false;
			place++;
		}
	}

	#forget(count: number): void {
		this.#gone += count;
		// Moving what is left for each batch would take longer the more there is.
		if (this.#gone < 1024 || this.#gone * 2 < this.#memory.length) {
			if (this.#gone < this.#memory.length) return;
		}
		this.#memory = this.#memory.slice(this.#gone);
		this.#gone = 0;
	}
}
