import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Received {
	readonly method: string;
	readonly path: string;
	readonly headers: IncomingHttpHeaders;
	readonly body: unknown;
}

interface Answer {
	readonly status: number;
	readonly headers?: Readonly<Record<string, string>>;
	readonly text?: string;
}

/** A web server that keeps what it is sent, and answers as it is told: by default it takes all. Use `await using`. */
export class Receiver {
	readonly received: Received[] = [];
	/** What is answered to the next ones, in turn; `hang`: nothing. */
	readonly answers: (Answer | 'hang')[] = [];
	readonly #server: Server;

	private constructor() {
		this.#server = createServer((request, response) => {
			let text = '';
			request.setEncoding('utf8').on('data', (piece) => {
				text += piece;
			});
			request.on('end', () => {
				const { method = '', url = '', headers } = request;
				this.received.push({ method, path: url, headers, body: text === '' ? null : JSON.parse(text) });
				const answer = this.answers.shift() ?? { status: 200 };
				if (answer === 'hang') return;
				response.writeHead(answer.status, answer.headers).end(answer.text ?? '');
			});
		});
	}

	static async open(): Promise<Receiver> {
		const receiver = new Receiver();
		receiver.#server.listen(0, '127.0.0.1');
		await once(receiver.#server, 'listening');
		return receiver;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#server.closeAllConnections();
		this.#server.close();
		await once(this.#server, 'close');
	}
}
