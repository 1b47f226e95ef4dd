/** Three brokers, of which leaders are killed, ended and frozen while results come: nothing is lost, and order is kept. */
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Daemon } from '../support/daemon.ts';
import { waitFor } from '../support/influxd.ts';
import { type KafkaBroker, readTopic, startCluster } from '../support/kafka/broker.ts';
import { asAdmin, newTopic } from '../support/kafka/shared.ts';

/** The broker that leads partition 0. */
async function leaderOf(
	brokers: readonly KafkaBroker[],
	alive: KafkaBroker,
	topic: string,
): Promise<KafkaBroker> {
	const id = await asAdmin(alive.bootstrap, async (admin) => {
		const { topics } = await admin.metadata({ topics: [topic] });
		return topics.get(topic)?.partitions[0]?.leader ?? 0;
	});
	const leader = brokers[id - 1];
	if (leader === undefined) throw new Error(`there is no broker ${id}`);
	return leader;
}

test('leaders come and go, and two of three do', async () => {
	const brokers = await startCluster(3);
	await using daemon = new Daemon();
	try {
		const [first, second, third] = brokers;
		if (first === undefined || second === undefined || third === undefined) throw new Error('no brokers');
		const topic = await newTopic(first.bootstrap, { partitions: 3 });
		const config = daemon.path('config.yaml');
		const sink = {
			...{ type: 'kafka', name: 'all', topic, timeout: 3, batch: { wait: 0 } },
			brokers: brokers.map(({ bootstrap }) => bootstrap),
		};
		writeFileSync(config, JSON.stringify({ sinks: [sink] }));
		await daemon.start(['--config', config]);
		const ids = Array.from({ length: 20 }, (_, index) => `o/${index}`);
		for (const id of ids)
			daemon.order(id, '{user: me, step: 1, pings: 1, probe: fping, fping: {host: 127.0.0.1}}');
		const times = new Map<string, Set<number>>(ids.map((id) => [id, new Set()]));
		const look = () => {
			for (const [id, slots] of times) {
				const time = daemon.result(id)?.time;
				if (time !== undefined) slots.add(time);
			}
		};
		const more = async (count: number) => {
			const slots = times.get('o/0');
			const wanted = (slots?.size ?? 0) + count;
			await daemon.until(`${count} more results`, () => {
				look();
				return (slots?.size ?? 0) >= wanted;
			});
		};
		const isThere = async (alive: KafkaBroker) => {
			look();
			const wanted = [...times].map(([id, slots]) => [id, [...slots]] as const);
			let found = new Map<string, number[]>();
			const missing = () =>
				wanted.flatMap(([id, slots]) => slots.filter((slot) => found.get(id)?.includes(slot) !== true));
			await waitFor(
				async () => {
					const messages = await readTopic(alive.bootstrap, topic).catch(() => []);
					found = new Map();
					for (const { key, value } of messages) {
						const slots = found.get(key) ?? [];
						const slot = Number(JSON.parse(value).slot);
						if (!slots.includes(slot)) slots.push(slot);
						found.set(key, slots);
					}
					return missing().length === 0;
				},
				() => `not there: ${missing()}\n${daemon.output.slice(-3000)}`,
			);
			for (const slots of found.values()) expect(slots).toEqual([...slots].sort((a, b) => a - b));
		};
		await more(5);
		await isThere(first);
		for (const fault of ['SIGKILL', 'SIGTERM', 'SIGSTOP'] as const) {
			const leader = await leaderOf(brokers, first, topic);
			const alive = brokers.find((broker) => broker !== leader) ?? first;
			if (fault === 'SIGSTOP') leader.signal(fault);
			else await leader.stop(fault);
			await more(15);
			await isThere(alive);
			if (fault === 'SIGSTOP') leader.signal('SIGCONT');
			else await leader.start();
			await more(3);
			await isThere(leader);
		}
		// Fewer than min.insync.replicas: it says so, and keeps all.
		const mark = daemon.output.length;
		await Promise.all([second.stop('SIGKILL'), third.stop('SIGKILL')]);
		await daemon.until('it says that it cannot send', () => daemon.output.slice(mark).includes('cannot '));
		await more(10);
		await Promise.all([second.start(), third.start()]);
		await isThere(first);
		await daemon.stop();
	} finally {
		for (const broker of brokers) await broker[Symbol.asyncDispose]();
	}
}, 900_000);
