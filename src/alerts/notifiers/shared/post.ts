import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { errnoWords } from '../../../model/errno.ts';
import { NotifierBusy, NotifierRefusal } from '../../../model/notifier.ts';
import { originOf } from './settings.ts';

export interface HttpMessage {
	readonly url: string;
	readonly method?: 'POST' | 'PUT';
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
	/** False: a certificate that nobody vouches for will do. */
	readonly verifyTls?: boolean;
	/** A CA to trust, PEM. */
	readonly ca?: string | undefined;
}

export interface HttpAnswer {
	readonly status: number;
	/** The beginning of it. */
	readonly text: string;
	readonly retryAfter: string | null;
}

const answerMaxLength = 64 * 1024;
/** What the user is told of it. */
const excerptLength = 200;

/** Sends a message and takes the answer, whatever it is. Rejects with words for the user. */
export async function exchange(message: HttpMessage, signal: AbortSignal): Promise<HttpAnswer> {
	const { url, method = 'POST', headers, body, verifyTls = true, ca } = message;
	const { username, password } = new URL(url);
	const auth =
		username === '' ? {} : { auth: `${decodeURIComponent(username)}:${decodeURIComponent(password)}` };
	const tls = { rejectUnauthorized: verifyTls, ...(ca === undefined ? {} : { ca }) };
	const isTls = /^https:/i.test(url);
	try {
		const response = await new Promise<IncomingMessage>((resolve, reject) => {
			const options = {
				...{ method, signal, agent: false as const, ...auth },
				headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
			};
			const request = isTls ? tlsRequest(url, { ...options, ...tls }) : plainRequest(url, options);
			request.on('response', resolve).on('error', reject).end(body);
		});
		let text = '';
		for await (const piece of response.setEncoding('utf8')) {
			text += piece;
			if (text.length > answerMaxLength) response.destroy();
		}
		const retryAfter = response.headers['retry-after'] ?? null;
		return { status: response.statusCode ?? 0, text, retryAfter };
	} catch (error) {
		if (signal.aborted) throw new Error(`${originOf(url)}: no answer in time`);
		throw new Error(`${originOf(url)}: ${wordsOf(error)}`, { cause: error });
	}
}

/** Sends a message that the other end has to take. Rejects as notifiers do. */
export async function post(message: HttpMessage, signal: AbortSignal): Promise<HttpAnswer> {
	const answer = await exchange(message, signal);
	const { status } = answer;
	if (status >= 200 && status < 300) return answer;
	throw errorOf(answer, originOf(message.url));
}

/** What an answer that is none of 2xx means. */
export function errorOf({ status, text, retryAfter }: HttpAnswer, destination: string): Error {
	const words = `${destination} answers ${status}: ${excerptOf(text)}`;
	if (status === 429) return new NotifierBusy(words, retryAfterMs(retryAfter) ?? retryAfterIn(text));
	if (status === 503 && retryAfter !== null) return new NotifierBusy(words, retryAfterMs(retryAfter));
	// The address, a token or a proxy may be mended while the message waits.
	const mayHeal = status >= 500 || [401, 403, 404, 407, 408, 425].includes(status) || status < 400;
	if (!mayHeal) return new NotifierRefusal(words);
	const remedy = status === 401 || status === 403 ? '. Look at the token or password' : '';
	return new Error(`${words}${status === 404 || status === 410 ? '. Correct url:' : remedy}`);
}

export function excerptOf(text: string): string {
	const line = text.replaceAll(/\s+/g, ' ').trim();
	return line === '' ? 'no more words' : line.slice(0, excerptLength);
}

function retryAfterMs(header: string | null): number | null {
	if (header === null) return null;
	if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
	const atMs = Date.parse(header);
	return Number.isNaN(atMs) ? null : Math.max(0, atMs - Date.now());
}

/** Telegram and Discord say it in the body, in seconds. */
function retryAfterIn(text: string): number | null {
	const [, seconds] = /"retry_after"\s*:\s*(\d{1,6}(?:\.\d{1,6})?)/.exec(text) ?? [];
	return seconds === undefined ? null : Number(seconds) * 1000;
}

function wordsOf(error: unknown): string {
	const {
		code = '',
		message = '',
		errors,
	} = error as NodeJS.ErrnoException & { errors?: readonly unknown[] };
	// Where a name has several addresses, there is one error for each.
	if (errors !== undefined && errors.length > 0) return wordsOf(errors[0]);
	if (code === 'ECONNREFUSED') return 'nothing listens there. Start it, or correct url:';
	if (code === 'ENOTFOUND') return 'unknown host name. Correct url:, or the name service';
	if (code === 'EAI_AGAIN') return 'the name service does not answer';
	if (/CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS/.test(code))
		return `its certificate is not trusted: ${message}. Name its CA in tls_ca_file`;
	return (errnoWords as Readonly<Record<string, string>>)[code] ?? message;
}
