import { once } from 'node:events';
import { chmodSync, chownSync, lstatSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { answering, isListening, type Questions } from './question-handler.ts';
import { reachSocket, socketName } from './socket-path.ts';

export interface QuestionSocket {
	/** No more questions; those that are being answered are cut off. The socket file goes. */
	close(): void;
}

/** How much those who ask may take. */
interface AskerLimits {
	readonly connections: number;
	/** For one whole connection, and for a pause in it. */
	readonly connectionMs: number;
	readonly idleMs: number;
}

const usualLimits: AskerLimits = { connections: 24, connectionMs: 30_000, idleMs: 10_000 };
/** Node looks for connections that are too old this often, whether there are any or not. */
const checkIntervalMs = 3_600_000;
/** An id of 4,096 bytes, percent-encoded, fits in. */
const headerMaxBytes = 16 * 1024;

/**
 * Listens for questions on a socket in the base directory, which must be locked: what a crash has left there is
 * replaced. Rejects when no socket can be made there; its message names the path and the remedy.
 *
 * The owner of the daemon and root may ask, and the group that may write orders.
 */
export async function openQuestionSocket(
	baseDir: string,
	questions: Questions,
	limits = usualLimits,
): Promise<QuestionSocket> {
	const path = `${baseDir}/${socketName}`;
	try {
		return await listen(baseDir, path, questions, limits);
	} catch (error) {
		throw new Error(`cannot listen on ${path}: ${remedyFor(error)}`, { cause: error });
	}
}

async function listen(
	baseDir: string,
	path: string,
	questions: Questions,
	limits: AskerLimits,
): Promise<QuestionSocket> {
	removeStale(path);
	const reached = reachSocket(baseDir);
	const server = limitedServer(questions, limits);
	try {
		server.listen(reached.path);
		await once(server, 'listening');
		admit(path, `${baseDir}/orders`);
	} catch (error) {
		server.close();
		reached.release();
		throw error;
	}
	server.on('error', (error) => questions.failed(error));
	// Those who are being answered do not keep the process.
	server.unref();
	return {
		close: () => {
			rmSync(path, { force: true });
			server.close();
			server.closeAllConnections();
			reached.release();
		},
	};
}

function limitedServer(questions: Questions, limits: AskerLimits): Server {
	const ends = new WeakMap<Socket, NodeJS.Timeout>();
	const server = createServer(
		{
			maxHeaderSize: headerMaxBytes,
			// Every connection has an end of its own, see below: no need to wake up for these.
			headersTimeout: 0,
			requestTimeout: 0,
			connectionsCheckingInterval: checkIntervalMs,
			keepAlive: false,
		},
		answering(questions),
	);
	server.maxConnections = limits.connections;
	// One question a connection: who sends thousands ahead without reading has them thrown away.
	server.maxRequestsPerSocket = 1;
	server.timeout = limits.idleMs;
	server.on('connection', (socket: Socket) => {
		const tooLong = setTimeout(() => socket.destroy(), limits.connectionMs).unref();
		ends.set(socket, tooLong);
		socket.on('close', () => clearTimeout(tooLong));
	});
	server.prependListener('request', ({ url = '', socket }) => {
		if (isListening(url)) clearTimeout(ends.get(socket));
	});
	return server;
}

/** Removes the socket of a daemon that was killed. Anything else of that name is not ours. */
function removeStale(path: string): void {
	const found = lstatSync(path, { throwIfNoEntry: false });
	if (found === undefined) return;
	if (!found.isSocket()) throw new Error('there is something else of that name: move it away');
	rmSync(path);
}

/** Who may write orders may ask about them. Connecting takes the right to write. */
function admit(path: string, ordersDir: string): void {
	const orders = statSync(ordersDir);
	const isForGroup = (orders.mode & 0o020) !== 0 && giveTo(orders.gid, path);
	chmodSync(path, isForGroup ? 0o660 : 0o600);
}

function giveTo(gid: number, path: string): boolean {
	const { uid, gid: present } = lstatSync(path);
	if (present === gid) return true;
	try {
		chownSync(path, uid, gid);
		return true;
	} catch {
		// The daemon is not a member of that group.
		return false;
	}
}

function remedyFor(error: unknown): string {
	const { code = '', message } = error as NodeJS.ErrnoException;
	if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
		return `${code}. Let the user that the daemon runs as write to this folder`;
	}
	return message;
}
