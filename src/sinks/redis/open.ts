import { ErrorReply } from '@redis/client';
import type { Measured } from '../../model/outcome.ts';
import type { Delivered, OpenSink, SinkTools, Verdict } from '../../model/sink.ts';
import { networkError, orAborted } from '../shared/network-errors.ts';
import { takingTurns } from '../shared/taking-turns.ts';
import { connect, end, type RedisClient, redisError } from './connection.ts';
import { type Layout, layoutOf } from './layouts.ts';
import { describeDestination, type RedisSettings } from './settings.ts';

/** Connects. Reads the files with secrets anew, so that they can be changed. */
export async function openRedis(settings: RedisSettings, tools: SinkTools): Promise<OpenSink> {
	const destination = describeDestination(settings);
	const client = await connect(settings, tools, destination);
	return new RedisSink(client, layoutOf(settings, Date.now, tools.facts), destination);
}

/** Sends the commands of a batch without waiting between them, and has an answer to each. */
class RedisSink implements OpenSink {
	readonly #client: RedisClient;
	readonly #layout: Layout;
	readonly #destination: string;

	constructor(client: RedisClient, layout: Layout, destination: string) {
		this.#client = client;
		this.#layout = layout;
		this.#destination = destination;
	}

	async write(batch: readonly Delivered[], signal: AbortSignal): Promise<readonly Verdict[]> {
		return orAborted(this.#writeAll(batch), signal, `${this.#destination}: no answer`);
	}

	async close(): Promise<void> {
		end(this.#client);
	}

	async #writeAll(batch: readonly Delivered[]): Promise<readonly Verdict[]> {
		const pause = takingTurns();
		const outcomes = batch.filter((outcome) => outcome.kind === 'measured');
		try {
			await this.#layout.prepare?.(outcomes, (words) => this.#client.sendCommand([...words]));
		} catch (error) {
			throw redisError(error, this.#destination);
		}
		const answers: Promise<Verdict>[] = [];
		for (const outcome of outcomes) {
			const answer = this.#write(outcome);
			// It is waited for in the end.
			answer.catch(() => {});
			answers.push(answer);
			await pause();
		}
		return Promise.all(answers);
	}

	async #write(outcome: Measured): Promise<Verdict> {
		const commands = this.#layout.commands(outcome);
		const answers = await Promise.allSettled(commands.map((words) => this.#client.sendCommand([...words])));
		for (const answer of answers) {
			if (answer.status === 'fulfilled') continue;
			const { reason } = answer;
			if (!(reason instanceof ErrorReply)) throw networkError(reason, this.#destination);
			const fault = redisError(reason, this.#destination);
			// What it knows of the keys is not what is there: it is read anew with the next connection.
			if (this.#layout.prepare !== undefined) throw fault;
			const { message } = fault;
			return reason.message.startsWith('WRONGTYPE') ? { refused: message } : { again: message };
		}
		return 'taken';
	}
}
