/** Events over HTTP, of a daemon's socket whose stream is ours. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { readWebSetting } from '../../../src/config/web-setting.ts';
import { openQuestionSocket, type QuestionSocket } from '../../../src/memory/question-socket.ts';
import type { Order } from '../../../src/model/order.ts';
import { identityOf, measured } from '../../../src/model/outcome.ts';
import { OutcomeStream } from '../../../src/outcomes/stream.ts';
import { readOrder } from '../../../src/reading/order.ts';
import { type RunningWeb, serveWeb } from '../../../src/web/serve.ts';
import { cannedDaemon, cannedQuestions } from '../../support/canned-questions.ts';
import { patient } from '../../support/web-daemon.ts';

let baseDir: string;
let stream: OutcomeStream;
let socket: QuestionSocket;
let web: RunningWeb;

beforeEach(async () => {
	baseDir = mkdtempSync(join(tmpdir(), 'pingmachine-'));
	mkdirSync(join(baseDir, 'orders'));
	stream = new OutcomeStream((_name, error) => {
		throw error;
	});
	socket = await openQuestionSocket(baseDir, cannedQuestions(cannedDaemon(0), {}, undefined, stream));
	const settings = readWebSetting({ listen: '127.0.0.1:0' });
	if ('findings' in settings) throw new Error('settings');
	const log = { error: () => {}, warn: () => {}, info: () => {} };
	web = await serveWeb({
		...{ baseDir, version: '0', settings: settings.value, probes: builtInProbes, log },
		...{ isAlone: false, explain: async () => null },
	});
});
afterEach(() => {
	web.close();
	socket.close();
	rmSync(baseDir, { recursive: true, force: true });
});

function orderOf(id: string): Order {
	const text = JSON.stringify({ user: 'me', step: 60, pings: 2, probe: 'icmp', icmp: { host: '192.0.2.7' } });
	const read = readOrder(id, text, builtInProbes);
	if (!('order' in read)) throw new Error(JSON.stringify(read));
	return read.order;
}

const url = (path: string) => `${web.addresses[0]}/api/v1/${path}`;

async function untilKnown(count: number): Promise<void> {
	const known = async () =>
		((await (await fetch(url('orders'))).json()) as { orders: object[] }).orders.length;
	await expect.poll(known, patient).toBe(count);
}

test('pings of one order are told before its job is over, those of others are not', async () => {
	const [a, b] = [orderOf('a'), orderOf('b')];
	for (const order of [a, b]) stream.changed(order);
	await untilKnown(2);
	let heard = '';
	const asking = get(url('events?early=a&about=early'), (response) => {
		response.setEncoding('utf8').on('data', (text: string) => {
			heard += text;
		});
	});
	const slot = { startSeconds: 1_795_240_800, stepSeconds: 60 };
	const tell = () => {
		for (const order of [b, a])
			stream.early({
				...{ order: identityOf(order), slot, pings: 2 },
				early: [{ index: 0, sentAtSeconds: slot.startSeconds + 1, rttSeconds: 0.02 }],
			});
		return heard;
	};
	await expect
		.poll(tell, patient)
		.toContain('event: early\ndata: {"id":"a","slot":1795240800,"step":60,"pings":2');
	expect(heard).not.toContain('"id":"b"');
	asking.destroy();
});

test('a listener that does not read holds nobody up, and is told that it missed something', async () => {
	const order = orderOf('a');
	stream.changed(order);
	await untilKnown(1);
	let heard: string | null = null;
	let rest = '';
	const asking = get(url('events'), (response) => {
		response.pause();
		response.setEncoding('utf8').on('data', (text: string) => {
			rest = (rest + text).slice(-200_000);
			const [missed] = /event: missed\ndata: \{"ids":\["a"\],"count":\d+\}/.exec(rest) ?? [];
			heard ??= missed ?? null;
		});
		response.pause();
		asking.emit('paused', response);
	});
	const response = await new Promise<NodeJS.ReadableStream>((resolve) => asking.on('paused', resolve));
	let at = 0;
	const more = async () => {
		for (let n = 0; n < 5000; n++) {
			const slot = { startSeconds: 60 * ++at, stepSeconds: 60 };
			stream.outcomes([measured(identityOf(order), slot, 2, [{ sentAtSeconds: 60 * at, rttSeconds: 0.02 }])]);
			if (n % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
		}
	};
	const last = async () => {
		const { orders } = (await (await fetch(url('orders'))).json()) as {
			orders: { last: { time: number } }[];
		};
		return orders[0]?.last?.time ?? 0;
	};
	// Others hear it all the while.
	for (let round = 0; round < 20; round++) {
		await more();
		await expect.poll(last, patient).toBe(60 * at);
	}
	response.resume();
	await expect.poll(() => heard, patient).not.toBeNull();
	asking.destroy();
}, 120_000);
