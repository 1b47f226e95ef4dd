import { createSocket } from 'node:dgram';
import { connect as connectHttp2 } from 'node:http2';
import { isIPv6, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type Endpoint, type Lost, verdictOf } from '../shared/timing/connect.ts';
import type { Failure } from '../shared/timing/pings.ts';
import { reasonOf } from '../shared/tls/handshake.ts';
import { withZoneName } from '../shared/way-out.ts';
import type { DnsAnswer, Foreign } from './answer.ts';

interface Reply {
	readonly answer: DnsAnswer;
	/** When it was there, of the monotonic clock. */
	readonly endMs: number;
}

/** Null: the signal fired. */
export type Exchanged = Reply | Lost | Failure | null;

/** A query on its way. */
export interface Asking {
	readonly bytes: Buffer;
	readonly read: (message: Buffer) => DnsAnswer | Foreign;
	readonly signal: AbortSignal;
	/** Is told of each message that is none to this query. */
	readonly ignored: (why: string) => void;
	/** Is called when the query leaves. */
	readonly sent: () => void;
}

/** Whoever sends more of what was not asked for is not listened to any longer. */
const foreignMax = 1000;

/** Tells answers from what is none. */
class Listener {
	readonly #asking: Asking;
	#foreign = 0;

	constructor(asking: Asking) {
		this.#asking = asking;
	}

	/** What came of a message; null: it was none of ours, go on. */
	take(message: Buffer): Reply | Lost | null {
		const endMs = performance.now();
		const answer = this.#asking.read(message);
		if (!('foreign' in answer)) return { answer, endMs };
		this.#asking.ignored(answer.foreign);
		return ++this.#foreign > foreignMax ? { lossReason: 'flooded with answers to other questions' } : null;
	}
}

/**
 * By UDP, from a port of its own that the kernel has picked. The socket is connected: what comes from another address or
 * port never gets here, and a port that is closed is known at once.
 */
export function askByUdp(to: Endpoint, asking: Asking): Promise<Exchanged> {
	const { bytes, signal, sent } = asking;
	const host = withZoneName(to.address);
	if (host === null)
		return Promise.resolve({
			failure: `there is no interface for ${to.address} that is up`,
			code: 'no_route',
		});
	return new Promise((resolve) => {
		const socket = createSocket(isIPv6(to.address) ? 'udp6' : 'udp4');
		const listener = new Listener(asking);
		const settle = (exchanged: Exchanged) => {
			signal.removeEventListener('abort', abort);
			resolve(exchanged);
			try {
				socket.close();
			} catch {
				// It is closed.
			}
		};
		const abort = () => settle(null);
		signal.addEventListener('abort', abort, { once: true });
		const fail = (error: NodeJS.ErrnoException) => settle(verdictOf(error, to));
		socket.on('error', fail);
		socket.on('message', (message) => {
			const taken = listener.take(message);
			if (taken !== null) settle(taken);
		});
		try {
			if (to.sourceIp !== undefined) socket.bind({ address: to.sourceIp, port: 0 });
			socket.connect(to.port, host, () => {
				if (signal.aborted) return;
				sent();
				socket.send(bytes, (error) => {
					if (error !== null) fail(error);
				});
			});
		} catch (error) {
			fail(error as NodeJS.ErrnoException);
		}
	});
}

/** Over a stream each message has its length in front. */
export function askByStream(stream: Socket | TLSSocket, to: Endpoint, asking: Asking): Promise<Exchanged> {
	const { bytes, signal, sent } = asking;
	return new Promise((resolve) => {
		const listener = new Listener(asking);
		let received: Buffer = Buffer.alloc(0);
		const settle = (exchanged: Exchanged) => {
			signal.removeEventListener('abort', abort);
			resolve(exchanged);
			stream.destroy();
		};
		const abort = () => settle(null);
		signal.addEventListener('abort', abort, { once: true });
		stream.on('error', (error: NodeJS.ErrnoException) => settle(verdictOf(error, to, reasonOf(error))));
		stream.once('end', () => settle({ lossReason: 'closed before the answer' }));
		stream.once('close', () => settle({ lossReason: 'closed before the answer' }));
		stream.on('data', (chunk: Buffer) => {
			received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
			while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
				const end = 2 + received.readUInt16BE(0);
				const taken = listener.take(received.subarray(2, end));
				if (taken !== null) return settle(taken);
				received = received.subarray(end);
			}
		});
		const length = Buffer.alloc(2);
		length.writeUInt16BE(bytes.length);
		sent();
		stream.write(Buffer.concat([length, bytes]));
	});
}

const messageMax = 65_535;
const mediaType = 'application/dns-message';

/** Over HTTPS, as RFC 8484 has it, by HTTP/2. */
export function askByHttps(
	secure: TLSSocket,
	to: Endpoint & { readonly authority: string; readonly path: string },
	asking: Asking,
): Promise<Exchanged> {
	const { bytes, signal, sent } = asking;
	return new Promise((resolve) => {
		const session = connectHttp2(`https://${to.authority}`, {
			createConnection: () => secure,
			settings: { enablePush: false },
		});
		const settle = (exchanged: Exchanged) => {
			signal.removeEventListener('abort', abort);
			resolve(exchanged);
			session.destroy();
			secure.destroy();
		};
		const abort = () => settle(null);
		signal.addEventListener('abort', abort, { once: true });
		const fail = (error: NodeJS.ErrnoException) => settle(verdictOf(error, to, `HTTP/2: ${error.message}`));
		session.on('error', fail);
		session.once('close', () => settle({ lossReason: 'closed before the answer' }));
		const request = session.request({
			':method': 'POST',
			':path': to.path,
			accept: mediaType,
			'content-type': mediaType,
			'content-length': String(bytes.length),
		});
		const chunks: Buffer[] = [];
		let length = 0;
		request.on('error', fail);
		request.on('response', (headers) => {
			const status = headers[':status'];
			if (status !== 200) settle({ lossReason: `HTTP ${status}` });
			else if (!String(headers['content-type'] ?? '').startsWith(mediaType))
				settle({ lossReason: `not ${mediaType}: ${String(headers['content-type'] ?? 'no content type')}` });
		});
		request.on('data', (chunk: Buffer) => {
			length += chunk.length;
			if (length > messageMax) settle({ lossReason: 'longer than a DNS message can be' });
			else chunks.push(chunk);
		});
		request.once('end', () => {
			const taken = new Listener(asking).take(Buffer.concat(chunks));
			settle(taken ?? { lossReason: 'what came is no answer to the question' });
		});
		sent();
		request.end(bytes);
	});
}
