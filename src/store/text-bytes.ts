import { putNumberText } from '../rrd/index.ts';

/** Text as bytes in UTF-8. */
export interface BytesOfText {
	/** Perhaps longer. */
	readonly bytes: Uint8Array;
	readonly length: number;
}

/** What `String` writes without a sign or an exponent, whatever the number. */
const smallestPlain = 1e-6;
const wholeMax = 2 ** 31;
const largestPlain = 1e6;
const nought = 0x30;
const roomForNumber = 32;

/** A text that is made as bytes, in memory that is used again: of what is written with each result no strings are made. */
export class TextBytes implements BytesOfText {
	/** Not in the heap of V8, which would move it. */
	bytes = new Uint8Array(new ArrayBuffer(1024));
	length = 0;

	clear(): void {
		this.length = 0;
	}

	put(text: string): void {
		const { length } = text;
		this.#reserve(3 * length);
		const { bytes } = this;
		let at = this.length;
		for (let index = 0; index < length; index++) {
			const code = text.charCodeAt(index);
			if (code > 0x7f) {
				const written = Buffer.from(bytes.buffer).write(text, this.length);
				this.length += written;
				return;
			}
			bytes[at++] = code;
		}
		this.length = at;
	}

	/** As `String` writes it. */
	putNumber(value: number): void {
		if (value >= 0 && value < wholeMax && (value | 0) === value && !Object.is(value, -0)) {
			this.putDigits(value, digitsOf(value));
		} else if (value >= smallestPlain && value < largestPlain) {
			this.#reserve(roomForNumber);
			this.length += putNumberText(this.bytes, this.length, value);
		} else {
			this.put(String(value));
		}
	}

	/** A whole number from 0 to 2 ** 31, in so many digits. */
	putDigits(value: number, count: number): void {
		this.#reserve(count);
		const { bytes } = this;
		let rest = value | 0;
		for (let at = this.length + count - 1; at >= this.length; at--) {
			const tenth = (rest / 10) | 0;
			bytes[at] = nought + rest - tenth * 10;
			rest = tenth;
		}
		this.length += count;
	}

	/** Adds so many blanks. */
	putBlanks(count: number): void {
		this.#reserve(count);
		this.bytes.fill(0x20, this.length, this.length + count);
		this.length += count;
	}

	toString(): string {
		return Buffer.from(this.bytes.buffer, 0, this.length).toString();
	}

	#reserve(count: number): void {
		if (this.length + count <= this.bytes.length) return;
		const larger = new Uint8Array(new ArrayBuffer(2 * (this.length + count)));
		larger.set(this.bytes);
		this.bytes = larger;
	}
}

/** Of a whole number from 0 to 2 ** 31. */
export function digitsOf(value: number): number {
	let digits = 1;
	for (let next = 10; value >= next; next *= 10) digits++;
	return digits;
}
