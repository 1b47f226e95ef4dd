import { setTimeout as pause } from 'node:timers/promises';
import type { HubDesk, HubLink } from '../link.ts';
import { loginOf } from './login.ts';
import { newsMessages } from './news-messages.ts';
import { resultJson } from './result-json.ts';
import { type ReadMessage, TopicReader } from './topic-reader.ts';
import { TopicWriter } from './topic-writer.ts';
import {
	heartbeatsTopic,
	type LinkSettings,
	makeTopics,
	ordersTopic,
	popHeader,
	resultsTopic,
} from './topics.ts';
import { kafkaTrouble } from './trouble.ts';

export interface KafkaHubOptions extends LinkSettings {
	/** As which Kafka knows this hub: each hub reads all results. */
	readonly group: string;
	/** Whether it is we who tell points of presence, and not another hub; left out: we do. */
	mayTell?(): boolean;
	/** Why nothing can be read or written, and null when it can be again. */
	told(problem: string | null): void;
	now?(): number;
}

/** Lists are signed anew when a part of their time is over: it is looked whether there is one. */
const refreshMs = 60_000;
const retryMs = 2000;
/** A heartbeat that waited for longer says nothing of now. */
const freshMs = 30_000;

/** The hub's side, over Kafka: a compacted topic of orders for each point of presence, and what they write. */
export class KafkaHubLink implements HubLink {
	readonly name = 'kafka';
	readonly #options: KafkaHubOptions;
	readonly #writer: TopicWriter;
	readonly #ending = new AbortController();
	/** By point of presence the number up to which it was told; 0: nothing yet in this run. */
	readonly #told = new Map<string, number>();
	readonly #waiting = new Set<string>();
	#desk: HubDesk | null = null;
	#reader: TopicReader | null = null;
	#readOf = '';
	#publishing: Promise<void> | null = null;
	#refresh: NodeJS.Timeout | null = null;

	constructor(options: KafkaHubOptions) {
		this.#options = options;
		this.#writer = new TopicWriter(options.brokers, () => loginOf(options.login));
	}

	async start(desk: HubDesk): Promise<void> {
		this.#desk = desk;
		this.#refresh = setInterval(() => {
			for (const pop of this.#told.keys()) this.published(pop);
		}, refreshMs);
	}

	published(pop: string): void {
		this.#waiting.add(pop);
		this.#publishing ??= this.#publishAll().finally(() => {
			this.#publishing = null;
			if (this.#waiting.size > 0 && !this.#ending.signal.aborted)
				for (const one of this.#waiting) this.published(one);
		});
	}

	/** Its orders end, and then nothing is read of it. */
	removed(pop: string): void {
		this.published(pop);
	}

	async close(): Promise<void> {
		this.#ending.abort();
		if (this.#refresh !== null) clearInterval(this.#refresh);
		await this.#publishing;
		await Promise.all([this.#reader?.close(), this.#writer.close()]);
	}

	async #publishAll(): Promise<void> {
		// What comes at once is written at once.
		await pause(50);
		while (this.#waiting.size > 0 && !this.#ending.signal.aborted) {
			const [pop = ''] = this.#waiting;
			this.#waiting.delete(pop);
			try {
				await this.#publish(pop);
			} catch (error) {
				this.#waiting.add(pop);
				const { brokers, told } = this.#options;
				told(kafkaTrouble(error, brokers, [ordersTopic(this.#options, pop)]));
				await pause(retryMs, undefined, { signal: this.#ending.signal }).catch(() => {});
			}
		}
	}

	async #publish(pop: string): Promise<void> {
		if (this.#desk === null) return;
		if (!this.#told.has(pop)) {
			await makeTopics(this.#options, pop);
			this.#told.set(pop, 0);
			await this.#readAll();
		}
		const desk = this.#desk;
		if (this.#options.mayTell?.() === false) {
			// Who tells later tells all.
			this.#told.set(pop, 0);
			if (desk.isKnown(pop)) return;
			this.#told.delete(pop);
			await this.#readAll();
			return;
		}
		const { isWhole, news } = desk.newsFor(pop, this.#told.get(pop) ?? 0);
		const last = news.at(-1);
		if (last === undefined) return;
		const topic = ordersTopic(this.#options, pop);
		await this.#writer.write(newsMessages(news, isWhole).map((message) => ({ topic, ...message })));
		this.#told.set(pop, seqOf(last.body));
		if (desk.isKnown(pop)) return;
		this.#told.delete(pop);
		await this.#readAll();
	}

	/** Of all points of presence there are: a new one is read with the others. */
	async #readAll(): Promise<void> {
		const pops = [...this.#told.keys()];
		const topics = [
			...new Set(
				pops.flatMap((pop) => [resultsTopic(this.#options, pop), heartbeatsTopic(this.#options, pop)]),
			),
		].sort();
		if (topics.join() === this.#readOf) return;
		this.#readOf = topics.join();
		await this.#reader?.close();
		this.#reader = null;
		if (topics.length === 0) return;
		const { brokers, group, told, login } = this.#options;
		this.#reader = new TopicReader({
			...{ brokers, topics, group, from: 'committed' as const, told },
			login: () => loginOf(login),
			take: (messages) => this.#take(messages),
		});
		this.#reader.start();
	}

	async #take(messages: readonly ReadMessage[]): Promise<void> {
		const desk = this.#desk;
		if (desk === null) throw new Error('not begun yet');
		const byPop = new Map<string, unknown[]>();
		for (const message of messages) {
			const said = this.#writerOf(message);
			if (said === null || message.value === null) continue;
			const json = resultJson(message.value);
			if (said.isHeartbeat) {
				const isFresh = (this.#options.now ?? Date.now)() - message.timeMs < freshMs;
				if (isFresh) desk.heartbeat(said.pop, json);
			} else {
				const list = byPop.get(said.pop) ?? [];
				byPop.set(said.pop, list);
				list.push(json);
			}
		}
		for (const [pop, list] of byPop) {
			// The hub does not know its orders yet: it comes again.
			if ((await desk.outcomes(pop, list)) === null) throw new Error('the hub has just begun');
		}
	}

	/** By its topic, which it alone may write to, or by what it says in a topic for all. */
	#writerOf({ topic, headers }: ReadMessage): { readonly pop: string; readonly isHeartbeat: boolean } | null {
		for (const pop of this.#told.keys()) {
			if (this.#options.results === 'shared' && headers[popHeader] !== pop) continue;
			if (topic === resultsTopic(this.#options, pop)) return { pop, isHeartbeat: false };
			if (topic === heartbeatsTopic(this.#options, pop)) return { pop, isHeartbeat: true };
		}
		return null;
	}
}

function seqOf(body: string): number {
	return Number((JSON.parse(body) as { readonly seq: number }).seq);
}
