/** What the messages are, without a broker: golden files, keys and the partitions of Java's clients. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { outcomeFromJson, outcomeToJson } from '../../../src/outcomes/outcome-json.ts';
import { canaryResult } from '../../../src/sinks/kafka/canary.ts';
import { hopsOf } from '../../../src/sinks/kafka/canary-hops.ts';
import { kafka } from '../../../src/sinks/kafka/index.ts';
import { messageMaker } from '../../../src/sinks/kafka/messages.ts';
import { murmur2, partitionOf } from '../../../src/sinks/kafka/partition.ts';
import { readTopic } from '../../support/kafka/broker.ts';
import { newTopic, sharedKafka } from '../../support/kafka/shared.ts';
import { outcomes } from './outcomes.ts';

const golden = (name: string) =>
	readFileSync(new URL(`../../../fixtures/sinks/kafka/${name}.json`, import.meta.url), 'utf8');

test('pingmachine: the messages are those of the golden file, and tell the outcome without loss', () => {
	const make = messageMaker({ format: 'pingmachine' }, outcomeToJson);
	const values = outcomes.map((outcome) => make(outcome)?.value.toString() ?? '');
	expect(values.map((value) => `${value}\n`).join('')).toBe(golden('pingmachine'));
	expect(values.map((value) => outcomeFromJson(JSON.parse(value)))).toEqual(outcomes);
	for (const outcome of outcomes) {
		expect(make(outcome)).toMatchObject({
			key: Buffer.from(outcome.order.id),
			timeMs: outcome.slot.startSeconds * 1000,
		});
	}
});

test('canary: the messages are those of the golden file; of other probes there is none', () => {
	const values = outcomes.map((outcome) => canaryResult(outcome, 'host-1'));
	const lines = values.flatMap((value) => (value === null ? [] : [`${JSON.stringify(value)}\n`]));
	expect(lines.join('')).toBe(golden('canary'));
	expect(values.at(-1)).toBeNull();
	const entry = kafka.settings.parse({ brokers: 'a:1', format: 'canary' });
	const taken = outcomes.filter(({ order }) => kafka.takes?.(order, entry));
	expect(taken).toEqual(outcomes.slice(0, -1));
	const every = kafka.settings.parse({ brokers: 'a:1' });
	expect(outcomes.every(({ order }) => kafka.takes?.(order, every))).toBe(true);
});

test('hops of a path that is odd are hops all the same', () => {
	expect(hopsOf(undefined)).toEqual([]);
	expect(hopsOf('192.0.2.1')).toEqual([]);
	expect(hopsOf(['', 'a loss=x/y rtt=', 'b rtt=1', 'c loss=1/0', '*', '1-ff00:0:110#2'])).toEqual([
		{ ttl: 1, address: null, rtt_ms: null, loss_percent: null },
		{ ttl: 2, address: 'a', rtt_ms: null, loss_percent: null },
		{ ttl: 3, address: 'b', rtt_ms: null, loss_percent: null },
		{ ttl: 4, address: 'c', rtt_ms: null, loss_percent: null },
		{ ttl: 5, address: null, rtt_ms: null, loss_percent: null },
		{ ttl: 6, address: '1-ff00:0:110#2', rtt_ms: null, loss_percent: null },
	]);
});

describe('partitions', () => {
	test.each([
		['21', -973_932_308],
		['foobar', -790_332_482],
		['a-little-bit-long-string', -985_981_536],
		['a-little-bit-longer-string', -1_486_304_829],
		['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58_897_971],
		['abc', 479_470_107],
	])('the hash of %s is that of Kafka', (key, hash) => {
		expect(murmur2(Buffer.from(key))).toBe(hash);
	});

	test('any key has one of them, at once', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 5000 }), fc.integer({ min: 1, max: 1000 }), (key, count) => {
				const partition = partitionOf(Buffer.from(key), count);
				expect(partition).toBeGreaterThanOrEqual(0);
				expect(partition).toBeLessThan(count);
			}),
		);
	});

	test('they are where another client that does as Java does puts them', async () => {
		const { bootstrap } = await sharedKafka();
		const topic = await newTopic(bootstrap, { partitions: 7 });
		const ids = Array.from(
			{ length: 200 },
			(_, index) => `user${index % 9}/${'é'.repeat(index % 5)}order-${index}`,
		);
		const args = ['-P', '-b', bootstrap, '-t', topic, '-K', '\t', '-X', 'topic.partitioner=murmur2'];
		execFileSync('kcat', args, { input: ids.map((id) => `${id}\tx`).join('\n') });
		const read = await readTopic(bootstrap, topic);
		expect(read).toHaveLength(200);
		for (const { key, partition } of read) expect(partitionOf(Buffer.from(key), 7), key).toBe(partition);
	});
});
