import type { LastResult } from './last-result.ts';

/**
 * What was written of each order last, in memory that two threads see: who asks how all orders do need not read thousands
 * of files, nor wait for the disk. The store's thread writes it, the main thread reads it.
 */

/** Where an order is on the board. The key is another one each time that a row is given away. */
export interface BoardPlace {
	readonly row: number;
	readonly key: number;
}

/** What is in the folder of an order, as far as it was written since the order was enrolled. */
export interface Written {
	/** What last_result says; null: that is not known, there may be none. */
	readonly result: LastResult | null;
	/** It is known that there is no `error` file. */
	readonly isClean: boolean;
}

/** Five doubles and six integers. */
const rowBytes = 64;
const doublesInRow = rowBytes / Float64Array.BYTES_PER_ELEMENT;
const integersInRow = rowBytes / Int32Array.BYTES_PER_ELEMENT;
const doubleAt = { min: 0, median: 1, max: 2, time: 3, updated: 4 } as const;
/** `turn` is odd while the row is being written. `known`: bits. */
const integerAt = { step: 10, pings: 11, loss: 12, key: 13, known: 14, turn: 15 } as const;
const resultBit = 1;
const cleanBit = 2;

const rowsFirst = 1024;
/** More orders than that are read from their files. */
const rowsMax = 1024 * 1024;

/** Not in the types of our JavaScript yet, but in all Node.js that we run on. */
interface GrowingBuffer extends SharedArrayBuffer {
	grow(bytes: number): void;
}
const GrowingBuffer = SharedArrayBuffer as unknown as new (
	bytes: number,
	options: { readonly maxByteLength: number },
) => GrowingBuffer;

/** The rows as they are: they do not grow with the buffer, which would make each look at them a slow one. */
class Rows {
	readonly doubles: Float64Array;
	readonly integers: Int32Array;

	constructor(buffer: SharedArrayBuffer) {
		const { byteLength } = buffer;
		this.doubles = new Float64Array(buffer, 0, byteLength / Float64Array.BYTES_PER_ELEMENT);
		this.integers = new Int32Array(buffer, 0, byteLength / Int32Array.BYTES_PER_ELEMENT);
	}

	/** Whether it has that row. */
	has(row: number): boolean {
		return (row + 1) * integersInRow <= this.integers.length;
	}
}

/** The main thread's side. */
export class WrittenBoard {
	readonly #buffer = new GrowingBuffer(rowsFirst * rowBytes, { maxByteLength: rowsMax * rowBytes });
	#rows = new Rows(this.#buffer);
	/** By id: its row. And the key of each row. */
	readonly #places = new Map<string, number>();
	readonly #keys: number[] = [];
	readonly #free: number[] = [];
	#used = 0;
	#lastKey = 0;

	/** For `BoardWriter`. */
	get shared(): SharedArrayBuffer {
		return this.#buffer;
	}

	/** The place of an order, which it may have already; null: there is none left. */
	give(id: string): BoardPlace | null {
		const known = this.#places.get(id);
		if (known !== undefined) return { row: known, key: this.#keys[known] ?? 0 };
		const row = this.#free.pop() ?? this.#used;
		if (row === rowsMax) return null;
		if (row === this.#used) {
			this.#used++;
			const bytes = this.#buffer.byteLength;
			if (this.#used * rowBytes > bytes) {
				this.#buffer.grow(Math.min(2 * bytes, rowsMax * rowBytes));
				this.#rows = new Rows(this.#buffer);
			}
		}
		this.#lastKey = (this.#lastKey + 1) | 0;
		this.#keys[row] = this.#lastKey;
		this.#places.set(id, row);
		return { row, key: this.#lastKey };
	}

	takeBack(id: string): void {
		const row = this.#places.get(id);
		if (row === undefined) return;
		this.#places.delete(id);
		this.#free.push(row);
	}

	/** Null: the store has not come to this order yet, or writes just now. */
	read(id: string): Written | null {
		const row = this.#places.get(id);
		if (row === undefined) return null;
		const key = this.#keys[row];
		const { doubles, integers } = this.#rows;
		const [first, from] = [row * doublesInRow, row * integersInRow];
		const turn = Atomics.load(integers, from + integerAt.turn);
		const integer = (name: keyof typeof integerAt) => integers[from + integerAt[name]] ?? 0;
		const double = (name: keyof typeof doubleAt) => doubles[first + doubleAt[name]] ?? Number.NaN;
		const rtt = (name: 'min' | 'median' | 'max') => (Number.isNaN(double(name)) ? null : double(name));
		const known = integer('known');
		const isOurs = integer('key') === key;
		const result: LastResult = {
			time: double('time'),
			updated: double('updated'),
			step: integer('step'),
			pings: integer('pings'),
			loss: integer('loss'),
			min: rtt('min'),
			median: rtt('median'),
			max: rtt('max'),
		};
		// Not a load: some processors would do what stands above after it.
		const isUnchanged = Atomics.add(integers, from + integerAt.turn, 0) === turn;
		if (!isOurs || turn % 2 !== 0 || !isUnchanged) return null;
		return { result: (known & resultBit) === 0 ? null : result, isClean: (known & cleanBit) !== 0 };
	}
}

/** The store's side. */
export class BoardWriter {
	readonly #shared: SharedArrayBuffer;
	#rows: Rows;

	constructor(shared: SharedArrayBuffer) {
		this.#shared = shared;
		this.#rows = new Rows(shared);
	}

	#rowsWith(row: number): Rows {
		if (!this.#rows.has(row)) this.#rows = new Rows(this.#shared);
		return this.#rows;
	}

	/** Begins a row: nothing is known of the order yet. */
	begin({ row, key }: BoardPlace): void {
		const { integers } = this.#rowsWith(row);
		const from = row * integersInRow;
		// Before the key: with it, and an even turn, what was written of another order would be that of this one.
		Atomics.add(integers, from + integerAt.turn, 1);
		integers[from + integerAt.key] = key;
		integers[from + integerAt.known] = 0;
		Atomics.add(integers, from + integerAt.turn, 1);
	}

	/** Whether there is no `error` file. */
	setClean(place: BoardPlace, isClean: boolean): void {
		this.#write(place, (integers, from) => {
			const others = (integers[from + integerAt.known] ?? 0) & ~cleanBit;
			integers[from + integerAt.known] = others | (isClean ? cleanBit : 0);
		});
	}

	/** The last_result was written. */
	setResult(place: BoardPlace, result: LastResult): void {
		this.#write(place, (integers, from) => {
			const { doubles } = this.#rows;
			const first = place.row * doublesInRow;
			doubles[first + doubleAt.min] = result.min ?? Number.NaN;
			doubles[first + doubleAt.median] = result.median ?? Number.NaN;
			doubles[first + doubleAt.max] = result.max ?? Number.NaN;
			doubles[first + doubleAt.time] = result.time;
			doubles[first + doubleAt.updated] = result.updated;
			integers[from + integerAt.step] = result.step;
			integers[from + integerAt.pings] = result.pings;
			integers[from + integerAt.loss] = result.loss;
			integers[from + integerAt.known] = (integers[from + integerAt.known] ?? 0) | resultBit;
		});
	}

	#write({ row, key }: BoardPlace, change: (integers: Int32Array, from: number) => void): void {
		const { integers } = this.#rowsWith(row);
		const from = row * integersInRow;
		// Another order has the row by now.
		if (integers[from + integerAt.key] !== key) return;
		Atomics.add(integers, from + integerAt.turn, 1);
		change(integers, from);
		Atomics.add(integers, from + integerAt.turn, 1);
	}
}
