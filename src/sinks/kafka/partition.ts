const seed = 0x9747b28c;
const multiplier = 0x5bd1e995;

/**
 * The partition that Java's clients give a key, so that all who write a topic agree: murmur2 without its sign, by the
 * number of partitions.
 */
export function partitionOf(key: Buffer, partitions: number): number {
	return (murmur2(key) & 0x7fffffff) % partitions;
}

/** As Kafka has it, 32 bits with sign. */
export function murmur2(data: Buffer): number {
	const { length } = data;
	const whole = length - (length % 4);
	let hash = seed ^ length;
	for (let at = 0; at < whole; at += 4) {
		let word = Math.imul(data.readInt32LE(at), multiplier);
		word ^= word >>> 24;
		hash = Math.imul(hash, multiplier) ^ Math.imul(word, multiplier);
	}
	if (whole < length) {
		for (let at = length - 1; at >= whole; at--) hash ^= (data[at] ?? 0) << (8 * (at - whole));
		hash = Math.imul(hash, multiplier);
	}
	hash ^= hash >>> 13;
	hash = Math.imul(hash, multiplier);
	return hash ^ (hash >>> 15);
}
