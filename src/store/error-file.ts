import { dump } from 'js-yaml';
import { escapeJson, firstUnprintable } from '../model/printable.ts';
import { readMapping } from '../reading/yaml-mapping.ts';

/** The text of an order's `error` file: YAML with the time, seconds since the epoch, and the message. */
export function errorText(timeSeconds: number, message: string): string {
	const time = Math.floor(timeSeconds);
	const hasPlainLines = message.includes('\n') && firstUnprintable(message.replaceAll('\n', '')) === null;
	if (hasPlainLines) return dump({ time, message }, { lineWidth: -1 });
	// JSON is YAML. js-yaml itself would leave marks in that turn the direction of writing on a terminal.
	return `time: ${time}\nmessage: ${escapeJson(JSON.stringify(message))}\n`;
}

/** The message in the text of an `error` file, or null when it is not one. */
export function readErrorMessage(text: string): string | null {
	const read = readMapping(text);
	const message = 'mapping' in read ? read.mapping?.['message'] : undefined;
	return typeof message === 'string' ? message : null;
}
