import type { Clock } from '../../model/clock.ts';
import { type Heartbeat, heartbeatSchema, lostAfterMs } from '../heartbeat.ts';

/** What was heard of a point of presence last. */
export interface Heard {
	/** Wall clock, seconds since the epoch; null: nothing since the start. */
	readonly atSeconds: number | null;
	readonly beat: Heartbeat | null;
	/** How far its clock is ahead, seconds; what the way takes is in it. */
	readonly aheadSeconds: number | null;
}

interface Presence extends Heard {
	readonly heardMs: number;
	readonly isLost: boolean;
}

const nothing: Heard = { atSeconds: null, beat: null, aheadSeconds: null };

/** Who is there, and who is lost. */
export class Presences {
	readonly #clock: Clock;
	readonly #known = new Map<string, Presence>();

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	/** Just after the start nobody can have been heard of, and is not lost for that. */
	meet(name: string, isLost: boolean): void {
		this.#known.set(name, { ...nothing, heardMs: this.#clock.monotonicMs(), isLost });
	}

	forget(name: string): void {
		this.#known.delete(name);
	}

	heard(name: string): Heard {
		return this.#known.get(name) ?? nothing;
	}

	isLost(name: string): boolean {
		return this.#known.get(name)?.isLost !== false;
	}

	/** Null when it is no heartbeat, or of nobody we know. */
	hear(
		name: string,
		json: unknown,
	): { readonly wasLost: boolean; readonly reasons: Heartbeat['reasons'] } | null {
		const read = heartbeatSchema.safeParse(json);
		const before = this.#known.get(name);
		if (!read.success || before === undefined) return null;
		const atSeconds = this.#clock.wallMs() / 1000;
		const { reasons, ...beat } = read.data;
		this.#known.set(name, {
			...{ heardMs: this.#clock.monotonicMs(), isLost: false },
			...{ atSeconds, beat, aheadSeconds: beat.now - atSeconds },
		});
		return { wasLost: before.isLost, reasons };
	}

	/** Those that have become lost. */
	takeLost(): string[] {
		const nowMs = this.#clock.monotonicMs();
		const lost: string[] = [];
		for (const [name, presence] of this.#known) {
			if (presence.isLost || nowMs - presence.heardMs <= lostAfterMs) continue;
			this.#known.set(name, { ...presence, isLost: true });
			lost.push(name);
		}
		return lost;
	}
}
