import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { setTimeout as afterMs, setImmediate as nextTurn } from 'node:timers/promises';
import type { Delivered, OpenSink, Verdict } from '../../model/sink.ts';
import type { LineContent } from '../shared/line-protocol.ts';
import { networkError, orAborted } from '../shared/network-errors.ts';
import { type EncodedBatch, encodeBatch } from './lines.ts';

export interface UdpTarget {
	readonly host: string;
	readonly port: number;
	/** For messages. */
	readonly destination: string;
	readonly content: LineContent;
	/** How long writing a batch may take. */
	readonly timeoutMs: number;
	/** How often the host is looked up anew. */
	readonly lookupIntervalMs?: number;
}

/** The largest payload of a datagram over IPv4. */
const datagramMaxBytes = 65_507;

/** Connects a socket, which sends nothing yet. Rejects when the host is unknown. */
export async function openUdp(target: UdpTarget, signal: AbortSignal): Promise<OpenSink> {
	const address = await orAborted(
		addressOf(target.host),
		signal,
		`${target.destination}: the name service does not answer`,
	).catch((error: unknown) => {
		throw networkError(error, target.destination);
	});
	return new UdpSink(target, await connected(target, address));
}

interface Address {
	readonly address: string;
	readonly family: number;
}

/** IPv4 first, as pingmachine 1.6 knew nothing else, and nobody tells when the other family would be the right one. */
async function addressOf(host: string): Promise<Address> {
	const all = await lookup(host, { all: true });
	const found = all.find(({ family }) => family === 4) ?? all[0];
	if (found === undefined) throw new Error('unknown host name. Correct url:, or the name service');
	return found;
}

/** A connected socket hears when a port is closed, and the system looks up the route only once. */
function connected({ port, destination }: UdpTarget, { address, family }: Address): Promise<Socket> {
	const socket = createSocket({ type: family === 6 ? 'udp6' : 'udp4' });
	return new Promise((resolve, reject) => {
		const failed = (error: Error) => {
			socket.close();
			reject(networkError(error, destination));
		};
		socket.once('error', failed);
		// The types do not tell, but it is called with the error too, which is not emitted then.
		socket.connect(port, address, (error?: Error | null) => {
			socket.removeListener('error', failed);
			if (error) return failed(error);
			socket.unref();
			resolve(socket);
		});
	});
}

/** One datagram a line. Nobody says that they arrive; but that nobody is there may be heard. */
class UdpSink implements OpenSink {
	readonly #target: UdpTarget;
	#socket: Socket;
	/** To where the host has moved, from the next batch on. */
	#moved: Socket | null = null;
	#isClosed = false;
	/** The latest bad news of a datagram that had been sent. */
	#trouble: Error | null = null;
	#lookedUpMs = performance.now();

	constructor(target: UdpTarget, socket: Socket) {
		this.#target = target;
		this.#socket = this.#listened(socket);
	}

	async write(batch: readonly Delivered[], signal: AbortSignal): Promise<readonly Verdict[]> {
		this.#followHost();
		const { destination, content } = this.#target;
		const encoded = await encodeBatch(batch, content, {
			// There is no line feed.
			lineMaxBytes: datagramMaxBytes + 1,
			refusal: (bytes) =>
				`${destination}: a line of ${bytes - 1} bytes does not fit into a datagram. Write shorter tags, or use http://`,
			batchMaxBytes: this.#pacedMs * bytesAMs,
		});
		await orAborted(this.#sendAll(encoded, signal), signal, `${destination}: the network takes nothing`);
		// On this machine, bad news comes within a turn.
		await nextTurn();
		if (this.#trouble !== null) throw networkError(this.#trouble, destination);
		return encoded.verdicts;
	}

	async close(): Promise<void> {
		if (this.#isClosed) return;
		this.#isClosed = true;
		this.#socket.close();
		this.#moved?.close();
	}

	#listened(socket: Socket): Socket {
		return socket.on('error', (error) => {
			this.#trouble = error;
		});
	}

	/** How long the pauses of one batch may be in sum: the next one waits meanwhile. */
	get #pacedMs(): number {
		return Math.min(pacedMaxMs, this.#target.timeoutMs / 3);
	}

	/** With pauses: who receives them has room for a few hundred only, and for few long ones. */
	async #sendAll({ lines, sizes }: EncodedBatch, signal: AbortSignal): Promise<void> {
		const pacedMs = this.#pacedMs;
		const linesATurn = Math.max(linesATurnMin, Math.ceil((lines.length * pauseMs) / pacedMs));
		const startMs = performance.now();
		const sent: Promise<void>[] = [];
		for (let from = 0; from < lines.length && !signal.aborted && !this.#isClosed; ) {
			const { end, bytes } = turnFrom(from, sizes, linesATurn);
			sent.push(this.#send(lines.slice(from, end)));
			from = end;
			if (from >= lines.length) break;
			// A busy system makes pauses longer: better a loss than that none of it counts as sent.
			const isInTime = performance.now() - startMs < 2 * pacedMs;
			await (isInTime ? afterMs(Math.max(pauseMs, bytes / bytesAMs)) : nextTurn());
		}
		await Promise.all(sent);
	}

	/** Resolves when the system has done with them; most often that is at once. */
	#send(lines: readonly string[]): Promise<void> {
		const socket = this.#socket;
		return new Promise((resolve) => {
			let open = lines.length;
			const done = (error: Error | null) => {
				this.#trouble ??= error;
				if (--open === 0) resolve();
			};
			for (const line of lines) {
				socket.send(line, (error) => {
					if (!isRefusal(error) || this.#isClosed) return done(error);
					// An earlier datagram was refused, and this one not sent for it.
					this.#trouble = error;
					socket.send(line, done);
				});
			}
		});
	}

	/** A host may move. Nothing waits for the answer: it holds from the next batch on. */
	#followHost(): void {
		if (this.#moved !== null) {
			this.#socket.close();
			this.#socket = this.#moved;
			this.#moved = null;
		}
		const { host, lookupIntervalMs = 60_000 } = this.#target;
		if (performance.now() - this.#lookedUpMs < lookupIntervalMs) return;
		this.#lookedUpMs = performance.now();
		// As long as it cannot be looked up, it is where it was.
		this.#lookUp(host).catch(() => {});
	}

	async #lookUp(host: string): Promise<void> {
		const found = await addressOf(host);
		if (this.#isClosed || found.address === this.#socket.remoteAddress().address) return;
		const socket = this.#listened(await connected(this.#target, found));
		if (this.#isClosed) socket.close();
		else this.#moved = socket;
	}
}

/** A receiver that needs 30 µs a line keeps up. */
const linesATurnMin = 32;
const pauseMs = 1;
const pacedMaxMs = 400;
/** A receiver with the room that Linux gives by itself, 208 KiB, holds three datagrams of the largest size. */
const bytesATurn = 64 * 1024;
/** A receiver that needs 30 µs for a KiB keeps up. */
const bytesAMs = 32 * 1024;

/** Where the lines end that are sent at once, beginning with `from`, and their size: at least one. */
function turnFrom(
	from: number,
	sizes: readonly number[],
	linesATurn: number,
): { end: number; bytes: number } {
	let end = from;
	let bytes = 0;
	for (; end < sizes.length && end - from < linesATurn; end++) {
		const size = sizes[end] ?? 0;
		if (bytes + size > bytesATurn && end > from) break;
		bytes += size;
	}
	return { end, bytes };
}

function isRefusal(error: Error | null): error is Error {
	return (error as NodeJS.ErrnoException | null)?.code === 'ECONNREFUSED';
}
