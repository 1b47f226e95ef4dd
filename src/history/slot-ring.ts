/**
 * The format of the file `slots`: loss and median of every single slot of the last days, in a ring of fixed size. A
 * header of 32 bytes, then a word of 4 bytes a slot, at the place that the slot's time gives it, all little endian.
 */

export const ringHeaderBytes = 32;
const wordBytes = 4;
const magic = 'PMSLOTS1';
/** A word's lower bits hold the median, the upper ones how many pings were lost. */
const medianBits = 22;
const medianCodes = 2 ** medianBits - 1;
/** Medians from a nanosecond to some minutes, in equal ratios: steps of 0.0007 %. */
const shortestSeconds = 1e-9;
const octaves = 40;
const unknownWord = 0;

/** One slot. */
export interface SlotRecord {
	/** Its start, since the epoch. */
	readonly timeSeconds: number;
	/** Pings that were lost; null: the slot was not measured. */
	readonly loss: number | null;
	/** Seconds; null when nothing was measured or no answer came. Right to 0.001 %. */
	readonly medianSeconds: number | null;
}

/** What a ring is for. One of another shape cannot be gone on with. */
export interface RingShape {
	readonly stepSeconds: number;
	readonly pings: number;
	/** How many slots it holds. */
	readonly capacity: number;
}

/** 16 MB: of steps of a second 48 days. */
const capacityMax = 4 * 1024 * 1024;

/** How many slots are kept of an order. */
export function ringCapacity(stepSeconds: number, keepSeconds: number): number {
	return Math.min(capacityMax, Math.max(2, Math.ceil(keepSeconds / stepSeconds)));
}

export function ringBytes(capacity: number): number {
	return ringHeaderBytes + capacity * wordBytes;
}

/** What is to be written to the file, in this order: what stands later makes the earlier count. */
export type RingWrite = { readonly offset: number; readonly bytes: Buffer };

/** Reads the header. Null when this is no such file. `lastSeconds` is the start of the newest slot in it, 0 for none. */
export function readRingHeader(bytes: Buffer): (RingShape & { readonly lastSeconds: number }) | null {
	if (bytes.length < ringHeaderBytes || bytes.toString('latin1', 0, 8) !== magic) return null;
	const stepSeconds = bytes.readUInt32LE(8);
	const pings = bytes.readUInt32LE(12);
	const capacity = bytes.readUInt32LE(16);
	const lastSeconds = bytes.readDoubleLE(24);
	if (stepSeconds === 0 || pings === 0 || capacity === 0) return null;
	if (!Number.isSafeInteger(lastSeconds) || lastSeconds < 0 || lastSeconds % stepSeconds !== 0) return null;
	return { stepSeconds, pings, capacity, lastSeconds };
}

function ringHeader({ stepSeconds, pings, capacity }: RingShape, lastSeconds: number): Buffer {
	const bytes = Buffer.alloc(ringHeaderBytes);
	bytes.write(magic, 'latin1');
	bytes.writeUInt32LE(stepSeconds, 8);
	bytes.writeUInt32LE(pings, 12);
	bytes.writeUInt32LE(capacity, 16);
	bytes.writeDoubleLE(lastSeconds, 24);
	return bytes;
}

/** A new ring without a slot in it. */
export function emptyRing(shape: RingShape): Buffer {
	return Buffer.concat([ringHeader(shape, 0)], ringBytes(shape.capacity));
}

/** Whether no slot of a ring was measured. */
export function isBlankRing(bytes: Buffer): boolean {
	return bytes.subarray(ringHeaderBytes).equals(Buffer.alloc(Math.max(0, bytes.length - ringHeaderBytes)));
}

/** The same slots in a ring of another length, as far as they fit; what is no ring holds none. */
export function resizedRing(bytes: Buffer, shape: RingShape): Buffer {
	const resized = emptyRing(shape);
	const old = readRingHeader(bytes);
	if (old === null || old.lastSeconds === 0 || bytes.length < ringBytes(old.capacity)) return resized;
	const { stepSeconds, lastSeconds } = old;
	ringHeader(shape, lastSeconds).copy(resized);
	const end = lastSeconds / stepSeconds + 1;
	// As long as neither of them begins anew, neighbours are neighbours in both.
	for (let at = Math.max(0, end - Math.min(old.capacity, shape.capacity)); at < end; ) {
		const [from, to] = [at % old.capacity, at % shape.capacity];
		const count = Math.min(end - at, old.capacity - from, shape.capacity - to);
		const start = ringHeaderBytes + from * wordBytes;
		bytes.copy(resized, ringHeaderBytes + to * wordBytes, start, start + count * wordBytes);
		at += count;
	}
	return resized;
}

/**
 * What puts slots into a ring whose newest one is `lastSeconds`. Slots that are too old for it are left out; those
 * between the newest of before and now that nobody names are unknown.
 *
 * @param records in any order, each at a multiple of the step
 */
export function ringWrites(
	shape: RingShape,
	lastSeconds: number,
	records: readonly SlotRecord[],
): { readonly writes: readonly RingWrite[]; readonly lastSeconds: number } {
	const { stepSeconds, capacity } = shape;
	const newest = records.reduce((last, { timeSeconds }) => Math.max(last, timeSeconds), lastSeconds);
	const oldest = newest - (capacity - 1) * stepSeconds;
	const words = new Map<number, number>();
	if (lastSeconds > 0) {
		for (let time = Math.max(lastSeconds + stepSeconds, oldest); time < newest; time += stepSeconds)
			words.set(placeOf(shape, time), unknownWord);
	}
	for (const record of records) {
		if (record.timeSeconds >= oldest) words.set(placeOf(shape, record.timeSeconds), wordOf(record));
	}
	const writes = runsOf(words);
	if (newest > lastSeconds) writes.push({ offset: 0, bytes: ringHeader(shape, newest) });
	return { writes, lastSeconds: newest };
}

/** Neighbouring words are one write. */
function runsOf(words: ReadonlyMap<number, number>): RingWrite[] {
	const places = [...words.keys()].sort((a, b) => a - b);
	const runs: RingWrite[] = [];
	for (let from = 0; from < places.length; ) {
		let to = from + 1;
		while (to < places.length && places[to] === (places[to - 1] ?? 0) + 1) to++;
		const bytes = Buffer.alloc((to - from) * wordBytes);
		for (let at = from; at < to; at++)
			bytes.writeUInt32LE(words.get(places[at] ?? 0) ?? unknownWord, (at - from) * wordBytes);
		runs.push({ offset: ringHeaderBytes + (places[from] ?? 0) * wordBytes, bytes });
		from = to;
	}
	return runs;
}

/**
 * The slots that begin from `startSeconds` up to before `endSeconds`, by time; slots that were not measured are among
 * them, down to the oldest that the ring can hold. Empty when this is no such file.
 */
export function readRing(bytes: Buffer, startSeconds: number, endSeconds: number): SlotRecord[] {
	const header = readRingHeader(bytes);
	if (header === null || header.lastSeconds === 0 || bytes.length < ringBytes(header.capacity)) return [];
	const { stepSeconds, capacity, lastSeconds } = header;
	const oldest = Math.max(
		lastSeconds - (capacity - 1) * stepSeconds,
		Math.ceil(startSeconds / stepSeconds) * stepSeconds,
	);
	const records: SlotRecord[] = [];
	for (let time = oldest; time <= lastSeconds && time < endSeconds; time += stepSeconds)
		records.push(recordOf(time, bytes.readUInt32LE(ringHeaderBytes + placeOf(header, time) * wordBytes)));
	return records;
}

function placeOf({ stepSeconds, capacity }: RingShape, timeSeconds: number): number {
	return Math.round(timeSeconds / stepSeconds) % capacity;
}

function wordOf({ loss, medianSeconds }: SlotRecord): number {
	if (loss === null) return unknownWord;
	return loss * 2 ** medianBits + medianCode(medianSeconds);
}

/** 0: none. */
function medianCode(seconds: number | null): number {
	if (seconds === null) return 0;
	const share = Math.log2(Math.max(seconds, shortestSeconds) / shortestSeconds) / octaves;
	return Math.min(medianCodes, 1 + Math.round(share * (medianCodes - 1)));
}

function recordOf(timeSeconds: number, word: number): SlotRecord {
	if (word === unknownWord) return { timeSeconds, loss: null, medianSeconds: null };
	const code = word % 2 ** medianBits;
	const medianSeconds =
		code === 0 ? null : shortestSeconds * 2 ** (((code - 1) / (medianCodes - 1)) * octaves);
	return { timeSeconds, loss: Math.floor(word / 2 ** medianBits), medianSeconds };
}
