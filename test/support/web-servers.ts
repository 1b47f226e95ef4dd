import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Real servers on loopback, each at a port of its own, good and bad ones. */
export class WebServers {
	readonly #servers: Server[] = [];
	readonly #sockets = new Set<Socket>();

	/** Each of these resolves to `127.0.0.1:port`. */
	http(answer: Answer): Promise<string> {
		return this.#listen(createHttpServer(answer));
	}

	/** With a certificate that it has signed itself. */
	https(answer: Answer): Promise<string> {
		const read = (name: string) => readFileSync(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url));
		return this.#listen(createHttpsServer({ key: read('key'), cert: read('certificate') }, answer));
	}

	/** Does this with each connection once something has come in. */
	tcp(answer: (socket: Socket) => void): Promise<string> {
		return this.#listen(createServer((socket) => socket.once('data', () => answer(socket))));
	}

	/** Does this with each connection and the first that came in on it, and may go on reading. */
	gate(take: (socket: Socket, first: Buffer) => void): Promise<string> {
		return this.#listen(
			createServer((socket) => socket.once('data', (first: Buffer) => take(socket, first))),
		);
	}

	/** An HTTP proxy that also makes tunnels; `seen` hears every request. */
	async proxy(seen: (request: IncomingMessage) => void): Promise<string> {
		const server = createHttpServer((request, response) => {
			seen(request);
			response.end();
		});
		server.on('connect', (request, socket: Socket) => {
			seen(request);
			const [host = '', port] = request.url?.split(':') ?? [];
			const onward = connect(Number(port), host, () => {
				socket.write('HTTP/1.1 200 OK\r\n\r\n');
				onward.pipe(socket);
				socket.pipe(onward);
			});
			onward.on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
		});
		return await this.#listen(server);
	}

	async close(): Promise<void> {
		for (const socket of this.#sockets) socket.destroy();
		await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
	}

	async #listen(server: Server): Promise<string> {
		this.#servers.push(server);
		server.on('connection', (socket: Socket) => {
			this.#sockets.add(socket);
			socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		return `127.0.0.1:${(server.address() as AddressInfo).port}`;
	}
}
