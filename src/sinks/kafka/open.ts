import { type Delivered, type OpenSink, SinkBusy, type SinkTools, type Verdict } from '../../model/sink.ts';
import { orAborted } from '../shared/network-errors.ts';
import { takingTurns } from '../shared/taking-turns.ts';
import { KafkaClient } from './client.ts';
import { kafkaError } from './errors.ts';
import { type Item, Lane, nextRequest } from './lanes.ts';
import { loginOf } from './login.ts';
import { type MessageMaker, messageMaker } from './messages.ts';
import { partitionOf } from './partition.ts';
import { describeDestination, type KafkaSettings } from './settings.ts';

/** Connects, and finds the topic. */
export async function openKafka(entry: KafkaSettings, tools: SinkTools): Promise<OpenSink> {
	const destination = describeDestination(entry);
	const login = await loginOf(entry);
	const client = await KafkaClient.connect(entry, login, tools).catch((error: unknown) => {
		throw kafkaError(error, entry, destination, true);
	});
	return new KafkaSink(client, entry, tools);
}

/** What a broker says of a part because of a message in it. */
const ofMessages: ReadonlySet<string> = new Set([
	'MESSAGE_TOO_LARGE',
	'RECORD_LIST_TOO_LARGE',
	'INVALID_TIMESTAMP',
	'INVALID_RECORD',
]);
/** So many refused and none taken: then it may not be the messages. */
const refusedMax = 10;

/** Writes request after request, of each partition in order; what a partition has taken is not written to it again. */
class KafkaSink implements OpenSink {
	readonly #client: KafkaClient;
	readonly #entry: KafkaSettings;
	readonly #destination: string;
	readonly #timeoutMs: number;
	readonly #makeMessage: MessageMaker;
	/** A part of the last batch could not be written. */
	#fault: Error | null = null;

	constructor(client: KafkaClient, entry: KafkaSettings, tools: SinkTools) {
		this.#client = client;
		this.#entry = entry;
		this.#destination = describeDestination(entry);
		this.#timeoutMs = tools.timeoutMs;
		this.#makeMessage = messageMaker(entry, tools.toJson);
	}

	async write(batch: readonly Delivered[], signal: AbortSignal): Promise<readonly Verdict[]> {
		if (this.#fault !== null) throw this.#fault;
		const waitMs = this.#client.throttledUntilMs - performance.now();
		if (waitMs > 0) throw new SinkBusy(`${this.#destination}: ${quotaWords(waitMs)}`, waitMs);
		return orAborted(this.#writeAll(batch), signal, `${this.#destination}: no answer`);
	}

	async close(): Promise<void> {
		this.#client.close();
	}

	async #writeAll(batch: readonly Delivered[]): Promise<readonly Verdict[]> {
		const verdicts = batch.map((): Verdict => 'later');
		const lanes = await this.#lanesOf(batch, verdicts);
		const endMs = performance.now() + this.#timeoutMs / 4;
		let fault: unknown = null;
		while (
			fault === null &&
			performance.now() < endMs &&
			this.#client.throttledUntilMs <= performance.now()
		) {
			const request = nextRequest(lanes);
			if (request.size === 0) break;
			fault = await this.#request(request, lanes, verdicts);
		}
		const error = fault === null ? null : kafkaError(fault, this.#entry, this.#destination);
		const taken = verdicts.filter((verdict) => verdict === 'taken').length;
		const refused = verdicts.find((verdict) => typeof verdict === 'object');
		if (taken > 0 || (refused !== undefined && error === null && !this.#refusesAll(verdicts))) {
			// What is left is written again after a pause, and that is said then.
			this.#fault = error;
			return verdicts;
		}
		throw (
			error ??
			new Error(
				typeof refused === 'object' && 'refused' in refused
					? refused.refused
					: `${this.#destination}: no answer`,
			)
		);
	}

	#refusesAll(verdicts: readonly Verdict[]): boolean {
		return verdicts.filter((verdict) => typeof verdict === 'object').length >= refusedMax;
	}

	/** By partition. What there is no message of is done with. */
	async #lanesOf(batch: readonly Delivered[], verdicts: Verdict[]): Promise<ReadonlyMap<number, Lane>> {
		const pause = takingTurns();
		const lanes = new Map<number, Lane>();
		const partitions = await this.#client.partitions().catch((error: unknown) => {
			throw kafkaError(error, this.#entry, this.#destination);
		});
		for (const [index, outcome] of batch.entries()) {
			const made = this.#makeMessage(outcome);
			if (made === null) verdicts[index] = 'taken';
			else {
				const partition = partitionOf(made.key, partitions);
				const lane = lanes.get(partition) ?? new Lane();
				lanes.set(partition, lane);
				lane.items.push({ index, message: { ...made, partition } });
			}
			await pause();
		}
		return lanes;
	}

	/** Returns why some of it could not be written, null when nothing stands in the way of going on. */
	async #request(
		request: ReadonlyMap<number, readonly Item[]>,
		lanes: ReadonlyMap<number, Lane>,
		verdicts: Verdict[],
	): Promise<unknown> {
		const messages = [...request.values()].flatMap((items) => items.map(({ message }) => message));
		const { taken, faults, error } = await this.#client.send(messages);
		let why: unknown = null;
		for (const [partition, items] of request) {
			const lane = lanes.get(partition);
			const fault = faults.get(partition);
			if (taken.has(partition)) {
				for (const { index } of items) verdicts[index] = 'taken';
				lane?.done();
			} else if (fault === undefined) why ??= error ?? new Error('no answer');
			else if (!ofMessages.has(fault)) why = { apiId: fault };
			else if (items.length > 1) lane?.halve();
			else {
				const { message } = kafkaError({ apiId: fault }, this.#entry, this.#destination);
				for (const { index } of items) verdicts[index] = { refused: message };
				lane?.done();
			}
		}
		return why;
	}
}

function quotaWords(waitMs: number): string {
	const seconds = Math.max(0.1, waitMs / 1000).toFixed(1);
	return `a quota holds us back, for ${seconds} s now. Raise producer_byte_rate or request_percentage of client_id: or its user`;
}
