import type { compressionsAlgorithms } from '@platformatic/kafka';
import { decompress } from 'fzstd';

type Decompress = (data: Buffer | Uint8Array) => Buffer;

/** How Java's clients begin what they compress with snappy: it goes in pieces, each with its length before it. */
const javaMark = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const javaHeadBytes = 16;

/** Teaches the client to read what others compress: snappy as Java's clients write it, and zstd where Node has none. */
export function readAllCodecs(algorithms: typeof compressionsAlgorithms): void {
	const { snappy, zstd } = algorithms as unknown as Record<
		'snappy' | 'zstd',
		{ available?: boolean; decompressSync: Decompress }
	>;
	if (areTaught) return;
	areTaught = true;
	const whole = snappy.decompressSync.bind(snappy);
	snappy.decompressSync = (data) => {
		const bytes = bytesOf(data);
		if (bytes.length < javaHeadBytes || !bytes.subarray(0, javaMark.length).equals(javaMark))
			return whole(data);
		const pieces: Buffer[] = [];
		for (let at = javaHeadBytes; at + 4 <= bytes.length; ) {
			const length = bytes.readInt32BE(at);
			at += 4;
			if (length < 0 || at + length > bytes.length) throw new Error('a piece of snappy is cut');
			pieces.push(Buffer.from(whole(bytes.subarray(at, at + length))));
			at += length;
		}
		return Buffer.concat(pieces);
	};
	if (zstd.available !== true) zstd.decompressSync = (data) => Buffer.from(decompress(bytesOf(data)));
}

let areTaught = false;

/** The client has lists of buffers, too. */
function bytesOf(data: Buffer | Uint8Array | { readonly buffer: Uint8Array }): Buffer {
	if (Buffer.isBuffer(data)) return data;
	return data instanceof Uint8Array ? Buffer.from(data) : Buffer.from(data.buffer);
}
