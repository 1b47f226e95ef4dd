import { connect, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Delivered, OpenSink, Verdict } from '../../model/sink.ts';
import type { LineContent } from '../shared/line-protocol.ts';
import { networkError, orAborted } from '../shared/network-errors.ts';
import { blocksOf, encodeBatch } from './lines.ts';

export interface StreamTarget {
	readonly address: { readonly host: string; readonly port: number } | { readonly path: string };
	/** For messages. */
	readonly destination: string;
	readonly content: LineContent;
	/** The longest line that the other end takes, bytes with its line feed. */
	readonly lineMaxBytes: number;
}

/** A dead peer is noticed after this and some minutes, also when there is nothing to be sent. */
const keepAliveMs = 60_000;
const blockLength = 64 * 1024;
const batchMaxBytes = 8 * 1024 * 1024;

/** Connects. Rejects when nobody answers. */
export async function openStream(target: StreamTarget, signal: AbortSignal): Promise<OpenSink> {
	const { address, destination } = target;
	const socket = connect(address);
	const connected = new Promise<void>((resolve, reject) => {
		socket.once('connect', resolve).once('error', reject);
	});
	try {
		await orAborted(connected, signal, 'no answer');
	} catch (error) {
		socket.on('error', () => {}).destroy();
		throw networkError(error, destination);
	}
	return new StreamSink(target, socket.setKeepAlive(true, keepAliveMs));
}

/**
 * Lines over TCP or a Unix socket. Nobody there says that they were read: a batch counts as taken when this system has
 * taken all of it and has not heard by then that the other end is gone.
 */
class StreamSink implements OpenSink {
	readonly #target: StreamTarget;
	readonly #socket: Socket;
	/** Why nothing can be written any more. */
	#end: Error | null = null;

	constructor(target: StreamTarget, socket: Socket) {
		this.#target = target;
		this.#socket = socket;
		const ended = (error: unknown) => {
			this.#end ??= networkError(error, target.destination);
			socket.destroy();
		};
		const closed = () => ended({ code: 'ECONNRESET' });
		// What it may have to say is of no interest, but unless it is read its end is not seen.
		socket.on('error', ended).on('end', closed).on('close', closed).resume();
	}

	async write(batch: readonly Delivered[], signal: AbortSignal): Promise<readonly Verdict[]> {
		const { destination, content, lineMaxBytes } = this.#target;
		const { lines, verdicts } = await encodeBatch(batch, content, {
			lineMaxBytes,
			refusal: (bytes) =>
				`${destination}: a line of ${bytes} bytes, and Telegraf closes the connection at more than ${lineMaxBytes}. Write shorter tags, or raise max_line_bytes: and Telegraf's read_buffer_size`,
			batchMaxBytes,
		});
		try {
			await this.#heardOut();
			for (const block of blocksOf(lines, blockLength)) {
				const message = `${destination}: it does not read what it is sent`;
				await orAborted(this.#take(block), signal, message);
			}
			await this.#heardOut();
			return verdicts;
		} catch (error) {
			this.#socket.destroy();
			throw error;
		}
	}

	async close(): Promise<void> {
		if (this.#end !== null || this.#socket.destroyed) return;
		const closed = new Promise<void>((resolve) => {
			this.#socket.once('close', () => resolve());
		});
		this.#socket.destroySoon();
		const soon = AbortSignal.timeout(closeMs);
		await orAborted(closed, soon, '').catch(() => this.#socket.destroy());
	}

	/** Resolves when the system has taken it. */
	#take(block: string): Promise<void> {
		return new Promise((resolve, reject) => {
			this.#socket.write(block, (error) => {
				if (error == null) resolve();
				else reject(this.#end ?? networkError(error, this.#target.destination));
			});
		});
	}

	/** That the other end is gone is heard when the loop has turned. */
	async #heardOut(): Promise<void> {
		await nextTurn();
		await nextTurn();
		if (this.#end !== null) throw this.#end;
	}
}

const closeMs = 500;
