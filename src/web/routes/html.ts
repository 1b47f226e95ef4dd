import type { ServerResponse } from 'node:http';
import { head } from '../server/answers.ts';

/** Nothing is loaded, run or framed; forms go to us alone. */
const policy =
	"default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

export function escapeHtml(text: string): string {
	return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** What stands before and behind what a page shows. */
export function pageAround(title: string): readonly [start: string, end: string] {
	const start =
		'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">' +
		'<meta name="viewport" content="width=device-width, initial-scale=1">' +
		`<title>${escapeHtml(title)}</title>` +
		'<style>body{font-family:sans-serif;margin:2em}pre{overflow:auto}input{font:inherit}</style></head>\n' +
		`<body><h1>${escapeHtml(title)}</h1>\n`;
	return [start, '\n</body></html>\n'];
}

export const pageHeaders = {
	'content-type': 'text/html; charset=utf-8',
	'content-security-policy': policy,
} as const;

/** Answers with a plain page. `body` is HTML. */
export function answerPage(response: ServerResponse, status: number, title: string, body: string): void {
	const [start, end] = pageAround(title);
	const text = start + body + end;
	head(response, status, { ...pageHeaders, 'content-length': Buffer.byteLength(text) });
	response.end(text);
}
