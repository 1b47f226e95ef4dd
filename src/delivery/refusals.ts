import type { Delivered } from '../model/sink.ts';
import { messageOf, refusedOnly, wasRefused } from './tries.ts';

/** So many refused on their own, and nothing of the same batch taken: then it may not be the measurements. */
const refusedInARowMax = 10;

export interface BatchWriter {
	/** Rejects as `OpenSink.write` does. */
	write(part: readonly Delivered[]): Promise<void>;
	/** The same, to see whether the sink takes it. It is written again when its turn comes. */
	trySample(sample: Delivered): Promise<void>;
	/** The newest of all that wait, or that waited lately. */
	newest(): Delivered | null;
	/** The oldest of the batch that were left have been taken. */
	taken(count: number): void;
	/** The same, but so many of them, nobody knows which, are refused. */
	partlyTaken(count: number, refused: number, reason: string): void;
	/** The oldest of the batch that was left is refused on its own. */
	refused(alone: Delivered, reason: string): void;
}

/**
 * Writes a batch, from the oldest on; of what is refused the halves, until what is at fault is alone. Rejects when
 * writing fails, and when everything seems to be refused, also samples from elsewhere: what is left then is to be tried
 * again.
 */
export async function writeInParts(batch: readonly Delivered[], writer: BatchWriter): Promise<void> {
	let hasTaken = false;
	let refusedInARow = 0;
	const parts = [batch];
	for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
		try {
			await writer.write(part);
			hasTaken = true;
			writer.taken(part.length);
		} catch (error) {
			if (!wasRefused(error)) throw error;
			const reason = messageOf(error);
			const refused = refusedOnly(error, part.length);
			const [alone] = part;
			if (refused !== null) {
				hasTaken = true;
				writer.partlyTaken(part.length, refused, reason);
			} else if (part.length > 1 || alone === undefined) {
				const half = Math.ceil(part.length / 2);
				parts.unshift(part.slice(0, half), part.slice(half));
			} else {
				writer.refused(alone, reason);
				if (hasTaken || ++refusedInARow < refusedInARowMax) continue;
				hasTaken = await takesAny(samplesOf(parts.flat(), writer.newest(), alone), writer);
				if (!hasTaken) throw new Error(`it refuses one result after the other: ${reason}`);
			}
		}
	}
}

/** The bad ones may all be of one user, whose orders are side by side: others shall not wait for those. */
function samplesOf(
	left: readonly Delivered[],
	newest: Delivered | null,
	refused: Delivered,
): readonly Delivered[] {
	const ofAnother = left.findLast(({ order }) => order.user !== refused.order.user);
	const some = [ofAnother, left.at(-1), left[left.length >> 1], newest ?? undefined];
	return [...new Set(some)].filter((sample) => sample !== undefined && sample !== refused) as Delivered[];
}

async function takesAny(samples: readonly Delivered[], writer: BatchWriter): Promise<boolean> {
	for (const sample of samples) {
		try {
			await writer.trySample(sample);
			return true;
		} catch (error) {
			if (!wasRefused(error)) throw error;
			if (refusedOnly(error, 1) !== null) return true;
		}
	}
	return false;
}
