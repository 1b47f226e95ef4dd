import type { ServerResponse } from 'node:http';

/** On every answer: nothing is guessed, framed, or told to other sites. */
const usualHeaders = {
	'x-content-type-options': 'nosniff',
	'referrer-policy': 'same-origin',
	'x-frame-options': 'DENY',
	'cross-origin-resource-policy': 'same-origin',
} as const;

type Headers = Readonly<Record<string, string | number>>;

export function head(response: ServerResponse, status: number, headers: Headers): void {
	response.writeHead(status, { ...usualHeaders, 'cache-control': 'no-store', ...headers });
}

export function answerJson(
	response: ServerResponse,
	status: number,
	value: unknown,
	headers: Headers = {},
): void {
	answerJsonText(response, status, Buffer.from(`${JSON.stringify(value)}\n`), headers);
}

/** JSON that is written already. */
export function answerJsonText(
	response: ServerResponse,
	status: number,
	text: Buffer,
	headers: Headers = {},
): void {
	head(response, status, {
		'content-type': 'application/json; charset=utf-8',
		'content-length': text.length,
		...headers,
	});
	response.end(text);
}

export function answerText(
	response: ServerResponse,
	status: number,
	text: string,
	headers: Headers = {},
): void {
	head(response, status, {
		'content-type': 'text/plain; charset=utf-8',
		'content-length': Buffer.byteLength(text),
		...headers,
	});
	response.end(text);
}

/** Whether a browser asks, and not a program. */
export function wantsHtml(accept: string | undefined): boolean {
	return (accept ?? '').slice(0, 1000).toLowerCase().includes('text/html');
}
