import type { Delivered, Verdict } from '../../model/sink.ts';
import { type LineContent, linesOf } from '../shared/line-protocol.ts';
import { takingTurns } from '../shared/taking-turns.ts';

/** What the way to the other end takes. */
export interface LineLimits {
	/** Of one line, with its line feed where there is one. Null: any. */
	readonly lineMaxBytes: number | null;
	/** Why a line of so many bytes is refused. */
	refusal(bytes: number): string;
	/** Of all lines that are written at a time; more only of a single result. */
	readonly batchMaxBytes: number;
}

/** A batch as lines. */
export interface EncodedBatch {
	/** In the order of the batch, without line feeds. */
	readonly lines: readonly string[];
	/** Size of each, bytes. */
	readonly sizes: readonly number[];
	/** Of each line, which of the batch it is of. */
	readonly owners: readonly number[];
	/** Of each of the batch: `later` where it is not among the lines because there are enough. */
	readonly verdicts: readonly Verdict[];
}

/** The lines of a batch, as many as are to be written at a time. Of a result with a line that is too long none is. */
export async function encodeBatch(
	batch: readonly Delivered[],
	content: LineContent,
	limits: LineLimits,
): Promise<EncodedBatch> {
	const { lineMaxBytes, batchMaxBytes } = limits;
	const pause = takingTurns();
	const lines: string[] = [];
	const sizes: number[] = [];
	const owners: number[] = [];
	const verdicts: Verdict[] = [];
	let bytes = 0;
	for (const [index, delivered] of batch.entries()) {
		const own = linesOf(delivered, content);
		const ownSizes = own.map((line) => Buffer.byteLength(line) + 1);
		const longest = Math.max(0, ...ownSizes);
		if (lineMaxBytes !== null && longest > lineMaxBytes) {
			verdicts.push({ refused: limits.refusal(longest) });
			continue;
		}
		bytes += ownSizes.reduce((sum, size) => sum + size, 0);
		if (bytes > batchMaxBytes && lines.length > 0) break;
		lines.push(...own);
		sizes.push(...ownSizes);
		owners.push(...own.map(() => index));
		verdicts.push('taken');
		await pause();
	}
	while (verdicts.length < batch.length) verdicts.push('later');
	return { lines, sizes, owners, verdicts };
}

/** The same lines, each with a line feed, in pieces of about so many characters. */
export function* blocksOf(lines: readonly string[], blockLength: number): Generator<string> {
	let block = '';
	for (const line of lines) {
		block += `${line}\n`;
		if (block.length < blockLength) continue;
		yield block;
		block = '';
	}
	if (block !== '') yield block;
}
