import type { IncomingMessage } from 'node:http';

export class TooLarge extends Error {
	override readonly name = 'TooLarge';
}

/** The whole text that was sent. Rejects with `TooLarge` when it has more bytes. */
export async function bodyOf(message: IncomingMessage, maxBytes: number): Promise<string> {
	if (Number(message.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
	const pieces: Buffer[] = [];
	let bytes = 0;
	for await (const piece of message as AsyncIterable<Buffer>) {
		bytes += piece.length;
		if (bytes > maxBytes) throw tooLarge(maxBytes);
		pieces.push(piece);
	}
	return Buffer.concat(pieces).toString();
}

/** One value a line; null for a line that is none. */
export function jsonLines(text: string): unknown[] {
	return text.split('\n').flatMap((line) => {
		if (line.trim() === '') return [];
		try {
			return [JSON.parse(line) as unknown];
		} catch {
			return [null];
		}
	});
}

function tooLarge(maxBytes: number): TooLarge {
	return new TooLarge(`more than ${maxBytes} bytes`);
}
