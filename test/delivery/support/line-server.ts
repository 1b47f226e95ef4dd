import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** The other end of the sink `lines` of test-sinks.ts. */
export class LineServer {
	/** Every batch that was received to its end. */
	readonly received: string[][] = [];
	/** Those of them that were confirmed. */
	readonly confirmed: string[][] = [];
	connections = 0;
	/** How it answers the batch with that number: confirms it, ends the connection before it does, or says nothing. */
	answer: (batch: number) => 'ok' | 'end' | 'nothing' = () => 'ok';
	/** It takes connections and never reads. */
	isDeaf = false;
	port = 0;
	#server: Server | null = null;
	readonly #sockets = new Set<Socket>();

	/** Listens, on the same port as the last time. */
	async start(): Promise<void> {
		this.#server = createServer((socket) => this.#serve(socket));
		this.#server.listen(this.port, '127.0.0.1');
		await once(this.#server, 'listening');
		this.port = (this.#server.address() as AddressInfo).port;
	}

	async stop(): Promise<void> {
		const server = this.#server;
		this.#server = null;
		if (server === null) return;
		for (const socket of this.#sockets) socket.destroy();
		server.close();
		await once(server, 'close');
	}

	/** What was confirmed, in its order. */
	get lines(): string[] {
		return this.confirmed.flat();
	}

	#serve(socket: Socket): void {
		this.connections++;
		this.#sockets.add(socket);
		socket.on('error', () => {});
		socket.on('close', () => this.#sockets.delete(socket));
		if (this.isDeaf) {
			socket.pause();
			return;
		}
		let batch: string[] = [];
		const lines = createInterface({ input: socket });
		// It has the errors of its input too.
		lines.on('error', () => {});
		lines.on('line', (line) => {
			if (line !== 'end') {
				batch.push(line);
				return;
			}
			this.#answer(socket, batch);
			batch = [];
		});
	}

	#answer(socket: Socket, batch: string[]): void {
		this.received.push(batch);
		const answer = this.answer(this.received.length);
		if (answer === 'end') socket.destroy();
		if (answer !== 'ok') return;
		this.confirmed.push(batch);
		socket.write('ok\n');
	}
}
