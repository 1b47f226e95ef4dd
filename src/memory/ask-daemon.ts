import { type IncomingMessage, request } from 'node:http';
import type { z } from 'zod';
import { type AlertsAnswer, alertsAnswer } from '../model/alert-answer.ts';
import {
	type DaemonAnswer,
	daemonAnswer,
	type OrderAnswer,
	type OrdersAnswer,
	orderAnswer,
	ordersAnswer,
} from '../model/answers.ts';
import { printable } from '../model/printable.ts';
import { type StatusAnswer, StatusReader } from '../model/status-answer.ts';
import { type ReachableSocket, reachSocket } from './socket-path.ts';

/** What the daemon answered, or why it did not, in half a sentence for the user. */
export type Asked<T> =
	| { readonly answer: T }
	/** `isForbidden`: we may not ask; there may well be one. */
	| { readonly silence: string; readonly isForbidden?: true };

/** Asks the daemon of a base directory about itself. Never rejects. */
export function askAboutDaemon(baseDir: string): Promise<Asked<DaemonAnswer>> {
	return asked(baseDir, '/v1/daemon', daemonAnswer());
}

/** Asks the daemon what fires. Never rejects. */
export function askAboutAlerts(baseDir: string): Promise<Asked<AlertsAnswer>> {
	return asked(baseDir, '/v1/alerts', alertsAnswer());
}

/** Asks the daemon about all orders. Never rejects. */
export function askAboutOrders(baseDir: string): Promise<Asked<OrdersAnswer>> {
	return asked(baseDir, '/v1/orders', ordersAnswer());
}

/**
 * Asks the daemon about itself and all orders, and what it tells of them for `status`. The answer is null when it is of
 * another version, and does not tell. Never rejects.
 */
export function askForStatus(baseDir: string): Promise<Asked<StatusAnswer | null>> {
	return askedFor(baseDir, '/v1/status', {}, async (response) => {
		const reader = new StatusReader();
		if (response !== null) for await (const text of textsOf(response)) reader.take(text);
		return { read: reader.answer };
	});
}

/** Asks the daemon about an order; the answer is null when it does not know it. Never rejects. */
export function askAboutOrder(baseDir: string, id: string): Promise<Asked<OrderAnswer | null>> {
	return asked(baseDir, `/v1/orders/${encodeURIComponent(id)}`, orderAnswer().nullable());
}

const patienceMs = 5000;
/** A hundred times what 100,000 orders take would be another program. Characters. */
const answerMax = 512 * 1024 * 1024;

/** How it is asked; by default with GET. */
interface Asking {
	readonly method?: 'GET' | 'POST';
	readonly headers?: Readonly<Record<string, string>>;
}

/** Never rejects. */
export function asked<T>(
	baseDir: string,
	path: string,
	schema: z.ZodType<T>,
	asking: Asking = {},
): Promise<Asked<T>> {
	return askedFor(baseDir, path, asking, async (response) => {
		let text = response === null ? 'null' : '';
		if (response !== null) for await (const more of textsOf(response)) text += more;
		const { success, data } = schema.safeParse(JSON.parse(text));
		return success ? { read: data } : null;
	});
}

/** Reads an answer; null: it knows no such thing. Resolves with null when the answer is not understood. */
type Read<T> = (response: IncomingMessage | null) => Promise<{ readonly read: T } | null>;

async function askedFor<T>(baseDir: string, path: string, asking: Asking, read: Read<T>): Promise<Asked<T>> {
	let socket: ReachableSocket | null = null;
	try {
		socket = reachSocket(baseDir);
		const response = await responseOf(socket.path, path, asking);
		const { statusCode = 0 } = response;
		if (statusCode !== 200) response.resume();
		if (statusCode !== 200 && statusCode !== 404) return { silence: `it answered with status ${statusCode}` };
		const told = await read(statusCode === 404 ? null : response);
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
