import { once } from 'node:events';
import { readFileSync, rmSync, statSync } from 'node:fs';
import {
	createServer,
	type IncomingMessage,
	type RequestListener,
	type Server,
	type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Server as TlsServer } from 'node:tls';
import type { ListenAddress, WebSettings } from '../../config/web-setting.ts';
import { errnoWords, reasonIn } from '../../model/errno.ts';
import type { Admission } from './admission.ts';
import { answerJson, wantsHtml } from './answers.ts';
import { PathTable } from './path-table.ts';
import { type Asked, RequestFault, type Route } from './route.ts';

/** How much those who ask may take. */
interface WebLimits {
	readonly connections: number;
	/** For the head of a request, for all of it, and for a pause while an answer is read. */
	readonly headerMs: number;
	readonly requestMs: number;
	readonly idleMs: number;
}

const usualLimits: WebLimits = { connections: 1000, headerMs: 10_000, requestMs: 30_000, idleMs: 60_000 };
/** An id of 4,096 bytes, percent-encoded, fits in. */
const headerMaxBytes = 16 * 1024;
const urlMax = 14 * 1024;
const requestsPerConnection = 10_000;
/** How often the files of a certificate are looked at. */
const certificateLookMs = 10_000;

export interface WebServerParts {
	readonly settings: Pick<WebSettings, 'listen' | 'tls'>;
	readonly routes: readonly Route[];
	readonly admission: Admission;
	readonly limits?: WebLimits;
	/** Tells a browser of a fault; by default it is told in JSON, as programs are. */
	readonly faultPage?: (
		request: IncomingMessage,
		response: ServerResponse,
		fault: RequestFault,
		headers: Readonly<Record<string, string>>,
	) => Promise<void>;
	/** Told of faults of ours, and of what was changed and by whom. */
	readonly log: { error(message: string): void; info(message: string): void; warn(message: string): void };
}

export interface WebServer {
	/** Where it listens, as URLs; `unix:/PATH` for sockets. */
	readonly addresses: readonly string[];
	/** No more requests; those that are being answered are cut off. */
	close(): void;
}

/** Listens on every address of the settings. Rejects with a message for the user when one cannot be had. */
export async function openWebServer(parts: WebServerParts): Promise<WebServer> {
	const servers: Server[] = [];
	const listener = listenerOf(parts);
	try {
		for (const address of parts.settings.listen) {
			const server = limitedServer(parts, listener);
			servers.push(server);
			await listen(server, address);
			server.on('error', (error) => parts.log.error(`web: ${error.message}`));
		}
	} catch (error) {
		for (const server of servers) server.close();
		throw error;
	}
	const watched = watchCertificate(parts, servers);
	return {
		addresses: servers.map((server) => addressOf(server, parts.settings.tls !== null)),
		close: () => {
			clearInterval(watched);
			for (const server of servers) {
				server.close();
				server.closeAllConnections();
			}
		},
	};
}

async function listen(server: Server, address: ListenAddress): Promise<void> {
	try {
		if ('path' in address) {
			removeStaleSocket(address.path);
			server.listen(address.path);
		} else server.listen(address.port, address.host);
		await once(server, 'listening');
	} catch (error) {
		const where = 'path' in address ? address.path : `${address.host} port ${address.port}`;
		const why = reasonIn(error, { EADDRINUSE: errnoWords.EADDRINUSE, EACCES: 'it is not allowed' });
		throw new Error(`web: cannot listen on ${where}: ${why}. Write another address below web: listen:`, {
			cause: error,
		});
	}
}

/** What a server that was killed has left; anything else of that name is not ours. */
function removeStaleSocket(path: string): void {
	const found = statSync(path, { throwIfNoEntry: false });
	if (found?.isSocket() === true) rmSync(path);
}

function addressOf(server: Server, isTls: boolean): string {
	const address = server.address();
	if (typeof address === 'string' || address === null) return `unix:${address ?? ''}`;
	const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
	return `${isTls ? 'https' : 'http'}://${host}:${address.port}`;
}

function limitedServer(
	{ settings, limits = usualLimits }: WebServerParts,
	listener: RequestListener,
): Server {
	const options = {
		maxHeaderSize: headerMaxBytes,
		headersTimeout: limits.headerMs,
		requestTimeout: limits.requestMs,
		connectionsCheckingInterval: 5000,
		keepAliveTimeout: limits.idleMs,
	};
	const server =
		settings.tls === null
			? createServer(options, listener)
			: createTlsServer(
					{ ...options, ...certificateOf(settings.tls), handshakeTimeout: limits.headerMs },
					listener,
				);
	server.maxConnections = limits.connections;
	server.maxRequestsPerSocket = requestsPerConnection;
	server.timeout = limits.idleMs;
	server.on('clientError', refuseNonsense);
	return server;
}

function certificateOf({ certFile, keyFile }: NonNullable<WebSettings['tls']>): {
	cert: Buffer;
	key: Buffer;
} {
	return { cert: readFileSync(certFile), key: readFileSync(keyFile) };
}

/** New connections get the new certificate when its files have changed; a bad one leaves the old in force. */
function watchCertificate(
	{ settings: { tls }, log }: WebServerParts,
	servers: readonly Server[],
): NodeJS.Timeout | undefined {
	if (tls === null) return undefined;
	const stampOf = () =>
		[tls.certFile, tls.keyFile].map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0).join();
	let stamp = stampOf();
	return setInterval(() => {
		const now = stampOf();
		if (now === stamp) return;
		stamp = now;
		try {
			for (const server of servers) (server as unknown as TlsServer).setSecureContext(certificateOf(tls));
			log.info('web: took up the new certificate');
		} catch (error) {
			log.error(`web: the new certificate cannot be used, the old one stays: ${(error as Error).message}`);
		}
	}, certificateLookMs).unref();
}

function refuseNonsense(_error: Error, socket: Socket): void {
	if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
	else socket.destroy();
}

function listenerOf({ routes, admission, log, faultPage }: WebServerParts): RequestListener {
	const table = new PathTable(routes);
	return (request, response) => {
		// Who goes away while an answer is made is no fault.
		response.on('error', () => {});
		answer(table, admission, request, response).catch((error: unknown) => {
			if (error instanceof RequestFault) refuse(request, response, error, faultPage);
			else if (response.destroyed || isGone(error)) response.destroy();
			else {
				log.error(`web: ${request.method} failed, a fault in pingmachine itself: ${(error as Error).stack}`);
				const fault = new RequestFault(500, 'a fault in pingmachine itself: its log has more');
				refuse(request, response, fault, faultPage);
			}
		});
	};
}

/** Errors of a connection that the client has closed. */
function isGone(error: unknown): boolean {
	const { code = '' } = error as NodeJS.ErrnoException;
	return ['ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED', 'EPIPE', 'ECONNRESET', 'ABORT_ERR'].includes(
		code,
	);
}

function refuse(
	request: IncomingMessage,
	response: ServerResponse,
	fault: RequestFault,
	faultPage: WebServerParts['faultPage'],
): void {
	const { status, message, details } = fault;
	if (response.headersSent) {
		response.destroy();
		return;
	}
	// What else the client sends of this request is not read.
	const headers = {
		connection: 'close',
		...(status === 401 ? { 'www-authenticate': 'Bearer realm="pingmachine"' } : {}),
	};
	const isPage = ['GET', 'HEAD', 'POST'].includes(request.method ?? '') && wantsHtml(request.headers.accept);
	if (faultPage !== undefined && isPage)
		faultPage(request, response, fault, headers).catch(() => response.destroy());
	else answerJson(response, status, { error: message, ...details }, headers);
}

async function answer(
	table: PathTable,
	admission: Admission,
	request: IncomingMessage,
	response: ServerResponse,
): Promise<void> {
	const { url = '', method = '' } = request;
	if (url.length > urlMax) throw new RequestFault(414, 'this address is too long');
	const [path = '', query = ''] = splitUrl(url);
	const asker = admission.asker(request);
	const found = table.find(path);
	if (found === null) throw new RequestFault(400, 'the path is not percent-encoded UTF-8');
	if (found.length === 0) throw new RequestFault(404, 'there is nothing at this path');
	const wanted = method === 'HEAD' ? 'GET' : method;
	const isPage = wantsHtml(request.headers.accept);
	const hits = found.filter(({ route }) => route.method === wanted);
	const hit = hits.find(({ route }) => (route.isPage ?? false) === isPage) ?? hits[0];
	if (hit === undefined) {
		response.setHeader('allow', found.map(({ route }) => route.method).join(', '));
		throw new RequestFault(405, `${method.slice(0, 20)} is not for this path`);
	}
	admission.admit(hit.route, asker, request);
	const asked: Asked = {
		...{ request, response, path: hit.path, ...asker },
		query: new URLSearchParams(query),
		body: () => bodyOf(request, hit.route.bodyMax ?? 0),
	};
	if ((hit.route.bodyMax ?? 0) === 0 && hasBody(request))
		throw new RequestFault(413, 'no body is taken here');
	await hit.route.handle(asked);
}

function splitUrl(url: string): [string, string] {
	const at = url.indexOf('?');
	return at < 0 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)];
}

function hasBody({ headers }: IncomingMessage): boolean {
	return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
}

async function bodyOf(request: IncomingMessage, max: number): Promise<Buffer> {
	const tooLarge = new RequestFault(413, `the body may have ${max} bytes at most`);
	if (Number(request.headers['content-length'] ?? 0) > max) throw tooLarge;
	const chunks: Buffer[] = [];
	let bytes = 0;
	// The connection stays, so that the refusal can be told.
	for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
		bytes += chunk.length;
		if (bytes > max) throw tooLarge;
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}
