/** When the scheduler is to look again: in this time, whenever the machine is awake. Wall milliseconds since the epoch. */
export class Span {
	earliestMs: number;
	#latestMs: number;

	constructor(earliestMs: number, slackMs: number) {
		this.earliestMs = earliestMs;
		this.#latestMs = earliestMs + slackMs;
	}

	get slackMs(): number {
		return this.#latestMs - this.earliestMs;
	}

	/** Something is due then, or may be so much later. */
	include(dueMs: number, slackMs: number): void {
		this.earliestMs = Math.min(this.earliestMs, dueMs);
		this.#latestMs = Math.min(this.#latestMs, dueMs + slackMs);
	}
}
