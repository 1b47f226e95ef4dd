/** An HTTP server that answers as it is told. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delivered } from '../shared/delivered.ts';
import { never, openEntry } from './sink-harness.ts';

export interface Asked {
	readonly path: string;
	readonly headers: IncomingHttpHeaders;
	readonly body: Buffer;
}

/** Answers every request alike, and remembers it. */
export class FakeInflux {
	readonly asked: Asked[] = [];
	connections = 0;
	status = 204;
	headers: Record<string, string> = {};
	body = '';
	readonly #server: Server;

	private constructor(make: (listener: RequestListener) => Server) {
		this.#server = make(async (request, response) => {
			const pieces: Buffer[] = [];
			for await (const piece of request) pieces.push(piece);
			this.asked.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(pieces) });
			response.writeHead(this.status, this.headers).end(this.body);
		});
		this.#server.on('connection', () => this.connections++).on('secureConnection', () => this.connections++);
	}

	static async start(make: (listener: RequestListener) => Server = createServer): Promise<FakeInflux> {
		const fake = new FakeInflux(make);
		fake.#server.listen(0, '127.0.0.1');
		await once(fake.#server, 'listening');
		return fake;
	}

	get port(): number {
		return (this.#server.address() as AddressInfo).port;
	}

	get url(): string {
		return `http://127.0.0.1:${this.port}`;
	}

	/** Writes one measurement, and returns what it came to. */
	async write(entry: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
		const sink = await openEntry({ url: this.url, individual: 'none', ...entry });
		const outcome = await sink.write([delivered()], never).catch((error: unknown) => error);
		await sink.close();
		return outcome;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#server.closeAllConnections();
		this.#server.close();
		await once(this.#server, 'close');
	}
}
