/** The few parts of Protocol Buffers that metrics need. */
export class MessageBuilder {
	#bytes = Buffer.allocUnsafe(256);
	#length = 0;

	/** A whole number of 0 or more, up to 2^53. */
	uint(field: number, value: number): this {
		this.#varint((field << 3) | 0);
		this.#varint(value);
		return this;
	}

	/** A whole number of either sign, up to 2^52. */
	sint(field: number, value: number): this {
		this.#varint((field << 3) | 0);
		this.#varint(value < 0 ? -2 * value - 1 : 2 * value);
		return this;
	}

	double(field: number, value: number): this {
		this.#varint((field << 3) | 1);
		this.#reserve(8);
		this.#length = this.#bytes.writeDoubleLE(value, this.#length);
		return this;
	}

	text(field: number, value: string): this {
		const length = Buffer.byteLength(value);
		this.#varint((field << 3) | 2);
		this.#varint(length);
		this.#reserve(length);
		this.#length += this.#bytes.write(value, this.#length);
		return this;
	}

	/** A message within the message, or several of one field one after the other. */
	message(field: number, bytes: Uint8Array): this {
		this.#varint((field << 3) | 2);
		this.#varint(bytes.length);
		this.#reserve(bytes.length);
		this.#bytes.set(bytes, this.#length);
		this.#length += bytes.length;
		return this;
	}

	/** Fields that are encoded already, a character a byte. */
	latin1Fields(text: string): this {
		this.#reserve(text.length);
		this.#length += this.#bytes.write(text, this.#length, 'latin1');
		return this;
	}

	/** A bare length, as it stands before each message of a delimited stream. */
	delimiter(length: number): this {
		this.#varint(length);
		return this;
	}

	/** All so far; the builder begins anew. The bytes are its own until the next field. */
	view(): Buffer {
		const view = this.#bytes.subarray(0, this.#length);
		this.#length = 0;
		return view;
	}

	/** As `view`, to be kept: a character a byte. */
	latin1(): string {
		return this.view().toString('latin1');
	}

	#varint(value: number): void {
		this.#reserve(10);
		let rest = value;
		while (rest >= 0x80) {
			this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
			rest = Math.floor(rest / 0x80);
		}
		this.#bytes[this.#length++] = rest;
	}

	#reserve(more: number): void {
		if (this.#length + more <= this.#bytes.length) return;
		const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + more));
		this.#bytes.copy(larger, 0, 0, this.#length);
		this.#bytes = larger;
	}
}
