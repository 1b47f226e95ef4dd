import type { Delivered } from '../model/sink.ts';
import { messageOf, refusedOnly, wasRefused } from './tries.ts';

/** So many refused on their own, and nothing of the same batch taken: then it is not the measurements. */
const refusedInARowMax = 10;

export interface BatchWriter {
	/** Rejects as `OpenSink.write` does. */
	write(part: readonly Delivered[]): Promise<void>;
	/** The oldest of the batch that were left have been taken. */
	taken(count: number): void;
	/** The same, but so many of them, nobody knows which, are refused. */
	partlyTaken(count: number, refused: number, reason: string): void;
	/** The oldest of the batch that was left is refused on its own. */
	refused(alone: Delivered, reason: string): void;
}

/**
 * Writes a batch, from the oldest on; of what is refused the halves, until what is at fault is alone. Rejects when
 * writing fails, and when everything seems to be refused: what is left then is to be tried again.
 */
export async function writeInParts(batch: readonly Delivered[], writer: BatchWriter): Promise<void> {
	let taken = 0;
	let refusedInARow = 0;
	const parts = [batch];
	for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
		try {
			await writer.write(part);
			taken += part.length;
			writer.taken(part.length);
		} catch (error) {
			if (!wasRefused(error)) throw error;
			const refused = refusedOnly(error, part.length);
			if (refused !== null) {
				taken += part.length;
				writer.partlyTaken(part.length, refused, messageOf(error));
				continue;
			}
			const [alone] = part;
			if (part.length > 1 || alone === undefined) {
				const half = Math.ceil(part.length / 2);
				parts.unshift(part.slice(0, half), part.slice(half));
				continue;
			}
			const reason = messageOf(error);
			writer.refused(alone, reason);
			if (taken === 0 && ++refusedInARow >= refusedInARowMax) {
				throw new Error(`it refuses one result after the other: ${reason}`);
			}
		}
	}
}
