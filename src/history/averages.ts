/** The spans that meshping has: what happened longer ago counts for less than a third. */
const spansSeconds = [15 * 60, 6 * 3600, 24 * 3600] as const;

/**
 * Averages of the last 15 minutes, 6 hours and 24 hours in which what is older weighs less and less, by the time that
 * truly went by: they mean the same at every step, and after a gap.
 */
export class TrueTimeAverages {
	#lastSeconds: number | null = null;
	readonly #averages: number[] = [];

	/** Takes the median of a slot with an answer. One that is not newer than the last changes nothing. */
	add(slotSeconds: number, medianSeconds: number): void {
		if (this.#lastSeconds === null) {
			this.#averages.push(...spansSeconds.map(() => medianSeconds));
		} else {
			const passed = slotSeconds - this.#lastSeconds;
			if (passed <= 0) return;
			for (const [at, span] of spansSeconds.entries()) {
				const kept = Math.exp(-passed / span);
				this.#averages[at] = (this.#averages[at] ?? medianSeconds) * kept + medianSeconds * (1 - kept);
			}
		}
		this.#lastSeconds = slotSeconds;
	}

	/** Of 15 minutes, 6 hours and 24 hours, seconds; null before the first answer. */
	get values(): readonly [number | null, number | null, number | null] {
		const [quarter = null, six = null, day = null] = this.#averages;
		return [quarter, six, day];
	}
}
