import { parentPort, workerData } from 'node:worker_threads';
import { nameThread } from '../../host/thread-name.ts';
import { loginOf } from '../kafka/login.ts';
import { type ReadMessage, TopicReader } from '../kafka/topic-reader.ts';
import { type CanaryReading, readCanaryMessage } from './canary-message.ts';
import type { CanaryReport, CanaryRequest, CanaryWorkerData } from './canary-messages.ts';

if (parentPort === null) throw new Error('canaries-worker is to be run as a worker thread');
const port = parentPort;
nameThread('canaries');
const { brokers, topic, login, group } = workerData as CanaryWorkerData;

const report = (one: CanaryReport) => port.postMessage(one);
const waiting = new Map<number, () => void>();
let last = 0;

/** What is taken is committed, and a kill before that brings it again. */
async function take(messages: readonly ReadMessage[]): Promise<void> {
	const readings: CanaryReading[] = [];
	let broken = 0;
	for (const { value } of messages) {
		const reading = value === null ? null : readCanaryMessage(value);
		if (reading === null) broken++;
		else readings.push(reading);
	}
	const number = ++last;
	await new Promise<void>((resolve) => {
		waiting.set(number, resolve);
		report({ about: 'readings', number, readings, broken });
	});
}

const reader = new TopicReader({
	...{ brokers, topics: [topic], group, from: 'committed' as const, take },
	login: () => loginOf(login),
	told: (problem) => report({ about: 'reached', problem }),
});

port.on('message', (request: CanaryRequest) => {
	if (request.verb === 'taken') {
		waiting.get(request.number)?.();
		waiting.delete(request.number);
		return;
	}
	// What was not taken is not committed: it comes again.
	void reader.close().then(() => {
		report({ about: 'closed' });
		port.close();
	});
});
reader.start();
