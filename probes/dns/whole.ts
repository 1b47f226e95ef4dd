/** Of every message. */
export const headerBytes = 12;

/** A records and AAAA records of the Internet have one length. */
const internet = 1;
const dataBytes: ReadonlyMap<number, number> = new Map([
	[1, 4],
	[28, 16],
]);

const truncatedFlag = 0x02;

/**
 * The message, if all that its header counts is there to its last byte; null if not. Of one that says itself that it was cut
 * (TC flag), what is whole: some servers cut in the middle of a record. The decoder takes what lies behind the end of a
 * message for zero or nothing, and makes records of it that no server sent.
 */
export function wholePart(bytes: Buffer): Buffer | null {
	const [questions = 0, ...counts] = countsIn(bytes);
	let at: number | null = headerBytes;
	for (let left = questions; left > 0; left--) at = behindName(bytes, at) + 4;
	if (at > bytes.length) return null;
	const whole: number[] = [];
	for (const count of counts) {
		let found = 0;
		while (at !== null && found < count) {
			at = behindRecord(bytes, at);
			if (at !== null) found++;
		}
		whole.push(found);
	}
	if (at !== null) return bytes;
	return (bytes.readUInt8(2) & truncatedFlag) === 0 ? null : withCounts(bytes, whole);
}

const countsAt = [4, 6, 8, 10];

/** What the header counts: questions, answers, authorities and additional records. */
export function countsIn(bytes: Buffer): number[] {
	return countsAt.map((at) => bytes.readUInt16BE(at));
}

function withCounts(bytes: Buffer, counts: readonly number[]): Buffer {
	const copy = Buffer.from(bytes);
	for (const [index, count] of counts.entries()) copy.writeUInt16BE(count, countsAt[index + 1]);
	return copy;
}

/** Null when the record is not whole. */
function behindRecord(bytes: Buffer, start: number): number | null {
	const head = behindName(bytes, start);
	if (head + 10 > bytes.length) return null;
	const length = bytes.readUInt16BE(head + 8);
	const isOfInternet = (bytes.readUInt16BE(head + 2) & 0x7fff) === internet;
	const due = isOfInternet ? dataBytes.get(bytes.readUInt16BE(head)) : undefined;
	if (due !== undefined && due !== length) return null;
	const end = head + 10 + length;
	return end > bytes.length ? null : end;
}

/** Where what follows a name begins; behind the end of the message when it is cut. Where pointers lead is not looked at. */
function behindName(bytes: Buffer, start: number): number {
	let at = start;
	for (;;) {
		const length = bytes[at];
		if (length === undefined) return bytes.length + 1;
		if (length >= 0xc0) return at + 2;
		if (length === 0) return at + 1;
		at += 1 + length;
	}
}
