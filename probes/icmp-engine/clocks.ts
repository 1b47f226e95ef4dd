import { libc, Memory } from './libc.ts';

/** The two clocks of the kernel that count here. Numbers of milliseconds and nanoseconds keep their precision. */
export interface Clocks {
	/** CLOCK_MONOTONIC, milliseconds. */
	monotonicMs(): number;
	/** CLOCK_REALTIME, by which the kernel stamps packets: nanoseconds since `baseSeconds`. */
	realNs(): number;
	/** Seconds since the epoch. */
	readonly baseSeconds: number;
}

const clockRealtime = 0;
const clockMonotonic = 1;

export function systemClocks(): Clocks {
	const time = new Memory(16);
	const { u32, address } = time;
	const baseSeconds = Math.floor(Date.now() / 1000) - 1;
	return {
		baseSeconds,
		monotonicMs() {
			libc.clock_gettime(clockMonotonic, address);
			return (u32[0] as number) * 1e3 + (u32[2] as number) / 1e6;
		},
		realNs() {
			libc.clock_gettime(clockRealtime, address);
			// Signed: the clock may be set back to before the base.
			return ((u32[0] as number) - baseSeconds) * 1e9 + (u32[2] as number);
		},
	};
}

/** A reading of both clocks that takes longer than this was interrupted, and says little. */
const promptMs = 0.01;
const triesMax = 5;
/** What two readings may differ by when nobody has set the clock. */
const noiseMs = 0.02;

/**
 * Notices when somebody sets the wall clock. Between two settings its distance from the monotonic clock is constant:
 * the corrections of NTP's slow kind go into both.
 */
export class StepWatch {
	readonly #clocks: Clocks;
	#distanceMs: number | null = null;

	constructor(clocks: Clocks) {
		this.#clocks = clocks;
	}

	/** Whether the wall clock has been set since the last call. */
	hasStepped(): boolean {
		const { distanceMs, doubtMs } = this.#measure();
		const before = this.#distanceMs;
		if (before === null) {
			this.#distanceMs = distanceMs;
			return false;
		}
		if (Math.abs(distanceMs - before) <= noiseMs + doubtMs) return false;
		this.#distanceMs = distanceMs;
		return true;
	}

	#measure(): { distanceMs: number; doubtMs: number } {
		let distanceMs = 0;
		let doubtMs = Number.POSITIVE_INFINITY;
		for (let i = 0; i < triesMax && doubtMs > promptMs; i++) {
			const beforeMs = this.#clocks.monotonicMs();
			const realMs = this.#clocks.realNs() / 1e6;
			const tookMs = this.#clocks.monotonicMs() - beforeMs;
			if (tookMs >= doubtMs) continue;
			doubtMs = tookMs;
			distanceMs = realMs - beforeMs - tookMs / 2;
		}
		return { distanceMs, doubtMs };
	}
}
