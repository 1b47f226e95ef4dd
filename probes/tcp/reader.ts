import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type Endpoint, type Lost, verdictOf } from '../shared/timing/connect.ts';
import type { Failure } from '../shared/timing/pings.ts';
import { reasonOf } from '../shared/tls/handshake.ts';

/** What is looked for in what has come: how it ends the wait; null: go on. */
export type Looking<T> = (received: Buffer) => T | null;

const receivedMax = 65_536;
/** Each piece is looked at with all that came before. */
const piecesMax = 1000;

/** Reads from a connection, and ends with it. Null: the signal fired. */
export class Reader {
	readonly #stream: Socket | TLSSocket;
	readonly #to: Endpoint;
	readonly #signal: AbortSignal;

	constructor(stream: Socket | TLSSocket, to: Endpoint, signal: AbortSignal) {
		this.#stream = stream;
		this.#to = to;
		this.#signal = signal;
	}

	/** Sends something, and waits until `look` has found what it looks for in all that comes from now on. */
	until<T>(look: Looking<T>, send?: string | Buffer): Promise<T | Lost | Failure | null> {
		const stream = this.#stream;
		return new Promise((resolve) => {
			let received: Buffer = Buffer.alloc(0);
			let pieces = 0;
			const settle = (outcome: T | Lost | Failure | null) => {
				this.#signal.removeEventListener('abort', abort);
				stream.off('data', take).off('error', fail).off('end', end).off('close', end);
				stream.pause();
				resolve(outcome);
			};
			const abort = () => settle(null);
			const fail = (error: NodeJS.ErrnoException) => settle(verdictOf(error, this.#to, reasonOf(error)));
			const end = () =>
				settle({ lossReason: received.length === 0 ? 'closed without a word' : 'closed too early' });
			const take = (chunk: Buffer) => {
				received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
				const found = look(received);
				if (found !== null) settle(found);
				else if (received.length > receivedMax || ++pieces > piecesMax)
					settle({ lossReason: 'too much came, and not what was expected' });
			};
			if (this.#signal.aborted) return settle(null);
			this.#signal.addEventListener('abort', abort, { once: true });
			stream.on('data', take).on('error', fail).once('end', end).once('close', end);
			if (send !== undefined) stream.write(send);
			stream.resume();
		});
	}
}
