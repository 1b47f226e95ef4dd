/** The stream from the daemon's process to another one, through the real socket. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { type ClientRequest, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { builtInProbes } from '../../../probes/index.ts';
import { openQuestionSocket, type QuestionSocket } from '../../../src/memory/question-socket.ts';
import type { Order } from '../../../src/model/order.ts';
import { identityOf, measured, notMeasured } from '../../../src/model/outcome.ts';
import { eventOfLine, lineOfEvent, lineOfPacked, type ToldEvent } from '../../../src/outcomes/event-json.ts';
import { packOutcomes } from '../../../src/outcomes/packed.ts';
import { OutcomeStream } from '../../../src/outcomes/stream.ts';
import { readOrder } from '../../../src/reading/order.ts';
import { FeedClient, type FeedOptions } from '../../../src/web/feed/feed-client.ts';
import { cannedDaemon, cannedQuestions } from '../../support/canned-questions.ts';

const slot = { startSeconds: 1_795_240_800, stepSeconds: 60 };

function orderOf(id: string, user = 'me'): Order {
	const text = JSON.stringify({ user, step: 60, pings: 2, probe: 'icmp', icmp: { host: '192.0.2.7' } });
	const read = readOrder(id, text, builtInProbes);
	if (!('order' in read)) throw new Error(JSON.stringify(read));
	return read.order;
}

const outcomeOf = (order: Order, at = 0) =>
	measured(identityOf(order), { ...slot, startSeconds: slot.startSeconds + 60 * at }, 2, [
		{ sentAtSeconds: slot.startSeconds + 0.5, rttSeconds: 0.02 },
		{ sentAtSeconds: slot.startSeconds + 1.5, rttSeconds: null },
	]);

let baseDir: string;
let stream: OutcomeStream;
let socket: QuestionSocket | null;
let clients: FeedClient[];
let listening: ClientRequest[];
beforeEach(async () => {
	baseDir = mkdtempSync(join(tmpdir(), 'pingmachine-'));
	mkdirSync(join(baseDir, 'orders'));
	clients = [];
	listening = [];
	await startDaemon();
});
afterEach(() => {
	for (const client of clients) client.close();
	for (const one of listening) one.destroy();
	socket?.close();
	rmSync(baseDir, { recursive: true, force: true });
});

async function startDaemon(): Promise<void> {
	stream = new OutcomeStream((_name, error) => {
		throw error;
	});
	const questions = cannedQuestions(cannedDaemon(0), {}, undefined, stream);
	socket = await openQuestionSocket(baseDir, questions);
}

function listen(options: Partial<FeedOptions> = {}) {
	const heard: ToldEvent[] = [];
	const told: (string[] | string | null)[] = [];
	const client = new FeedClient(
		{ baseDir, ...options },
		{
			event: (event) => heard.push(event),
			complete: (ids) => told.push([...ids].sort()),
			silent: (why) => told.push(why),
		},
	);
	clients.push(client);
	return { heard, told, client };
}

/** What is told there, from the first two lines on. */
async function linesOf(path: string): Promise<string[]> {
	const lines: string[] = [];
	const asking = request({ socketPath: join(baseDir, 'pingmachine.sock'), path, agent: false });
	listening.push(asking);
	asking.on('response', (response) => {
		let text = '';
		response.setEncoding('utf8').on('data', (piece: string) => {
			text += piece;
			lines.splice(0, Number.POSITIVE_INFINITY, ...text.split('\n').slice(0, -1));
		});
	});
	asking.end();
	await expect.poll(() => lines.length).toBe(2);
	return lines;
}

describe('lines of events', () => {
	const order = orderOf('core/a');
	const identity = identityOf(order);
	test.each<ToldEvent>([
		{ about: 'hello', orders: 3, version: '2.0.0' },
		{ about: 'changed', order: identity, stepSeconds: 60, pings: 2 },
		{
			about: 'outcomes',
			outcomes: [
				outcomeOf(order),
				notMeasured('failed', identity, slot, 2, { code: 'no_route', reason: 'no way\nthere' }),
			],
		},
		{ about: 'gone', id: 'core/a', why: 'expired' },
		{ about: 'missed', ids: ['a', 'b'], count: 7 },
		{
			...{ about: 'early', order: identity, slot, pings: 2 },
			early: [{ index: 0, sentAtSeconds: 1.5, rttSeconds: null }],
		},
		{ about: 'alive' },
	])('%j comes back as it was', (event) => {
		const line = lineOfEvent(event);
		expect(line).not.toContain('\n');
		expect(eventOfLine(line, () => identity)).toEqual(event);
	});

	test('outcomes come back as they were when they are packed', () => {
		const facts = { ttl: 57, address: '192.0.2.7', spaß: ['a', null], note: '\u2028\n' };
		const details = { pop: 'zürich', boot: 'b', seq: 7, updatedSeconds: slot.startSeconds + 61 };
		const { samples } = outcomeOf(order).measurement;
		const outcomes = [
			measured(identity, slot, 2, samples, facts, { ...details, clock: { synced: false, since: 3 } }),
			notMeasured('failed', identity, slot, 2, { code: 'no_route', reason: 'no way\nthere' }),
		];
		const line = lineOfPacked(outcomes, packOutcomes(outcomes));
		expect(line).not.toContain('\n');
		expect(eventOfLine(line, () => identity)).toEqual({ about: 'outcomes', outcomes });
		expect(eventOfLine(line, () => undefined)).toEqual({ about: 'outcomes', outcomes: [] });
	});

	test.each([
		'',
		'{',
		'null',
		'[]',
		'{"about":"x"}',
		'{"about":"changed"}',
		'{"about":"early","id":"a"}',
		'{"about":"gone","id":1}',
		'{"about":"outcomes","packed":["x"]}',
		'{"about":"outcomes","ids":["core/a"],"packed":[]}',
		'{"about":"outcomes","ids":["core/a"],"packed":[7]}',
		'{"about":"outcomes","ids":["core/a"],"packed":["\\u0001\\u0000"]}',
		'{"about":"outcomes","ids":["core/a"],"packed":["\\u0063"]}',
	])('%s is none', (line) => {
		expect(eventOfLine(line, () => identity)).toBeNull();
	});
});

describe('whoever listens', () => {
	test('hears of every order first, then of all that happens', async () => {
		const orders = ['a', 'b', 'c'].map((id) => orderOf(id));
		for (const order of orders) stream.changed(order);
		const { heard, told } = listen();
		await expect.poll(() => told).toEqual([null, ['a', 'b', 'c']]);
		const [a] = orders as [Order];
		stream.outcomes([outcomeOf(a)]);
		stream.changed(orderOf('a', 'tmon'));
		stream.gone('b', 'deleted');
		await expect.poll(() => heard.length).toBe(7);
		expect(heard.map(({ about }) => about)).toEqual([
			...['hello', 'changed', 'changed', 'changed'],
			...['outcomes', 'changed', 'gone'],
		]);
		expect(heard[4]).toEqual({ about: 'outcomes', outcomes: [outcomeOf(a)] });
		expect(heard[5]).toMatchObject({ order: { id: 'a', user: 'tmon' } });
	});

	test('gets outcomes packed if it can read them, unless who was measured is another by now', async () => {
		const [before, now] = [orderOf('a'), orderOf('a', 'tmon')];
		stream.changed(before);
		const [packed, plain] = await Promise.all([linesOf('/v1/stream?packed=1'), linesOf('/v1/stream')]);
		const others = await linesOf('/v1/stream?packed=999');
		stream.outcomes([outcomeOf(before)]);
		await expect.poll(() => packed.length).toBe(3);
		stream.changed(now);
		stream.outcomes([outcomeOf(before, 1)]);
		stream.outcomes([outcomeOf(now, 2)]);
		for (const lines of [packed, plain, others]) await expect.poll(() => lines.length).toBe(6);
		const keysOf = (lines: readonly string[]) =>
			lines.map((line) => Object.keys(JSON.parse(line) as object)).flatMap(([, key]) => key);
		expect(keysOf(packed)).toEqual(['orders', 'order', 'ids', 'order', 'outcomes', 'ids']);
		expect(keysOf(plain)).toEqual(['orders', 'order', 'outcomes', 'order', 'outcomes', 'outcomes']);
		expect(others).toEqual(plain);
		const told = packed.map((line) => eventOfLine(line, () => identityOf(now)));
		expect(told[4]).toEqual({ about: 'outcomes', outcomes: [outcomeOf(before, 1)] });
	});

	test('is told when the daemon is away, and what there is when it is back', async () => {
		stream.changed(orderOf('a'));
		stream.changed(orderOf('b'));
		const { heard, told } = listen();
		await expect.poll(() => told).toEqual([null, ['a', 'b']]);
		socket?.close();
		await expect.poll(() => told.length).toBe(3);
		expect(told[2]).toEqual(expect.any(String));
		await startDaemon();
		stream.changed(orderOf('b'));
		await expect.poll(() => told.slice(3), { timeout: 20_000 }).toEqual([null, ['b']]);
		stream.outcomes([outcomeOf(orderOf('b'))]);
		await expect.poll(() => heard.at(-1)?.about).toBe('outcomes');
	});

	test('learns at once that there are no orders', async () => {
		expect((await settled(listen())).told).toEqual([null, []]);
	});

	test('can have one order alone, with pings before their job is over', async () => {
		const [a, b] = [orderOf('a'), orderOf('b')];
		for (const order of [a, b]) stream.changed(order);
		expect(stream.isWatched('a')).toBe(false);
		const { heard, client } = await settled(listen({ early: 'a' }));
		expect(stream.isWatched('a')).toBe(true);
		const early = [{ index: 1, sentAtSeconds: 5, rttSeconds: 0.5 }];
		stream.early({ order: identityOf(b), slot, pings: 2, early });
		stream.early({ order: identityOf(a), slot, pings: 2, early });
		stream.outcomes([outcomeOf(b), outcomeOf(a)]);
		await expect.poll(() => heard.length).toBe(4);
		expect(heard.slice(2)).toEqual([
			{ about: 'early', order: identityOf(a), slot, pings: 2, early },
			{ about: 'outcomes', outcomes: [outcomeOf(a)] },
		]);
		client.close();
		await expect.poll(() => stream.isWatched('a')).toBe(false);
	});

	test('and does not read harms nobody, and is cut off; too many are refused', async () => {
		const order = orderOf('a');
		stream.changed(order);
		const deaf = connect(`${baseDir}/pingmachine.sock`);
		deaf.write('GET /v1/stream HTTP/1.1\r\nhost: x\r\n\r\n');
		deaf.pause();
		const { heard } = await settled(listen());
		for (let at = 0; at < 400; at++) stream.outcomes(Array.from({ length: 100 }, () => outcomeOf(order, at)));
		const count = () =>
			heard.reduce((sum, event) => sum + (event.about === 'outcomes' ? event.outcomes.length : 0), 0);
		const missed = () => heard.reduce((sum, event) => sum + (event.about === 'missed' ? event.count : 0), 0);
		// All at once is more than may wait even for those who read; nothing is lost without a word.
		await expect.poll(() => count() + missed(), { timeout: 20_000 }).toBe(40_000);
		expect(stream.stats().length).toBe(2);
		deaf.destroy();
		await expect.poll(() => stream.stats().length).toBe(1);
		const others = Array.from({ length: 12 }, () => listen());
		await expect
			.poll(() => others.filter(({ told }) => told[0] === 'it answered with status 503').length)
			.toBe(1);
	});
});

async function settled(listener: ReturnType<typeof listen>) {
	await expect.poll(() => listener.told.length).toBe(2);
	return listener;
}
