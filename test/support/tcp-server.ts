import { createServer, type Server, type Socket } from 'node:net';

/** A TCP server on 127.0.0.1 that does with each connection what the test says. */
export class TcpServer {
	readonly #server: Server;
	readonly #sockets = new Set<Socket>();
	/** How many connections there were. */
	connections = 0;
	/** What each has sent that is over. */
	readonly received: string[] = [];
	/** Codes of the errors of connections: ECONNRESET for one that was not closed properly. */
	readonly errors: string[] = [];

	private constructor(serve: (socket: Socket) => void, neverCloses: boolean) {
		this.#server = createServer({ noDelay: true, allowHalfOpen: neverCloses }, (socket) => {
			this.connections++;
			this.#sockets.add(socket);
			let received = '';
			socket.on('data', (chunk) => {
				received += chunk.toString('latin1');
			});
			socket.on('error', (error: NodeJS.ErrnoException) => this.errors.push(error.code ?? error.message));
			socket.on('close', () => {
				this.#sockets.delete(socket);
				this.received.push(received);
			});
			serve(socket);
		});
	}

	/** @param neverCloses leave connections open that the other side has closed */
	static async open(serve: (socket: Socket) => void, neverCloses = false): Promise<TcpServer> {
		const server = new TcpServer(serve, neverCloses);
		await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
		return server;
	}

	get port(): number {
		const address = this.#server.address();
		if (address === null || typeof address === 'string') throw new Error('the server is closed');
		return address.port;
	}

	/** How many connections are open. */
	get open(): number {
		return this.#sockets.size;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		for (const socket of this.#sockets) socket.destroy();
		await new Promise((resolve) => this.#server.close(resolve));
	}
}
