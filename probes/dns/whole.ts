const headerBytes = 12;

/** A records and AAAA records of the Internet have one length. */
const internet = 1;
const dataBytes: ReadonlyMap<number, number> = new Map([
	[1, 4],
	[28, 16],
]);

/**
 * Whether all that the header counts is there, to its last byte. The decoder takes what lies behind the end of a message
 * for zero or nothing, and makes records of it that no server sent.
 */
export function isWhole(bytes: Buffer): boolean {
	const [questions = 0, ...records] = [4, 6, 8, 10].map((at) => bytes.readUInt16BE(at));
	let at = headerBytes;
	for (let left = questions; left > 0; left--) at = behindName(bytes, at) + 4;
	for (let left = records.reduce((sum, count) => sum + count, 0); left > 0; left--) {
		const head = behindName(bytes, at);
		if (head + 10 > bytes.length) return false;
		const length = bytes.readUInt16BE(head + 8);
		const isOfInternet = (bytes.readUInt16BE(head + 2) & 0x7fff) === internet;
		const due = isOfInternet ? dataBytes.get(bytes.readUInt16BE(head)) : undefined;
		if (due !== undefined && due !== length) return false;
		at = head + 10 + length;
	}
	return at <= bytes.length;
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
