import { setTimeout as pause } from 'node:timers/promises';
import type { Consumer, Message } from '@platformatic/kafka';
import { race } from '../../model/race.ts';
import { readAllCodecs } from './codecs.ts';
import type { Login } from './login.ts';
import { kafkaTrouble } from './trouble.ts';

/** A message, as it was read. */
export interface ReadMessage {
	readonly topic: string;
	readonly key: Buffer | null;
	/** Null: what has this key is no more. */
	readonly value: Buffer | null;
	/** By the producer or the broker, as the topic says; milliseconds since the epoch. */
	readonly timeMs: number;
	readonly headers: Readonly<Record<string, string>>;
}

export interface TopicReaderParts {
	readonly brokers: readonly string[];
	readonly topics: readonly string[];
	/** Who reads together has the same; each message goes to one of them. */
	readonly group: string;
	/** Reads the secrets anew each time. */
	login?(): Promise<Login>;
	/**
	 * `committed`: on from where the group was, or from the beginning. `beginning`: all there is, at each start.
	 * `sinceMs`: what was written since then, by the time of messages.
	 */
	readonly from: 'committed' | 'beginning' | { readonly sinceMs: number };
	/**
	 * Takes messages, of each partition in order. What comes after them is not asked for until it resolves, and they come
	 * again after it has rejected, or when the daemon ends before that.
	 */
	take(messages: readonly ReadMessage[]): Promise<void>;
	/** Why nothing can be read, and null when it can be again. */
	told(problem: string | null): void;
	/** It begins, or begins anew after a fault. Not with `from: 'committed'`. */
	begins?(): void;
	/** All that was there when it began has been taken. Not with `from: 'committed'`. */
	caughtUp?(): void;
}

type KafkaConsumer = Consumer<Buffer, Buffer, Buffer, Buffer>;
type KafkaMessage = Message<Buffer, Buffer, Buffer, Buffer>;

const batchMax = 1000;
const batchBytesMax = 8_000_000;
/** What came is taken after so long, even if there is little. */
const batchWaitMs = 100;
const closeMs = 2000;
const firstRetryMs = 300;
const lastRetryMs = 10_000;
const connectMs = 10_000;
const sessionMs = 10_000;
/** To join takes as long as one of the group is missed that was killed. */
const answerMs = sessionMs + 5000;
/** A partition is asked for so much at a time; what is larger comes alone. */
const fetchBytes = 1_048_576;

/**
 * Reads topics, at least once each message: what has been taken is committed after that. After any fault the connection is
 * thrown away and made anew, since the client's own would read no more.
 */
export class TopicReader {
	readonly #parts: TopicReaderParts;
	readonly #ending = new AbortController();
	#running: Promise<void> | null = null;
	#retryMs = firstRetryMs;
	/** By topic and partition, where what was there at the beginning ends; null: not to be waited for. */
	#ends: Map<string, bigint> | null = null;
	/** By topic and partition, what is next; empty before the first time. Only with `sinceMs`. */
	readonly #next = new Map<string, bigint>();

	constructor(parts: TopicReaderParts) {
		this.#parts = parts;
	}

	start(): void {
		this.#running ??= this.#run();
	}

	async close(): Promise<void> {
		this.#ending.abort();
		await this.#running;
	}

	get #isEnding(): boolean {
		return this.#ending.signal.aborted;
	}

	async #run(): Promise<void> {
		const { brokers, topics, told } = this.#parts;
		while (!this.#isEnding) {
			const consumers: KafkaConsumer[] = [];
			try {
				await this.#read(consumers);
			} catch (error) {
				if (!this.#isEnding) told(kafkaTrouble(error, brokers, topics));
			}
			for (const consumer of consumers) await endedSoon(consumer);
			if (this.#isEnding) break;
			await pause(this.#retryMs, undefined, { signal: this.#ending.signal }).catch(() => {});
			this.#retryMs = Math.min(lastRetryMs, 2 * this.#retryMs);
		}
	}

	/** Until something fails, or it is ended. What it has opened it puts into `consumers`. */
	async #read(consumers: KafkaConsumer[]): Promise<void> {
		const { topics, from } = this.#parts;
		const consumer = await this.#connect();
		consumers.push(consumer);
		const signal = this.#ending.signal;
		const timedOut = () => {
			throw new Error('no answer');
		};
		const offsetsAt = (timestamp: bigint) =>
			race(consumer.listOffsets({ topics: [...topics], timestamp }), { ms: connectMs, signal }, timedOut);
		if (from !== 'committed') {
			const ends = await offsetsAt(-1n);
			this.#ends = endsOf(ends);
			if (typeof from === 'object') this.#seek(ends, await offsetsAt(BigInt(from.sinceMs)));
			this.#parts.begins?.();
		}
		let failed: unknown = null;
		const opening = consumer
			.consume({
				topics: [...topics],
				...(typeof from === 'object'
					? { mode: 'manual', offsets: placesOf(this.#next) }
					: { mode: from === 'beginning' ? 'earliest' : 'committed', fallbackMode: 'earliest' }),
				autocommit: false,
			})
			.then((opened) =>
				// Heard from the first moment on, also when nobody waits for it any more: it would end the daemon.
				opened.on('error', (error) => {
					failed = error;
				}),
			);
		const stream = await race(opening, { ms: 3 * connectMs, signal }, timedOut);
		this.#reading();
		const messages = stream[Symbol.asyncIterator]();
		let next = messages.next();
		while (!this.#isEnding) {
			const batch: KafkaMessage[] = [];
			let bytes = 0;
			while (batch.length < batchMax && bytes < batchBytesMax) {
				const limit = batch.length === 0 ? { signal } : { ms: batchWaitMs, signal };
				const one = await race(next, limit, () => null);
				if (one === null) break;
				if (one.done === true) throw failed ?? new Error('it closed the connection');
				batch.push(one.value);
				bytes += one.value.value?.length ?? 0;
				next = messages.next();
			}
			if (batch.length > 0) await this.#take(batch);
		}
	}

	async #connect(): Promise<KafkaConsumer> {
		const { brokers, group, login } = this.#parts;
		const client = await import('@platformatic/kafka');
		readAllCodecs(client.compressionsAlgorithms);
		const consumer: KafkaConsumer = new client.Consumer({
			...(await login?.()),
			clientId: 'pingmachine',
			groupId: group,
			bootstrapBrokers: [...brokers],
			connectTimeout: connectMs,
			requestTimeout: answerMs,
			retries: 2,
			retryDelay: 200,
			autocreateTopics: false,
			autocommit: false,
			maxWaitTime: 250,
			maxBytes: 8 * fetchBytes,
			maxBytesPerPartition: fetchBytes,
			highWaterMark: batchMax,
			sessionTimeout: sessionMs,
			heartbeatInterval: 1000,
		});
		// What it says there the rejected promises say too.
		consumer.on('error', () => {});
		return consumer;
	}

	/** What is at its end already is not waited for. */
	#seek(ends: Offsets, starts: Offsets): void {
		const isFirst = this.#next.size === 0;
		for (const [topic, ofPartitions] of ends) {
			for (const [partition, end] of ofPartitions.entries()) {
				const place = `${topic}\0${partition}`;
				const found = starts.get(topic)?.[partition] ?? -1n;
				if (isFirst) this.#next.set(place, found < 0n ? end : found);
				if ((this.#next.get(place) ?? end) >= end) this.#ends?.delete(place);
			}
		}
	}

	/** How many messages lie before the end that was seen, about. */
	get left(): number {
		let left = 0n;
		for (const [place, end] of this.#ends ?? []) left += end - (this.#next.get(place) ?? end);
		return Number(left);
	}

	#reading(): void {
		this.#retryMs = firstRetryMs;
		this.#parts.told(null);
		this.#tellCaughtUp();
	}

	async #take(batch: readonly KafkaMessage[]): Promise<void> {
		await this.#parts.take(
			batch.map(({ topic, key, value, timestamp, headers }) => ({
				topic,
				key: key ?? null,
				value: value ?? null,
				timeMs: Number(timestamp),
				headers: Object.fromEntries([...(headers ?? [])].map(([name, text]) => [String(name), String(text)])),
			})),
		);
		const last = new Map<string, KafkaMessage>();
		for (const message of batch) last.set(`${message.topic}\0${message.partition}`, message);
		if (this.#parts.from !== 'committed') {
			for (const [place, { offset }] of last) {
				this.#next.set(place, offset + 1n);
				if (offset + 1n >= (this.#ends?.get(place) ?? 0n)) this.#ends?.delete(place);
			}
			this.#tellCaughtUp();
			return;
		}
		for (const message of last.values()) await message.commit();
	}

	#tellCaughtUp(): void {
		if (this.#ends === null || this.#ends.size > 0) return;
		this.#ends = null;
		this.#parts.caughtUp?.();
	}
}

type Offsets = ReadonlyMap<string, readonly bigint[]>;

function placesOf(next: ReadonlyMap<string, bigint>) {
	return [...next].map(([place, offset]) => {
		const [topic = '', partition] = place.split('\0');
		return { topic, partition: Number(partition), offset };
	});
}

/** Of those partitions that have anything at all. */
function endsOf(offsets: Offsets): Map<string, bigint> {
	const ends = new Map<string, bigint>();
	for (const [topic, ofPartitions] of offsets) {
		for (const [partition, end] of ofPartitions.entries()) {
			if (end > 0n) ends.set(`${topic}\0${partition}`, end);
		}
	}
	return ends;
}

async function endedSoon(consumer: KafkaConsumer): Promise<void> {
	const sockets = [...consumer.connections].map(([, connection]) => connection.socket);
	const closing = Promise.resolve(consumer.close(true)).catch(() => {});
	await race(closing, { ms: closeMs }, () => {});
	for (const socket of sockets) socket?.destroy();
}
