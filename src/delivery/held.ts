import { Fifo } from '../model/fifo.ts';
import type { Measurement } from '../model/measurement.ts';
import type { Order } from '../model/order.ts';

/** Measurements and, in the same places, their orders. */
interface Results {
	readonly measurements: readonly Measurement[];
	readonly orders: readonly Order[];
}

/** What came while nobody could take it. The oldest give way when there are too many. */
export class Held {
	readonly #max: number;
	readonly #results = new Fifo<Results>();
	#count = 0;

	constructor(max: number) {
		this.#max = max;
	}

	get count(): number {
		return this.#count;
	}

	/** Returns how many were dropped for it. */
	add(measurements: readonly Measurement[], orders: readonly Order[]): number {
		this.#results.push({ measurements, orders });
		this.#count += measurements.length;
		let dropped = 0;
		while (this.#count > this.#max) {
			const oldest = this.#results.shift()?.measurements.length ?? 0;
			this.#count -= oldest;
			dropped += oldest;
		}
		return dropped;
	}

	/** Gives back all of it. */
	take(): readonly Results[] {
		this.#count = 0;
		return this.#results.takeAll();
	}
}
