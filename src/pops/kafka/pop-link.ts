import { randomUUID } from 'node:crypto';
import type { Heartbeat } from '../heartbeat.ts';
import type { PopDesk, PopLink } from '../link.ts';
import { loginOf } from './login.ts';
import { NewsLog, type Taken } from './news-messages.ts';
import { type ReadMessage, TopicReader } from './topic-reader.ts';
import { TopicWriter } from './topic-writer.ts';
import { heartbeatsTopic, type LinkSettings, ordersTopic, popHeader } from './topics.ts';

/** The side of a point of presence, over Kafka: reads its topic from the beginning at each start, and follows it. */
export class KafkaPopLink implements PopLink {
	readonly name = 'kafka';
	readonly #settings: LinkSettings;
	readonly #pop: string;
	readonly #writer: TopicWriter;
	#reader: TopicReader | null = null;
	#log = new NewsLog();

	constructor(settings: LinkSettings, pop: string) {
		this.#settings = settings;
		this.#pop = pop;
		this.#writer = new TopicWriter(settings.brokers, () => loginOf(settings.login));
	}

	start(desk: PopDesk): void {
		const { prefix, brokers, login } = this.#settings;
		this.#reader = new TopicReader({
			brokers,
			login: () => loginOf(login),
			topics: [ordersTopic(this.#settings, this.#pop)],
			// Nobody shares it, and nothing is committed: all is read at each start.
			group: `${prefix}.${this.#pop}.${randomUUID()}`,
			from: 'beginning',
			begins: () => {
				this.#log = new NewsLog();
			},
			take: async (messages) => this.#take(desk, messages),
			told: (problem) => desk.reached(problem),
			caughtUp: () => this.#tell(desk, this.#log.caughtUp()),
		});
		this.#reader.start();
	}

	async heartbeat(beat: Heartbeat): Promise<void> {
		const topic = heartbeatsTopic(this.#settings, this.#pop);
		const headers = { [popHeader]: this.#pop };
		await this.#writer.write([{ topic, key: this.#pop, value: JSON.stringify(beat), headers }]);
	}

	async close(): Promise<void> {
		await Promise.all([this.#reader?.close(), this.#writer.close()]);
	}

	#take(desk: PopDesk, messages: readonly ReadMessage[]): void {
		for (const { key, value } of messages) {
			if (key !== null)
				this.#tell(desk, this.#log.take(key.toString(), value === null ? null : value.toString()));
		}
	}

	#tell(desk: PopDesk, taken: Taken | null): void {
		if (taken === null) return;
		desk.news(taken.envelopes, taken.isWhole);
		if (desk.seq !== 0 || taken.isWhole) return;
		// It misses something.
		const whole = this.#log.whole();
		if (whole !== null) desk.news(whole.envelopes, whole.isWhole);
	}
}
