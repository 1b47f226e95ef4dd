import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createSecureServer } from 'node:http2';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { type Answer, type DecodedPacket, decode, encode, type Packet } from 'dns-packet';

/** What comes of a question: messages, in this order, with rests before them; none: silence. */
export type Replies = readonly {
	readonly bytes: Buffer;
	readonly afterMs?: number;
	readonly fromOtherPort?: boolean;
}[];

export type Reply = (question: DecodedPacket, query: Buffer) => Replies;

/** A sound answer to a question. */
export function answerTo(
	question: DecodedPacket,
	answers: readonly Answer[] = [],
	more: Packet & { rcode?: number } = {},
): Buffer {
	const { rcode = 0, flags = 0x8580 & 0x7fff, ...rest } = more;
	const { id, questions } = question;
	return encode({
		type: 'response',
		id,
		flags: flags | rcode,
		questions,
		answers: [...answers],
		...rest,
	} as Packet);
}

export interface TlsParts {
	readonly key: Buffer;
	readonly cert: Buffer;
}

/** A name server on 127.0.0.1, at one port by UDP and TCP, that answers as the test says; by TLS and HTTPS too where asked. */
export class DnsResponder {
	/** How many questions have come. */
	asked = 0;
	reply: Reply;
	readonly #udp: UdpSocket = createSocket('udp4');
	readonly #other: UdpSocket = createSocket('udp4');
	readonly #servers: Server[] = [];
	readonly #sockets = new Set<Socket>();
	readonly ports = { plain: 0, tls: 0, https: 0 };

	private constructor(reply: Reply) {
		this.reply = reply;
	}

	static async open(reply: Reply, tls?: TlsParts): Promise<DnsResponder> {
		const responder = new DnsResponder(reply);
		await responder.#open(tls);
		return responder;
	}

	async #open(tls: TlsParts | undefined): Promise<void> {
		const stream = (socket: Socket) => this.#serveStream(socket);
		this.ports.plain = await this.#listen(createServer({ noDelay: true }, stream));
		await new Promise<void>((bound) => this.#udp.bind(this.ports.plain, '127.0.0.1', bound));
		await new Promise<void>((bound) => this.#other.bind(0, '127.0.0.1', bound));
		this.#udp.on('message', (query, { port, address }) => {
			for (const { bytes, fromOtherPort = false } of this.#replies(query, (later) => {
				(later.fromOtherPort ? this.#other : this.#udp).send(later.bytes, port, address);
			}))
				(fromOtherPort ? this.#other : this.#udp).send(bytes, port, address);
		});
		if (tls === undefined) return;
		this.ports.tls = await this.#listen(createTlsServer({ ...tls }, stream));
		const https = createSecureServer({ ...tls });
		https.on('stream', (request, headers) => {
			const chunks: Buffer[] = [];
			request.on('error', () => {});
			request.on('data', (chunk: Buffer) => chunks.push(chunk));
			request.on('end', () => {
				const status = headers[':path'] === '/dns-query' && headers[':method'] === 'POST' ? 200 : 404;
				const send = ({ bytes }: Replies[number]) => {
					request.respond({ ':status': status, 'content-type': 'application/dns-message' });
					request.end(bytes);
				};
				for (const one of this.#replies(Buffer.concat(chunks), send)) send(one);
			});
		});
		this.ports.https = await this.#listen(https as unknown as Server);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#udp.close();
		this.#other.close();
		for (const socket of this.#sockets) socket.destroy();
		await Promise.all(this.#servers.map((server) => new Promise((closed) => server.close(closed))));
	}

	/** Those that are due at once; the others are given to `later` when they are. */
	#replies(query: Buffer, later: (reply: Replies[number]) => void): Replies {
		this.asked++;
		const all = this.reply(decode(query), query);
		for (const one of all) if (one.afterMs !== undefined) setTimeout(() => later(one), one.afterMs);
		return all.filter(({ afterMs }) => afterMs === undefined);
	}

	#serveStream(socket: Socket): void {
		let received = Buffer.alloc(0);
		socket.on('error', () => {});
		const send = ({ bytes }: Replies[number]) => {
			const length = Buffer.alloc(2);
			length.writeUInt16BE(bytes.length);
			socket.write(Buffer.concat([length, bytes]));
		};
		socket.on('data', (chunk: Buffer) => {
			received = Buffer.concat([received, chunk]);
			if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
			const replies = this.#replies(received.subarray(2, 2 + received.readUInt16BE(0)), send);
			for (const one of replies) send(one);
		});
	}

	#listen(server: Server): Promise<number> {
		this.#servers.push(server);
		server.on('connection', (socket: Socket) => {
			this.#sockets.add(socket);
			socket.once('close', () => this.#sockets.delete(socket));
		});
		return new Promise((resolve) => {
			server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
		});
	}
}
