import type { PackedOutcome } from '../outcomes/packed.ts';

/**
 * The last outcomes of an order, oldest first, in one string of bytes: each with its length before it (three bytes, the
 * lowest first). There may be 100,000 orders, and a string of its own for each outcome would cost as much as what is in it.
 */
export type PackedList = string;

export const nothingPacked: PackedList = '';

const lengthBytes = 3;
/** Nobody has so much to say; what is longer is not remembered. */
const lengthMax = 2 ** (8 * lengthBytes) - 1;

/** Where they are put together. Shared by all: nothing outlives its turn. */
let bytes = Buffer.alloc(4096);

/** Adds one, and leaves out the oldest when there are more than `most`. */
export function withPacked(list: PackedList, packed: PackedOutcome, most: number): PackedList {
	if (packed.length > lengthMax) return list;
	const end = list.length + lengthBytes + packed.length;
	if (end > bytes.length) bytes = Buffer.alloc(2 * end);
	bytes.write(list, 0, 'latin1');
	bytes.writeUIntLE(packed.length, list.length, lengthBytes);
	bytes.write(packed, list.length + lengthBytes, 'latin1');
	const starts: number[] = [];
	for (let start = 0; start < end; start += lengthBytes + bytes.readUIntLE(start, lengthBytes)) {
		starts.push(start);
	}
	return bytes.toString('latin1', starts.at(-most) ?? 0, end);
}

/** Each of them, newest first. */
export function packedIn(list: PackedList): PackedOutcome[] {
	const all = Buffer.from(list, 'latin1');
	const found: PackedOutcome[] = [];
	for (let at = 0; at < all.length; ) {
		const start = at + lengthBytes;
		at = start + all.readUIntLE(at, lengthBytes);
		found.push(all.toString('latin1', start, at));
	}
	return found.reverse();
}
