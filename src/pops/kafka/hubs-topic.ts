import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { HubsTopic } from '../hubs/hubs.ts';
import { loginOf } from './login.ts';
import { TopicReader } from './topic-reader.ts';
import { TopicWriter } from './topic-writer.ts';
import { hubsTopic, type LinkSettings, makeHubsTopic } from './topics.ts';
import { kafkaTrouble } from './trouble.ts';

export interface KafkaHubsTopicOptions extends LinkSettings {
	/** Why nothing can be read or written, and null when it can be again. */
	told(problem: string | null): void;
	now?(): number;
}

const retryMs = 2000;

/** The topic in which hubs tell each other what they have: one partition, compacted. */
export class KafkaHubsTopic implements HubsTopic {
	readonly #options: KafkaHubsTopicOptions;
	readonly #topic: string;
	readonly #writer: TopicWriter;
	readonly #ending = new AbortController();
	#reader: TopicReader | null = null;
	#starting: Promise<void> = Promise.resolve();

	constructor(options: KafkaHubsTopicOptions) {
		this.#options = options;
		this.#topic = hubsTopic(options);
		this.#writer = new TopicWriter(options.brokers, () => loginOf(options.login));
	}

	start(heard: Parameters<HubsTopic['start']>[0]): void {
		this.#starting = this.#begin(heard);
	}

	write(messages: readonly { readonly key: string; readonly value: string | null }[]): Promise<void> {
		return this.#writer.write(messages.map((message) => ({ topic: this.#topic, ...message })));
	}

	async close(): Promise<void> {
		this.#ending.abort();
		await this.#starting;
		await Promise.all([this.#reader?.close(), this.#writer.close()]);
	}

	async #begin(heard: Parameters<HubsTopic['start']>[0]): Promise<void> {
		const { brokers, login, prefix, told, now = Date.now } = this.#options;
		const { signal } = this.#ending;
		for (let isMade = false; !isMade && !signal.aborted; ) {
			try {
				await makeHubsTopic(this.#options);
				isMade = true;
			} catch (error) {
				told(kafkaTrouble(error, brokers, [this.#topic]));
				await pause(retryMs, undefined, { signal }).catch(() => {});
			}
		}
		if (signal.aborted) return;
		this.#reader = new TopicReader({
			...{
				brokers,
				topics: [this.#topic],
				group: `${prefix}.hub.${randomUUID()}`,
				from: 'beginning' as const,
			},
			...{ told, login: () => loginOf(login), begins: heard.begins, caughtUp: heard.caughtUp },
			take: async (messages) => {
				for (const { value, timeMs } of messages)
					if (value !== null) heard.record(value.toString(), now() - timeMs);
			},
		});
		this.#reader.start();
	}
}
