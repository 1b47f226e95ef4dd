import { type IncomingMessage, request } from 'node:http';
import { printable } from '../model/printable.ts';
import { type ReadDaemon, type StatusAnswer, StatusReader } from '../model/status-answer.ts';
import { type ReachableSocket, reachSocket } from './socket-path.ts';

/** What the daemon answered, or why it did not, in half a sentence for the user. */
export type Asked<T> =
	| { readonly answer: T }
	/** `isForbidden`: we may not ask; there may well be one. */
	| { readonly silence: string; readonly isForbidden?: true };

/**
 * Asks the daemon about itself and all orders, and what it tells of them for `status`. The answer is null when it is of
 * another version, and does not tell. Never rejects.
 */
export function askForStatus(baseDir: string, readDaemon: ReadDaemon): Promise<Asked<StatusAnswer | null>> {
	return askSocket(baseDir, '/v1/status', {}, async (texts) => {
		const reader = new StatusReader(readDaemon);
		if (texts !== null) for await (const text of texts) reader.take(text);
		return { read: reader.answer };
	});
}

const patienceMs = 5000;
/** A hundred times what 100,000 orders take would be another program. Characters. */
const answerMax = 512 * 1024 * 1024;

/** How it is asked; by default with GET. */
export interface Asking {
	readonly method?: 'GET' | 'POST';
	readonly headers?: Readonly<Record<string, string>>;
}

/** Reads an answer as it comes in; null: it knows no such thing. Resolves with null when the answer is not understood. */
type Read<T> = (texts: AsyncIterable<string> | null) => Promise<{ readonly read: T } | null>;

/** Asks the daemon of a base directory. Never rejects. */
export async function askSocket<T>(
	baseDir: string,
	path: string,
	asking: Asking,
	read: Read<T>,
): Promise<Asked<T>> {
	let socket: ReachableSocket | null = null;
	try {
		socket = reachSocket(baseDir);
		const response = await responseOf(socket.path, path, asking);
		const { statusCode = 0 } = response;
		if (statusCode !== 200) response.resume();
		if (statusCode !== 200 && statusCode !== 404) return { silence: `it answered with status ${statusCode}` };
		const told = await read(statusCode === 404 ? null : textsOf(response));
		return told === null ? { silence: notUnderstood } : { answer: told.read };
	} catch (error) {
		const silence = whySilent(error);
		return isForbidden(error) ? { silence, isForbidden: true } : { silence };
	} finally {
		socket?.release();
	}
}

function responseOf(socketPath: string, path: string, how: Asking): Promise<IncomingMessage> {
	return new Promise((resolve, reject) => {
		const signal = AbortSignal.timeout(patienceMs);
		const asking = request({ ...how, socketPath, path, signal, agent: false }, resolve);
		asking.on('error', reject);
		asking.end();
	});
}

async function* textsOf(response: IncomingMessage): AsyncGenerator<string> {
	let length = 0;
	for await (const text of response.setEncoding('utf8') as AsyncIterable<string>) {
		yield text;
		length += text.length;
		if (length > answerMax) throw new SyntaxError('too long');
	}
}

function isForbidden(error: unknown): boolean {
	const { code } = error as NodeJS.ErrnoException;
	return code === 'EACCES' || code === 'EPERM';
}

const notUnderstood = 'its answer cannot be understood: it is of another version';

function whySilent(error: unknown): string {
	const { code, name, message } = error as NodeJS.ErrnoException;
	if (name === 'AbortError' || name === 'TimeoutError')
		return `it did not answer within ${patienceMs / 1000} s`;
	if (error instanceof SyntaxError) return notUnderstood;
	switch (code) {
		// Nobody listens, or what listened is dead.
		case 'ENOENT':
		case 'ENOTDIR':
		case 'ECONNREFUSED':
		case 'ENOTSOCK':
			return 'it does not run';
		case 'EACCES':
		case 'EPERM':
			return 'permission denied. Ask as root, or as a member of the group that may write orders';
		case 'ECONNRESET':
			return 'it is busy with others who ask, or ends';
		default:
			return printable(message);
	}
}
