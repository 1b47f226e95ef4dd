import { type Address, Memory } from './libc.ts';

/** struct mmsghdr, equal in glibc and musl on 64 bits: name, its length, iov, how many, control, its length, flags; and how many bytes. */
const headBytes = 64;
const nameLengthAt = 8;
const iovAt = 16;
const iovCountAt = 24;
const controlAt = 32;
const controlLengthAt = 40;
const receivedAt = 56;
const iovBytes = 16;
/** Room for a sockaddr_in6. */
const nameBytes = 32;

/** Messages for sendmmsg or recvmmsg in one piece of memory. Offsets are in bytes from its start. */
export class MessageBatch {
	readonly memory: Memory;
	readonly count: number;
	readonly dataStride: number;
	readonly controlStride: number;
	readonly #iovs: number;
	readonly #names: number;
	readonly #controls: number;
	readonly #data: number;

	/** `dataBytes` and `controlBytes` of one message; control may be 0. */
	constructor(count: number, dataBytes: number, controlBytes: number) {
		this.count = count;
		this.dataStride = (dataBytes + 15) & ~15;
		this.controlStride = controlBytes;
		this.#iovs = count * headBytes;
		this.#names = this.#iovs + count * iovBytes;
		this.#controls = this.#names + count * nameBytes;
		this.#data = this.#controls + count * controlBytes;
		this.memory = new Memory(this.#data + count * this.dataStride);
		for (let i = 0; i < count; i++) this.#prepare(i, dataBytes);
	}

	#prepare(i: number, dataBytes: number): void {
		const { u32, u64 } = this.memory;
		const head = i * headBytes;
		const iov = this.#iovs + i * iovBytes;
		u64[iov >> 3] = this.memory.at(this.dataAt(i));
		u64[(iov + 8) >> 3] = BigInt(dataBytes);
		u64[head >> 3] = this.memory.at(this.nameAt(i));
		u32[(head + nameLengthAt) >> 2] = nameBytes;
		u64[(head + iovAt) >> 3] = this.memory.at(iov);
		u64[(head + iovCountAt) >> 3] = 1n;
		if (this.controlStride === 0) return;
		u64[(head + controlAt) >> 3] = this.memory.at(this.controlStart(i));
		u32[(head + controlLengthAt) >> 2] = this.controlStride;
	}

	/** The messages from this one on, for C. */
	address(from = 0): Address {
		return from === 0 ? this.memory.address : this.memory.at(from * headBytes);
	}

	dataAt(i: number): number {
		return this.#data + i * this.dataStride;
	}

	nameAt(i: number): number {
		return this.#names + i * nameBytes;
	}

	controlStart(i: number): number {
		return this.#controls + i * this.controlStride;
	}

	controlEnd(i: number): number {
		const length = this.memory.u32[(i * headBytes + controlLengthAt) >> 2] as number;
		return this.controlStart(i) + length;
	}

	/** How many bytes of data were received. */
	received(i: number): number {
		return this.memory.u32[(i * headBytes + receivedAt) >> 2] as number;
	}

	/** How many bytes of data message `i` has when it is sent. */
	setDataLength(i: number, bytes: number): void {
		this.memory.u64[(this.#iovs + i * iovBytes + 8) >> 3] = BigInt(bytes);
	}

	setNameLength(bytes: number): void {
		for (let i = 0; i < this.count; i++) this.memory.u32[(i * headBytes + nameLengthAt) >> 2] = bytes;
	}

	/** Makes the first `used` messages ready to receive again. */
	reset(used: number): void {
		const { u32 } = this.memory;
		for (let i = 0; i < used; i++) {
			const head = (i * headBytes) >> 2;
			u32[head + (nameLengthAt >> 2)] = nameBytes;
			u32[head + (controlLengthAt >> 2)] = this.controlStride;
		}
	}
}
