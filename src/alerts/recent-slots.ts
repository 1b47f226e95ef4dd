import type { AlertSlot } from '../model/alert.ts';

/** So many slots of each order are remembered, for people who are told of an alert. */
const kept = 10;
/** Of each: share of losses and median, NaN for what is not known. */
const width = 2;

/** The last slots of many orders, in one array: 80 bytes an order. */
export class RecentSlots {
	#values = new Float32Array(0);
	#free: number[] = [];
	#count = 0;

	/** Room for one more order. */
	take(): number {
		const place = this.#free.pop() ?? this.#count++;
		const needed = this.#count * kept * width;
		if (needed > this.#values.length) {
			const larger = new Float32Array(Math.max(2 * needed, 1024));
			larger.set(this.#values);
			this.#values = larger;
		}
		this.#values.fill(Number.NaN, place * kept * width, (place + 1) * kept * width);
		return place;
	}

	giveBack(place: number): void {
		this.#free.push(place);
	}

	/** Notes a slot, by its number since the epoch; `missed` before it are not known. */
	note(place: number, number: number, missed: number, loss: number | null, median: number | null): void {
		for (let back = 1; back <= Math.min(missed, kept - 1); back++)
			this.#set(place, number - back, null, null);
		this.#set(place, number, loss, median);
	}

	/** The last slots up to this one, the oldest first. */
	read(place: number, startSeconds: number, stepSeconds: number): AlertSlot[] {
		const number = Math.round(startSeconds / stepSeconds);
		const slots: AlertSlot[] = [];
		for (let back = kept - 1; back >= 0; back--) {
			const at = this.#at(place, number - back);
			slots.push({
				startSeconds: (number - back) * stepSeconds,
				lossShare: known(this.#values[at]),
				medianSeconds: known(this.#values[at + 1]),
			});
		}
		const first = slots.findIndex(({ lossShare }) => lossShare !== null);
		return first < 0 ? [] : slots.slice(first);
	}

	#set(place: number, number: number, loss: number | null, median: number | null): void {
		const at = this.#at(place, number);
		this.#values[at] = loss ?? Number.NaN;
		this.#values[at + 1] = median ?? Number.NaN;
	}

	#at(place: number, number: number): number {
		return (place * kept + (((number % kept) + kept) % kept)) * width;
	}
}

/** As many digits as they have. */
function known(value: number | undefined): number | null {
	return value === undefined || Number.isNaN(value) ? null : Number(value.toPrecision(6));
}
