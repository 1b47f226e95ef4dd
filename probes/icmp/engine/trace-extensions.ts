/** ICMP extensions of RFC 4884: a header, then objects. */
const headerBytes = 4;
const version = 2;
/** MPLS of RFC 4950: the stack as the packet came. */
const mplsClass = 1;
const mplsIncoming = 1;
const labelsMax = 8;

/**
 * The MPLS labels in the ICMP extensions that begin at `at`: each `label:class:bottom:ttl`, the outermost first. Empty
 * when there are none, or it is none of that. Never throws.
 */
export function mplsLabels(bytes: Uint8Array, at: number, end: number): string[] {
	const labels: string[] = [];
	if (at < 0 || at + headerBytes > end || end > bytes.length) return labels;
	if (byte(bytes, at) >> 4 !== version || !isSumRight(bytes, at, end)) return labels;
	for (let object = at + headerBytes; object + 4 <= end; ) {
		const length = word(bytes, object);
		if (length < 4 || object + length > end) break;
		if (byte(bytes, object + 2) === mplsClass && byte(bytes, object + 3) === mplsIncoming) {
			for (let entry = object + 4; entry + 4 <= object + length && labels.length < labelsMax; entry += 4)
				labels.push(labelText(bytes, entry));
		}
		object += length;
	}
	return labels;
}

function labelText(bytes: Uint8Array, at: number): string {
	const label = word(bytes, at) * 16 + (byte(bytes, at + 2) >> 4);
	const rest = byte(bytes, at + 2);
	return `${label}:${(rest >> 1) & 7}:${rest & 1}:${byte(bytes, at + 3)}`;
}

/** 0 stands for none. */
function isSumRight(bytes: Uint8Array, at: number, end: number): boolean {
	if (word(bytes, at + 2) === 0) return true;
	let sum = 0;
	for (let i = at; i < end; i += 2) sum += i + 1 < end ? word(bytes, i) : byte(bytes, i) << 8;
	while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
	return sum === 0xffff;
}

function byte(bytes: Uint8Array, at: number): number {
	return bytes[at] ?? 0;
}

function word(bytes: Uint8Array, at: number): number {
	return (byte(bytes, at) << 8) | byte(bytes, at + 1);
}
