import type { ServerResponse } from 'node:http';
import { head } from '../server/answers.ts';

/** Nothing is loaded, run or framed; forms go to us alone. */
const policy =
	"default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

export function escapeHtml(text: string): string {
	return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Answers with a plain page. `body` is HTML. */
export function answerPage(
	response: ServerResponse,
	status: number,
	title: string,
	body: string,
	headers: Readonly<Record<string, string>> = {},
): void {
	const text =
		'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">' +
		'<meta name="viewport" content="width=device-width, initial-scale=1">' +
		`<title>${escapeHtml(title)}</title>` +
		'<style>body{font-family:sans-serif;margin:2em}pre{overflow:auto}input{font:inherit}</style></head>\n' +
		`<body><h1>${escapeHtml(title)}</h1>\n${body}\n</body></html>\n`;
	head(response, status, {
		'content-type': 'text/html; charset=utf-8',
		'content-length': Buffer.byteLength(text),
		'content-security-policy': policy,
		...headers,
	});
	response.end(text);
}
