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

/** Asks the daemon about an order; the answer is null when it does not know it. Never rejects. */
export function askAboutOrder(baseDir: string, id: string): Promise<Asked<OrderAnswer | null>> {
	return asked(baseDir, `/v1/orders/${encodeURIComponent(id)}`, orderAnswer().nullable());
}

const patienceMs = 5000;
/** A hundred times what 100,000 orders take would be another program. */
const answerMaxBytes = 512 * 1024 * 1024;

/** How it is asked; by default with GET. */
interface Asking {
	readonly method?: 'GET' | 'POST';
	readonly headers?: Readonly<Record<string, string>>;
}

/** Never rejects. */
export async function asked<T>(
	baseDir: string,
	path: string,
	schema: z.ZodType<T>,
	asking: Asking = {},
): Promise<Asked<T>> {
	let socket: ReachableSocket | null = null;
	try {
		socket = reachSocket(baseDir);
		const { status, text } = await get(socket.path, path, asking);
		if (status !== 200 && status !== 404) return { silence: `it answered with status ${status}` };
		const read = schema.safeParse(status === 404 ? null : JSON.parse(text));
		return read.success ? { answer: read.data } : { silence: notUnderstood };
	} catch (error) {
		const silence = whySilent(error);
		return isForbidden(error) ? { silence, isForbidden: true } : { silence };
	} finally {
		socket?.release();
	}
}

function get(socketPath: string, path: string, how: Asking): Promise<{ status: number; text: string }> {
	return new Promise((resolve, reject) => {
		const signal = AbortSignal.timeout(patienceMs);
		const asking = request({ ...how, socketPath, path, signal, agent: false }, (response) => {
			textOf(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject);
		});
		asking.on('error', reject);
		asking.end();
	});
}

async function textOf(response: IncomingMessage): Promise<string> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	for await (const chunk of response as AsyncIterable<Buffer>) {
		chunks.push(chunk);
		bytes += chunk.length;
		if (bytes > answerMaxBytes) throw new SyntaxError('too long');
	}
	return Buffer.concat(chunks).toString();
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
