/** The daemon with a real Kafka, through outages of either: what is there is what was measured, of each order in order. */
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { outcomeFromJson } from '../../src/outcomes/outcome-json.ts';
import { Daemon } from '../support/daemon.ts';
import { waitFor } from '../support/influxd.ts';
import { type ReadMessage, readTopic } from '../support/kafka/broker.ts';
import { Gate } from '../support/kafka/gate.ts';
import { newTopic, sharedKafka } from '../support/kafka/shared.ts';

const ids = ['here', 'a/b/there'];

/** Of each order, and each slot, the message that came first. */
function firstCopies(messages: readonly ReadMessage[], slotOf: (value: Record<string, unknown>) => number) {
	const found = new Map<string, Map<number, Record<string, unknown>>>();
	for (const { key, value } of messages) {
		const json = JSON.parse(value) as Record<string, unknown>;
		const slots = found.get(key) ?? new Map();
		found.set(key, slots);
		if (!slots.has(slotOf(json))) slots.set(slotOf(json), json);
	}
	return found;
}

test('each slot of each order is there, in order, whatever became of the brokers and of the daemon', async () => {
	const { bootstrap, via } = await sharedKafka();
	const topics = { ours: await newTopic(bootstrap), canary: await newTopic(bootstrap) };
	await using gate = await Gate.open({ port: via.isReachedOn, to: via.listensOn });
	await using daemon = new Daemon();
	const config = daemon.path('config.yaml');
	const common = { type: 'kafka', brokers: `127.0.0.1:${via.isReachedOn}`, timeout: 3, batch: { wait: 0 } };
	const sinks = [
		{ ...common, name: 'ours', topic: topics.ours },
		{ ...common, name: 'canary', topic: topics.canary, format: 'canary' },
	];
	writeFileSync(config, JSON.stringify({ sinks }));
	const start = () => daemon.start(['--config', config]);
	await start();
	for (const id of ids) {
		daemon.order(id, '{user: me, step: 1, pings: 1, probe: fping, fping: {host: 127.0.0.1}}');
	}
	const times = new Set<number>();
	const seen = () => {
		for (const id of ids) {
			const time = daemon.result(id)?.time;
			if (time !== undefined && id === ids[0]) times.add(time);
		}
		return times.size;
	};
	const more = (count: number) => {
		const wanted = seen() + count;
		return daemon.until(`${count} more results`, () => seen() >= wanted);
	};
	const read = async () => ({
		ours: firstCopies(await readTopic(bootstrap, topics.ours), ({ slot }) => Number(slot)),
		canary: firstCopies(
			await readTopic(bootstrap, topics.canary),
			({ timestamp }) => Date.parse(String(timestamp)) / 1000,
		),
	});
	/** All that has been seen up to now gets there. */
	const complete = async () => {
		seen();
		let missing = [...times];
		const isThere = async () => {
			const found = Object.values(await read()).map((slots) => slots.get('here'));
			missing = missing.filter((time) => found.some((slots) => slots?.has(time) !== true));
			return missing.length === 0;
		};
		await waitFor(isThere, () => `not there: ${missing}\n${daemon.output.slice(-2000)}`);
	};
	await more(2);
	await complete();
	let mark = daemon.output.length;
	const failsSince = (words: RegExp) =>
		daemon.until(String(words), () => words.test(daemon.output.slice(mark)));
	await gate.shut();
	await failsSince(/cannot .*(?:nothing listens there|it closed the connection)/);
	await more(2);
	await daemon.stop();
	await start();
	await gate.reopen(via.isReachedOn);
	await complete();
	mark = daemon.output.length;
	gate.freeze();
	await failsSince(/cannot send to .*no answer/);
	gate.thaw();
	await complete();
	daemon.kill('SIGKILL');
	await daemon.exited();
	await start();
	await more(2);
	await complete();
	await daemon.stop();
	const found = await read();
	for (const id of ids) {
		const { time, median, loss } = await daemon.resultOf(id);
		for (const slots of Object.values(found)) {
			const order = [...(slots.get(id)?.keys() ?? [])];
			expect(order).toEqual([...order].sort((a, b) => a - b));
		}
		const ours = outcomeFromJson(found.ours.get(id)?.get(time));
		expect(ours).toMatchObject({ kind: 'measured', measurement: { loss } });
		const { medianSeconds } = ours?.kind === 'measured' ? ours.measurement : { medianSeconds: null };
		expect(medianSeconds).toBeCloseTo(median ?? 0, 6);
		expect(found.canary.get(id)?.get(time)).toMatchObject({
			...{
				type: 'ping',
				target: '127.0.0.1',
				status: 'SUCCESS',
				packet_loss_percent: 0,
				error_message: null,
			},
			rtt_avg_ms: expect.any(Number),
		});
	}
}, 120_000);
