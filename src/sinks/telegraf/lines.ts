import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Delivered } from '../../model/sink.ts';
import { type LineContent, linesOf } from '../shared/line-protocol.ts';

/** Work in the main thread pauses after so long, so that everything else has its turn. */
const sliceMs = 4;

/** Returns what is to be called between two pieces of work: it pauses when it is time. */
function takingTurns(): () => Promise<void> | undefined {
	let sinceMs = performance.now();
	return () => {
		if (performance.now() - sinceMs < sliceMs) return undefined;
		return nextTurn().then(() => {
			sinceMs = performance.now();
		});
	};
}

/** The lines of a whole batch, in its order. */
export async function allLines(batch: readonly Delivered[], content: LineContent): Promise<string[]> {
	const pause = takingTurns();
	const lines: string[] = [];
	for (const delivered of batch) {
		lines.push(...linesOf(delivered, content));
		await pause();
	}
	return lines;
}

/** The same with line feeds, in pieces of about so many characters: each holds whole lines. */
export async function* blocksOf(
	batch: readonly Delivered[],
	content: LineContent,
	blockLength: number,
): AsyncGenerator<string> {
	const pause = takingTurns();
	let block = '';
	for (const delivered of batch) {
		for (const line of linesOf(delivered, content)) block += `${line}\n`;
		if (block.length >= blockLength) {
			yield block;
			block = '';
		}
		await pause();
	}
	if (block !== '') yield block;
}
