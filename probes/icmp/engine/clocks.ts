import { performance } from 'node:perf_hooks';
import { libc, Memory } from './libc.ts';

/** The two clocks of the kernel that count here. Numbers of milliseconds and nanoseconds keep their precision. */
export interface Clocks {
	/** CLOCK_MONOTONIC, milliseconds since the thread started. */
	monotonicMs(): number;
	/** CLOCK_REALTIME, by which the kernel stamps packets: nanoseconds since `baseSeconds`. */
	realNs(): number;
	/** Seconds since the epoch. */
	readonly baseSeconds: number;
}

const clockRealtime = 0;

export function systemClocks(): Clocks {
	const time = new Memory(16);
	const { u32, address } = time;
	const baseSeconds = Math.floor(Date.now() / 1000) - 1;
	return {
		baseSeconds,
		// The same clock, for a tenth of what a call of C costs. Imported: the global of that name is a getter.
		monotonicMs: () => performance.now(),
		realNs() {
			libc.clock_gettime(clockRealtime, address);
			// Signed: the clock may be set back to before the base.
			return ((u32[0] as number) - baseSeconds) * 1e9 + (u32[2] as number);
		},
	};
}

/** A reading of both clocks that leaves more doubt than this was interrupted, and says little. */
const promptMs = 0.005;
const triesMax = 5;
/** What two readings may differ by when nobody has set the clock. */
const noiseMs = 0.02;

/**
 * Notices when somebody sets the wall clock. Between two settings its distance from the monotonic clock is constant:
 * the corrections of NTP's slow kind go into both.
 */
export class StepWatch {
	readonly #clocks: Clocks;
	#distance: Distance | null = null;

	constructor(clocks: Clocks) {
		this.#clocks = clocks;
	}

	/** Whether the wall clock has been set since the last call. */
	hasStepped(): boolean {
		const now = this.#measure();
		const before = this.#distance;
		const hasStepped =
			before !== null && Math.abs(now.ms - before.ms) > noiseMs + now.doubtMs + before.doubtMs;
		if (before === null || hasStepped || now.doubtMs < before.doubtMs) this.#distance = now;
		return hasStepped;
	}

	#measure(): Distance {
		let best: Distance = { ms: 0, doubtMs: Number.POSITIVE_INFINITY };
		for (let i = 0; i < triesMax && best.doubtMs > promptMs; i++) {
			const beforeMs = this.#clocks.monotonicMs();
			const realMs = this.#clocks.realNs() / 1e6;
			const doubtMs = (this.#clocks.monotonicMs() - beforeMs) / 2;
			if (doubtMs < best.doubtMs) best = { ms: realMs - beforeMs - doubtMs, doubtMs };
		}
		return best;
	}
}

/** From the monotonic clock to the wall clock. */
interface Distance {
	readonly ms: number;
	/** It may be so much more or less: half the time that reading the clocks took. */
	readonly doubtMs: number;
}
