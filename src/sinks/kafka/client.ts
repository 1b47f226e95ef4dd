import { type MessageToProduce, Producer, protocolErrorsCodesById } from '@platformatic/kafka';
import { race } from '../../model/race.ts';
import type { SinkTools } from '../../model/sink.ts';
import { partsOf } from './errors.ts';
import type { Login } from './login.ts';
import { type KafkaSettings, topicOf } from './settings.ts';
import { onThrottled } from './throttle.ts';

export interface Message {
	readonly key: Buffer;
	readonly value: Buffer;
	readonly partition: number;
	/** Milliseconds since the epoch. */
	readonly timeMs: number;
}

/** What became of a request. */
export interface Sent {
	/** Partitions that have all that they were given. */
	readonly taken: ReadonlySet<number>;
	/** Kafka's name of what is wrong, where a broker said it of a partition. */
	readonly faults: ReadonlyMap<number, string>;
	/** Null when all was taken. */
	readonly error: unknown;
}

/**
 * Connections to the brokers that hold a topic. After a request has failed it is to be thrown away: only a new one finds
 * a new leader, and what the old one has under way must not get between later requests.
 */
export class KafkaClient {
	/** Until when a quota holds us back, by `performance.now()`. */
	throttledUntilMs = 0;
	readonly #producer: Producer<Buffer, Buffer, Buffer, Buffer>;
	readonly #topic: string;
	readonly #compression: KafkaSettings['compression'];
	readonly #headers: Map<Buffer, Buffer>;
	readonly #endListening: () => void;

	private constructor(entry: KafkaSettings, login: Login, broker: string, timeoutMs: number) {
		this.#topic = topicOf(entry);
		this.#compression = entry.compression;
		this.#headers = new Map(
			Object.entries(entry.headers).map(([name, value]) => [Buffer.from(name), Buffer.from(value)]),
		);
		this.#producer = new Producer<Buffer, Buffer, Buffer, Buffer>({
			...login,
			clientId: entry.client_id,
			bootstrapBrokers: [broker],
			connectTimeout: timeoutMs,
			requestTimeout: timeoutMs,
			timeout: timeoutMs,
			metadataMaxAge: 60_000,
			maxInflights: 1,
			autocreateTopics: false,
			// Its own would make a batch twice, and always ask the same broker; idempotent, it loses what comes after a failure.
			idempotent: false,
			retries: 0,
			repeatOnStaleMetadata: false,
		});
		// What it says there the rejected promises say too.
		this.#producer.on('error', () => {});
		this.#producer.connections.on('connecting', ({ connection }) => connection.on('error', () => {}));
		this.#endListening = onThrottled(this.#producer.instanceId, (ms) => {
			this.throttledUntilMs = Math.max(this.throttledUntilMs, performance.now() + ms);
		});
	}

	/** Connects to one of the brokers, and reads where the topic is. Tries each, for one that hangs must not hold us up. */
	static async connect(
		entry: KafkaSettings,
		login: Login,
		{ timeoutMs, signal }: SinkTools,
	): Promise<KafkaClient> {
		const brokers = shuffled(entry.brokers);
		const eachMs = (0.9 * timeoutMs) / brokers.length;
		const troubles: unknown[] = [];
		for (const broker of brokers) {
			const client = new KafkaClient(entry, { ...login }, broker, 0.6 * timeoutMs);
			try {
				await race(client.partitions(), { ms: eachMs, signal }, () => {
					throw new Error('no answer');
				});
				return client;
			} catch (error) {
				client.close();
				troubles.push(error);
				if (signal.aborted) break;
			}
		}
		// What a broker said tells more than that another does not answer.
		const said = troubles.find((error) => [...partsOf(error)].some(({ apiId }) => apiId !== undefined));
		throw said ?? troubles[0];
	}

	/** How many the topic has. Asks now and then only. */
	async partitions(): Promise<number> {
		const { topics } = await this.#producer.metadata({ topics: [this.#topic] });
		return topics.get(this.#topic)?.partitionsCount ?? 1;
	}

	/** Resolves when all brokers concerned have answered, or will not. */
	async send(messages: readonly Message[]): Promise<Sent> {
		const records = messages.map(
			({ key, value, partition, timeMs }): MessageToProduce<Buffer, Buffer, Buffer, Buffer> => ({
				topic: this.#topic,
				key,
				value,
				partition,
				timestamp: BigInt(timeMs),
				headers: this.#headers,
			}),
		);
		try {
			await this.#producer.send({ messages: records, acks: -1, compression: this.#compression });
			return { taken: new Set(messages.map(({ partition }) => partition)), faults: new Map(), error: null };
		} catch (error) {
			return { ...answersIn(error), error };
		}
	}

	/** At once, whatever the other end does. */
	close(): void {
		this.#endListening();
		const sockets = [...this.#producer.connections].map(([, connection]) => connection.socket);
		this.#producer.close().catch(() => {});
		for (const socket of sockets) socket?.destroy();
	}
}

interface Answer {
	readonly responses?: readonly {
		readonly partitionResponses?: readonly { readonly index: number; readonly errorCode: number }[];
	}[];
}

/** Some brokers may have taken their part all the same. */
function answersIn(error: unknown): Omit<Sent, 'error'> {
	const taken = new Set<number>();
	const faults = new Map<number, string>();
	for (const part of partsOf(error)) {
		const { produced, response } = part as {
			readonly produced?: { readonly offsets?: readonly { readonly partition: number }[] };
			readonly response?: Answer;
		};
		for (const { partition } of produced?.offsets ?? []) taken.add(partition);
		for (const { partitionResponses = [] } of response?.responses ?? []) {
			for (const { index, errorCode } of partitionResponses) {
				if (errorCode === 0) taken.add(index);
				else faults.set(index, protocolErrorsCodesById[errorCode] ?? String(errorCode));
			}
		}
	}
	return { taken, faults };
}

function shuffled<T>(list: readonly T[]): T[] {
	const keyed = list.map((one) => ({ one, at: Math.random() }));
	return keyed.sort((a, b) => a.at - b.at).map(({ one }) => one);
}
