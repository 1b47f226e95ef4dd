/** Time as a value, so that scheduling, expiry and retry can be tested with a fake one. */
export interface Clock {
	/** Milliseconds since the epoch. May step either way when somebody sets the clock. */
	wallMs(): number;
	/** Milliseconds since some fixed moment. Never goes back; stands still while the machine sleeps. */
	monotonicMs(): number;
	/**
	 * Calls `action` once, `delayMs` of monotonic time from now. It may be up to `slackMs` later, when something else is
	 * due: waking up a quiet machine costs more than most of what is done then. Returns a function that cancels it.
	 */
	after(delayMs: number, action: () => void, slackMs?: number): () => void;
}

/** Something that can wait for other things to be due. Monotonic milliseconds. */
interface Patient {
	readonly earliestMs: number;
	readonly latestMs: number;
	readonly action: () => void;
}

/** Timers may be early by this much, since the event loop counts whole milliseconds. */
const earlyMs = 1;

/** The clocks of the machine, and the timers of one thread. */
export class SystemClock implements Clock {
	readonly #late: (ms: number) => void;
	readonly #patient = new Set<Patient>();
	#cancel: () => void = () => {};
	#armedMs = Number.POSITIVE_INFINITY;
	#isTaking = false;

	/** @param late takes how late the thread was for a timer, milliseconds, each time that one woke it */
	constructor(late: (ms: number) => void = () => {}) {
		this.#late = late;
	}

	wallMs(): number {
		return Date.now();
	}

	monotonicMs(): number {
		return performance.now();
	}

	after(delayMs: number, action: () => void, slackMs = 0): () => void {
		const earliestMs = performance.now() + Math.max(0, delayMs);
		if (slackMs <= 0) return this.#at(earliestMs, action);
		const patient: Patient = { earliestMs, latestMs: earliestMs + slackMs, action };
		this.#patient.add(patient);
		this.#arm();
		return () => {
			if (this.#patient.delete(patient)) this.#arm();
		};
	}

	#at(dueMs: number, action: () => void): () => void {
		// Time has gone on since it was reckoned, and newer Node.js warns of what is less than nothing.
		const leftMs = Math.max(0, dueMs - performance.now());
		const timer = setTimeout(() => {
			this.#late(Math.max(0, performance.now() - dueMs));
			try {
				action();
			} finally {
				this.#takeAlong();
			}
		}, leftMs);
		return () => clearTimeout(timer);
	}

	/** Does what may be done by now. */
	#takeAlong(): void {
		if (this.#patient.size === 0) return;
		const nowMs = performance.now() + earlyMs;
		this.#isTaking = true;
		try {
			for (const patient of [...this.#patient]) {
				if (patient.earliestMs <= nowMs && this.#patient.delete(patient)) patient.action();
			}
		} finally {
			this.#isTaking = false;
			this.#arm();
		}
	}

	/** Sees to it that there is a timer when patience ends. */
	#arm(): void {
		// It will be done in the end.
		if (this.#isTaking) return;
		let latestMs = Number.POSITIVE_INFINITY;
		for (const patient of this.#patient) latestMs = Math.min(latestMs, patient.latestMs);
		if (latestMs === this.#armedMs) return;
		this.#cancel();
		this.#armedMs = latestMs;
		if (latestMs === Number.POSITIVE_INFINITY) return;
		this.#cancel = this.#at(latestMs, () => {
			this.#armedMs = Number.POSITIVE_INFINITY;
		});
	}
}

/** That of this thread, where nobody asks how late it is. */
export const systemClock: Clock = new SystemClock();

/** Calls `action` again and again, each time `intervalMs` after the last. Returns a function that ends it. */
export function every(clock: Clock, intervalMs: number, slackMs: number, action: () => void): () => void {
	let cancel = () => {};
	const again = () => {
		cancel = clock.after(
			intervalMs,
			() => {
				again();
				action();
			},
			slackMs,
		);
	};
	again();
	return () => cancel();
}

/** Calls `action` about once a second, whenever the thread is awake, and at the latest after a second. */
export function everySecondOrSo(clock: Clock, action: () => void): () => void {
	return every(clock, 200, 800, action);
}
