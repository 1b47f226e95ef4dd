import type { PingFacts } from '../shared/timing/pings.ts';
import { secondsFrom } from '../shared/timing/pings.ts';

/** The parts of a request, in their order. */
const phaseNames = ['dns', 'connect', 'tls', 'first_byte', 'transfer'] as const;

export type PhaseName = (typeof phaseNames)[number];

/** How long each part of a ping took; of redirects, all together. */
export class Phases {
	readonly #spentSeconds = new Map<PhaseName, number>();
	#current: PhaseName = 'dns';
	#sinceMs = performance.now();

	/** The part that is going on, or was when it ended. */
	get current(): PhaseName {
		return this.#current;
	}

	/** A part begins. */
	begin(phase: PhaseName, atMs = performance.now()): void {
		this.#current = phase;
		this.#sinceMs = atMs;
	}

	/** The part that is going on is over. */
	end(atMs = performance.now()): void {
		const before = this.#spentSeconds.get(this.#current) ?? 0;
		this.#spentSeconds.set(this.#current, before + secondsFrom(this.#sinceMs, atMs));
	}

	facts(): PingFacts {
		return Object.fromEntries(
			[...this.#spentSeconds].map(([name, seconds]) => [name, Math.round(seconds * 1e6) / 1e6]),
		);
	}
}
