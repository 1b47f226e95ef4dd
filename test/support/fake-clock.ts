import type { Clock } from '../../src/model/clock.ts';

interface Timer {
	readonly atMs: number;
	readonly action: () => void;
}

/** A clock that moves only when it is told to. */
export class FakeClock implements Clock {
	#wallMs: number;
	#monotonicMs = 1000;
	/** By how much each timer is late, as on a busy machine. */
	lagMs = 0;
	readonly #timers = new Set<Timer>();

	constructor(wallMs: number) {
		this.#wallMs = wallMs;
	}

	wallMs(): number {
		return this.#wallMs;
	}

	monotonicMs(): number {
		return this.#monotonicMs;
	}

	after(delayMs: number, action: () => void): () => void {
		const timer = { atMs: this.#monotonicMs + Math.max(0, delayMs), action };
		this.#timers.add(timer);
		return () => this.#timers.delete(timer);
	}

	/** Lets time pass: timers fire in their order, and what they set off settles before the next one. */
	async pass(ms: number): Promise<void> {
		const endMs = this.#monotonicMs + ms;
		await settled();
		for (;;) {
			const next = [...this.#timers].sort((a, b) => a.atMs - b.atMs)[0];
			if (next === undefined || next.atMs + this.lagMs > endMs) break;
			this.#timers.delete(next);
			this.#move(Math.max(0, next.atMs + this.lagMs - this.#monotonicMs));
			next.action();
			await settled();
		}
		this.#move(endMs - this.#monotonicMs);
		await settled();
	}

	/** Lets time pass at once, for what has no timers. */
	advance(ms: number): void {
		this.#move(ms);
	}

	/** Somebody sets the wall clock, or the machine sleeps: the monotonic clock does not notice. */
	stepWall(ms: number): void {
		this.#wallMs += ms;
	}

	#move(ms: number): void {
		this.#wallMs += ms;
		this.#monotonicMs += ms;
	}
}

/** Lets promises that are due be resolved. */
async function settled(): Promise<void> {
	for (let i = 0; i < 10; i++) await Promise.resolve();
}
