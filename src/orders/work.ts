import type { Clock } from '../model/clock.ts';
import type { Folder } from './entry.ts';

/** Does work in small steps, a slice of time at a time, and lets everything else have its turn in between. */
export class SlicedWork {
	readonly #clock: Clock;
	readonly #sliceMs: number;
	readonly #step: () => boolean;
	#turn: NodeJS.Immediate | null = null;
	#isStepping = false;
	#isStopped = false;
	#whenStopped: (() => void) | null = null;
	#busyMs = 0;

	/** @param step does one small piece of work; false when there is none left */
	constructor(clock: Clock, sliceMs: number, step: () => boolean) {
		this.#clock = clock;
		this.#sliceMs = sliceMs;
		this.#step = step;
	}

	/** Time spent in steps since the beginning, milliseconds. */
	get busyMs(): number {
		return this.#busyMs;
	}

	/** There is work: do it, beginning in the next turn of the event loop. */
	wake(): void {
		if (!this.#isStopped) this.#turn ??= setImmediate(() => this.#slice());
	}

	/**
	 * No more steps, ever.
	 *
	 * @param whenStopped called at once, or after the step that called this
	 */
	stop(whenStopped: () => void): void {
		this.#isStopped = true;
		if (this.#turn !== null) clearImmediate(this.#turn);
		if (this.#isStepping) this.#whenStopped = whenStopped;
		else whenStopped();
	}

	#slice(): void {
		this.#turn = null;
		const startMs = this.#clock.monotonicMs();
		let nowMs = startMs;
		let isMore = true;
		while (isMore && !this.#isStopped && nowMs - startMs < this.#sliceMs) {
			isMore = this.#oneStep();
			const beforeMs = nowMs;
			nowMs = this.#clock.monotonicMs();
			this.#busyMs += nowMs - beforeMs;
		}
		if (isMore) this.wake();
	}

	#oneStep(): boolean {
		this.#isStepping = true;
		const isMore = this.#step();
		this.#isStepping = false;
		this.#whenStopped?.();
		return isMore;
	}
}

/** A set of names in folders. May change while it is iterated. */
export class FolderNames {
	readonly #names = new Map<Folder, Set<string>>();
	#size = 0;

	get size(): number {
		return this.#size;
	}

	add(folder: Folder, name: string): void {
		const names = this.#names.get(folder) ?? new Set();
		if (names.has(name)) return;
		this.#names.set(folder, names.add(name));
		this.#size++;
	}

	delete(folder: Folder, name: string): void {
		const names = this.#names.get(folder);
		if (names?.delete(name) !== true) return;
		this.#size--;
		if (names.size === 0) this.#names.delete(folder);
	}

	deleteFolder(folder: Folder): void {
		this.#size -= this.#names.get(folder)?.size ?? 0;
		this.#names.delete(folder);
	}

	*[Symbol.iterator](): Generator<[Folder, string]> {
		for (const [folder, names] of this.#names) {
			for (const name of names) yield [folder, name];
		}
	}
}
