import type { Producer } from '@platformatic/kafka';
import type { Login } from './login.ts';

/** A message on its way. */
export interface ToWrite {
	readonly topic: string;
	readonly key: string;
	/** Null: what has this key is no more. */
	readonly value: string | null;
	/** Whose it is, in a topic that many write to. */
	readonly headers?: Readonly<Record<string, string>>;
}

const timeoutMs = 10_000;
const batchMax = 1000;

/**
 * Writes messages to the first partition of their topics, in their order, each at least once. After a failure the
 * connection is thrown away: only a new one finds a new leader.
 */
export class TopicWriter {
	readonly #brokers: readonly string[];
	readonly #login: () => Promise<Login>;
	#producer: Producer<Buffer, Buffer, Buffer, Buffer> | null = null;
	/** One after the other. */
	#last: Promise<unknown> = Promise.resolve();

	constructor(brokers: readonly string[], login: () => Promise<Login> = async () => ({})) {
		this.#brokers = brokers;
		this.#login = login;
	}

	/** Resolves when all are confirmed by all brokers that hold them. When it rejects some may be there all the same. */
	write(messages: readonly ToWrite[]): Promise<void> {
		const written = this.#last.then(() => this.#writeAll(messages));
		this.#last = written.catch(() => {});
		return written;
	}

	async close(): Promise<void> {
		this.#drop();
	}

	async #writeAll(messages: readonly ToWrite[]): Promise<void> {
		try {
			this.#producer ??= await this.#connect(await this.#login());
			for (let at = 0; at < messages.length; at += batchMax) {
				const part = messages.slice(at, at + batchMax);
				await this.#producer.send({ messages: part.map(toProduce), acks: -1 });
			}
		} catch (error) {
			this.#drop();
			throw error;
		}
	}

	async #connect(login: Login): Promise<Producer<Buffer, Buffer, Buffer, Buffer>> {
		// Loaded by those that have a link over Kafka: it takes as long as all the rest.
		const { Producer: KafkaProducer } = await import('@platformatic/kafka');
		const producer = new KafkaProducer<Buffer, Buffer, Buffer, Buffer>({
			...login,
			clientId: 'pingmachine',
			bootstrapBrokers: [...this.#brokers],
			connectTimeout: timeoutMs,
			requestTimeout: timeoutMs,
			timeout: timeoutMs,
			maxInflights: 1,
			autocreateTopics: false,
			// Idempotent, it loses what comes after a failure.
			idempotent: false,
			retries: 0,
			repeatOnStaleMetadata: false,
		});
		// What it says there the rejected promises say too.
		producer.on('error', () => {});
		producer.connections.on('connecting', ({ connection }) => connection.on('error', () => {}));
		return producer;
	}

	#drop(): void {
		const producer = this.#producer;
		this.#producer = null;
		if (producer === null) return;
		const sockets = [...producer.connections].map(([, connection]) => connection.socket);
		producer.close().catch(() => {});
		for (const socket of sockets) socket?.destroy();
	}
}

function toProduce({ topic, key, value, headers = {} }: ToWrite) {
	return {
		topic,
		key: Buffer.from(key),
		...(value === null ? {} : { value: Buffer.from(value) }),
		partition: 0,
		headers: new Map(Object.entries(headers).map(([name, text]) => [Buffer.from(name), Buffer.from(text)])),
	};
}
