/** So many parts in a row are to be taken before a larger one is tried; twice as many each time that was too large. */
const patienceMin = 16;
const patienceMax = 1024;

/**
 * How many results are written at a time: as many as the config says, or as many as the other end was found to take.
 * What has passed is remembered, and more is tried now and then only.
 */
export class PartSize {
	readonly #max: number;
	#now: number;
	#patience = patienceMin;
	/** Parts of this size that were taken in a row. */
	#taken = 0;
	#isProbing = false;

	constructor(max: number) {
		this.#max = max;
		this.#now = max;
	}

	get now(): number {
		return this.#now;
	}

	/** The other end takes less than `count` at a time. */
	tooLarge(count: number): void {
		if (this.#isProbing) this.#patience = Math.min(patienceMax, 2 * this.#patience);
		this.#isProbing = false;
		this.#taken = 0;
		this.#now = Math.max(1, Math.floor(Math.min(this.#now, count) / 2));
	}

	/** The other end has taken `count` at a time. */
	took(count: number): void {
		if (this.#now === this.#max || count < this.#now) return;
		if (this.#isProbing) this.#patience = patienceMin;
		this.#isProbing = false;
		if (++this.#taken < this.#patience) return;
		this.#taken = 0;
		this.#isProbing = true;
		this.#now = Math.min(this.#max, 2 * this.#now);
	}
}
