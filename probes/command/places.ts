import { setTimeout as delay } from 'node:timers/promises';

/** Bounds how many things are done at a time; who comes first is first. */
export class Places {
	#taken = 0;
	/** Each is told that a place is now its own. */
	#waiting: (() => void)[] = [];

	/**
	 * Resolves with what gives the place back when there is one among `places`; with null when there was none for so long,
	 * or the signal has fired.
	 */
	async take(places: number, waitMs: number, signal: AbortSignal): Promise<(() => void) | null> {
		if (signal.aborted) return null;
		if (this.#taken < places) this.#taken++;
		else if (!(await this.#turn(waitMs, signal))) return null;
		return () => {
			const next = this.#waiting.shift();
			if (next === undefined) this.#taken--;
			else next();
		};
	}

	async #turn(waitMs: number, signal: AbortSignal): Promise<boolean> {
		const ending = new AbortController();
		let isTurn = false;
		const turn = () => {
			isTurn = true;
			ending.abort();
		};
		this.#waiting.push(turn);
		await delay(waitMs, undefined, { signal: AbortSignal.any([signal, ending.signal]) }).catch(() => {});
		if (!isTurn) this.#waiting = this.#waiting.filter((one) => one !== turn);
		return isTurn;
	}
}
