import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { head } from '../server/answers.ts';

const zip = promisify(gzip);
/** Smaller ones fit into a packet or two anyway. Characters. */
const zipFrom = 2000;

/** Scripts, styles and data come from us alone, nothing stands in the page itself, and nobody frames it. */
const policy =
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** Whether an answer may be packed. */
export function takesGzip({ headers }: IncomingMessage): boolean {
	return /\bgzip\b(?!;q=0(?:\.0*)?(?:,|$))/.test(String(headers['accept-encoding'] ?? '').slice(0, 1000));
}

/** Answers with a whole page. */
export async function answerHtml(
	request: IncomingMessage,
	response: ServerResponse,
	status: number,
	text: string,
	headers: Readonly<Record<string, string>> = {},
): Promise<void> {
	const isZipped = takesGzip(request) && text.length >= zipFrom;
	const bytes = isZipped ? await zip(text, { level: 4 }) : Buffer.from(text);
	head(response, status, {
		'content-type': 'text/html; charset=utf-8',
		'content-security-policy': policy,
		vary: 'accept, accept-encoding',
		...(isZipped ? { 'content-encoding': 'gzip' } : {}),
		'content-length': bytes.length,
		...headers,
	});
	response.end(request.method === 'HEAD' ? undefined : bytes);
}
