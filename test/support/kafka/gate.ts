import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Stands between a client and a port, and lets through what it is told to. Use `await using`. */
export class Gate {
	readonly #to: number;
	readonly #server: Server;
	readonly #sockets = new Set<Socket>();
	#isFrozen = false;

	private constructor(to: number) {
		this.#to = to;
		this.#server = createServer((client) => this.#join(client));
	}

	/** Listens on `port`, and passes on to `to`. */
	static async open({ port, to }: { port: number; to: number }): Promise<Gate> {
		const gate = new Gate(to);
		await gate.#listen(port);
		return gate;
	}

	/** Nothing gets through any more, and nobody is told. */
	freeze(): void {
		this.#isFrozen = true;
		for (const socket of this.#sockets) socket.pause();
	}

	thaw(): void {
		this.#isFrozen = false;
		for (const socket of this.#sockets) socket.resume();
	}

	/** All connections break, and nobody listens. */
	async shut(): Promise<void> {
		this.#server.close();
		this.cut();
		await once(this.#server, 'close');
	}

	/** All connections break. */
	cut(): void {
		for (const socket of this.#sockets) socket.destroy();
	}

	async reopen(port: number): Promise<void> {
		this.#isFrozen = false;
		await this.#listen(port);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		if (this.#server.listening) await this.shut();
	}

	async #listen(port: number): Promise<void> {
		this.#server.listen(port, '127.0.0.1');
		await once(this.#server, 'listening');
	}

	#join(client: Socket): void {
		const server = connect(this.#to, '127.0.0.1');
		for (const [from, to] of [
			[client, server],
			[server, client],
		] as const) {
			this.#sockets.add(from);
			from.on('data', (data) => to.write(data));
			from.on('error', () => {});
			from.on('close', () => {
				this.#sockets.delete(from);
				to.destroy();
			});
			if (this.#isFrozen) from.pause();
		}
	}
}
