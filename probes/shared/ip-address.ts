/** Bytes of an address in requests, whatever its family. */
export const addressBytes = 16;

/** Writes an address, as text without a zone, in network order. It must be one. */
export function packAddress(text: string, into: Uint8Array, at: number): void {
	if (!text.includes(':')) {
		packIPv4(text, into, at);
		return;
	}
	const [head = '', tail] = text.split('::');
	const front = groupsOf(head);
	const back = tail === undefined ? [] : groupsOf(tail);
	front.forEach((group, i) => {
		putGroup(into, at + 2 * i, group);
	});
	back.forEach((group, i) => {
		putGroup(into, at + addressBytes - 2 * (back.length - i), group);
	});
}

function packIPv4(text: string, into: Uint8Array, at: number): void {
	text.split('.').forEach((part, i) => {
		into[at + i] = Number(part);
	});
}

/** An IPv4 address at the end makes two groups. */
function groupsOf(text: string): number[] {
	if (text === '') return [];
	return text.split(':').flatMap((part) => {
		if (!part.includes('.')) return Number.parseInt(part, 16);
		const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number);
		return [(a << 8) | b, (c << 8) | d];
	});
}

function putGroup(into: Uint8Array, at: number, group: number): void {
	into[at] = group >> 8;
	into[at + 1] = group & 255;
}

/** The text of an address; that of IPv6 in its shortest form. */
export function addressText(bytes: Uint8Array, at: number, family: 4 | 6): string {
	if (family === 4) return bytes.subarray(at, at + 4).join('.');
	const groups = Array.from(
		{ length: 8 },
		(_, i) => byteAt(bytes, at + 2 * i) * 256 + byteAt(bytes, at + 2 * i + 1),
	);
	const { start, length } = longestZeros(groups);
	const hex = groups.map((group) => group.toString(16));
	if (length < 2) return hex.join(':');
	return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}

function byteAt(bytes: Uint8Array, at: number): number {
	return bytes[at] ?? 0;
}

function longestZeros(groups: readonly number[]): { start: number; length: number } {
	let best = { start: 0, length: 0 };
	let length = 0;
	groups.forEach((group, i) => {
		length = group === 0 ? length + 1 : 0;
		if (length > best.length) best = { start: i - length + 1, length };
	});
	return best;
}
