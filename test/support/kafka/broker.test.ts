/** The broker that tests share: it takes messages on each of its ways in, and kcat reads them. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { readTopic } from './broker.ts';
import { newTopic, sharedKafka } from './shared.ts';

test('what kcat writes is there, of each key in order', async () => {
	const kafka = await sharedKafka();
	const topic = await newTopic(kafka.bootstrap);
	const lines = Array.from({ length: 20 }, (_, index) => `key-${index % 4}\tvalue ${index}`);
	execFileSync('kcat', ['-P', '-b', kafka.bootstrap, '-t', topic, '-K', '\t'], { input: lines.join('\n') });
	const read = await readTopic(kafka.bootstrap, topic);
	expect(read.map(({ key, value }) => `${key}\t${value}`).sort()).toEqual(lines.sort());
	for (const wanted of ['key-0', 'key-1', 'key-2', 'key-3']) {
		const numbers = read.filter(({ key }) => key === wanted).map(({ value }) => Number(value.split(' ')[1]));
		expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
	}
});
