import { escapeJson } from '../../model/printable.ts';
import type { Delivered, SinkTools } from '../../model/sink.ts';
import { documentOf } from './document.ts';
import { linesOf } from './line-protocol.ts';
import type { LineFormat } from './settings.ts';
import { takingTurns } from './taking-turns.ts';

const influx = { summary: true, individual: 'sent', tags: {} } as const;

/**
 * The results as lines, each with its line feed. As JSON one line a result; as Influx line protocol several, and none of
 * an order without a measurement name.
 */
export async function linesOfResults(
	batch: readonly Delivered[],
	format: LineFormat,
	{ toJson, facts }: Pick<SinkTools, 'toJson' | 'facts'>,
): Promise<string> {
	const pause = takingTurns();
	const content = { ...influx, facts };
	let text = '';
	for (const delivered of batch) {
		if (format === 'json') text += `${escapeJson(JSON.stringify(documentOf(delivered, toJson)))}\n`;
		else for (const line of linesOf(delivered, content)) text += `${line}\n`;
		await pause();
	}
	return text;
}
