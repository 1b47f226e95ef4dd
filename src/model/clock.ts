/** Time as a value, so that scheduling, expiry and retry can be tested with a fake one. */
export interface Clock {
	/** Milliseconds since the epoch. May step either way when somebody sets the clock. */
	wallMs(): number;
	/** Milliseconds since some fixed moment. Never goes back; stands still while the machine sleeps. */
	monotonicMs(): number;
	/** Calls `action` once, `delayMs` of monotonic time from now. Returns a function that cancels it. */
	after(delayMs: number, action: () => void): () => void;
}

export const systemClock: Clock = {
	wallMs: () => Date.now(),
	monotonicMs: () => performance.now(),
	after(delayMs, action) {
		const timer = setTimeout(action, delayMs);
		return () => clearTimeout(timer);
	},
};
