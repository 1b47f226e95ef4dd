/** Reading topics of a real Kafka: nothing is missed, whatever happens on the way. */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
	type ReadMessage,
	TopicReader,
	type TopicReaderParts,
} from '../../../src/pops/kafka/topic-reader.ts';
import { Gate } from '../../support/kafka/gate.ts';
import { newTopic, type SharedKafka, sharedKafka } from '../../support/kafka/shared.ts';
import { waitFor } from '../../support/waiting.ts';

let server: SharedKafka;
beforeAll(async () => {
	server = await sharedKafka();
});
const readers: TopicReader[] = [];
afterEach(async () => {
	for (const reader of readers.splice(0)) await reader.close();
});

function write(topic: string, values: readonly string[], ...more: string[]): void {
	const args = ['-P', '-b', server.bootstrap, '-t', topic, '-K', '\t', ...more];
	execFileSync('kcat', args, { input: values.map((value) => `key\t${value}`).join('\n') });
}

function read(topic: string, parts: Partial<TopicReaderParts> = {}) {
	const values: string[] = [];
	const told: (string | null)[] = [];
	const reader = new TopicReader({
		...{ brokers: [server.bootstrap], topics: [topic], group: randomUUID(), from: 'committed' },
		take: async (messages: readonly ReadMessage[]) => {
			values.push(...messages.map(({ value }) => String(value)));
		},
		told: (problem) => void told.push(problem),
		...parts,
	});
	readers.push(reader);
	reader.start();
	return { reader, values, told };
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => `${from + at}`);

describe('topics', () => {
	test('are read whatever they are compressed by, and what was taken does not come again', async () => {
		const topic = await newTopic(server.bootstrap);
		const group = randomUUID();
		for (const [index, codec] of ['none', 'gzip', 'snappy', 'lz4', 'zstd'].entries())
			write(topic, numbers(20 * index, 20 * index + 20), '-z', codec);
		const first = read(topic, { group });
		await waitFor(
			() => first.values.length >= 100,
			() => `read ${first.values}, told ${first.told}`,
		);
		expect(first.values.sort((a, b) => Number(a) - Number(b))).toEqual(numbers(0, 100));
		await first.reader.close();
		write(topic, ['last']);
		const second = read(topic, { group });
		await waitFor(
			() => second.values.includes('last'),
			() => 'it did not come',
		);
		expect(second.values).toEqual(['last']);
		expect(first.told).toEqual([null]);
	});

	test('what was not taken comes again, and nothing behind it is passed over', async () => {
		const topic = await newTopic(server.bootstrap, { partitions: 1 });
		write(topic, numbers(0, 50));
		let isOut = true;
		const seen: string[] = [];
		const { told } = read(topic, {
			take: async (messages) => {
				if (isOut) {
					isOut = false;
					throw new Error('the disk is full');
				}
				seen.push(...messages.map(({ value }) => String(value)));
			},
		});
		await waitFor(
			() => seen.length >= 50,
			() => 'it did not come',
		);
		expect(seen).toEqual(numbers(0, 50));
		expect(told.some((problem) => problem?.includes('the disk is full'))).toBe(true);
	});

	test('go on after the way to the broker was cut', async () => {
		const { listensOn, isReachedOn } = server.via;
		const gate = await Gate.open({ port: isReachedOn, to: listensOn });
		const topic = await newTopic(server.bootstrap, { partitions: 1 });
		write(topic, ['before']);
		const { values, told } = read(topic, { brokers: [`127.0.0.1:${isReachedOn}`] });
		await waitFor(
			() => values.includes('before'),
			() => 'it did not come',
		);
		await gate.shut();
		await waitFor(
			() => told.at(-1) !== null,
			() => 'it did not come',
		);
		write(topic, ['meanwhile']);
		await gate.reopen(isReachedOn);
		await waitFor(
			() => values.includes('meanwhile'),
			() => 'it did not come',
		);
		expect(told[0]).toBeNull();
		expect(told.at(-1)).toBeNull();
		await readers.splice(0)[0]?.close();
		await gate.shut();
	});

	test('from the beginning at each start, and it is told when all that was there has come', async () => {
		const topic = await newTopic(server.bootstrap);
		write(topic, numbers(0, 30));
		const group = randomUUID();
		for (let start = 0; start < 2; start++) {
			let atCatchUp = -1;
			const { values, reader } = read(topic, {
				...{ from: 'beginning', group },
				caughtUp: () => {
					atCatchUp = values.length;
				},
			});
			await waitFor(
				() => atCatchUp >= 0,
				() => 'it did not come',
			);
			expect(atCatchUp).toBe(30);
			await reader.close();
		}
		let isTold = false;
		const empty = await newTopic(server.bootstrap);
		read(empty, {
			from: 'beginning',
			caughtUp: () => {
				isTold = true;
			},
		});
		await waitFor(
			() => isTold,
			() => 'it did not come',
		);
	});

	test('that are not there, and brokers that are not there, are told with the remedy', async () => {
		const missing = read(`none-${randomUUID()}`);
		const nobody = read('any', { brokers: ['127.0.0.1:1'] });
		await waitFor(
			() => missing.told.length > 0 && nobody.told.length > 0,
			() => 'it did not come',
		);
		expect(missing.told[0]).toMatch(/there is no topic none-.*Make it/);
		expect(nobody.told[0]).toBe(
			'kafka://127.0.0.1:1: connection refused. Start the broker, or correct brokers:',
		);
	});
});
