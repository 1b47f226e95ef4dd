/** The sink against a real Kafka: how it is reached, and what goes wrong. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
	AclOperations,
	AclPermissionTypes,
	ClientQuotaEntityTypes,
	ClientQuotaKeys,
	ResourcePatternTypes,
	ResourceTypes,
} from '@platformatic/kafka';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Delivered, Verdict } from '../../../src/model/sink.ts';
import { kafka } from '../../../src/sinks/kafka/index.ts';
import { readTopic } from '../../support/kafka/broker.ts';
import { Gate } from '../../support/kafka/gate.ts';
import { asAdmin, newTopic, type SharedKafka, sharedKafka } from '../../support/kafka/shared.ts';
import { delivered } from '../shared/delivered.ts';
import { never, openWith } from '../shared/open-sink.ts';
import { outcomes } from './outcomes.ts';

let server: SharedKafka;
let topic: string;
beforeAll(async () => {
	server = await sharedKafka();
	topic = await newTopic(server.bootstrap);
});

type Entry = Readonly<Record<string, unknown>>;

async function write(entry: Entry, batch: readonly Delivered[] = [delivered()]) {
	const sink = await openWith(kafka, { brokers: server.bootstrap, topic, ...entry });
	try {
		return await sink.write(batch, never);
	} finally {
		await sink.close();
	}
}

const many = (count: number, changes: (index: number) => Parameters<typeof delivered>[0] = () => ({})) =>
	Array.from({ length: count }, (_, index) =>
		delivered({ id: `o/${index % 7}`, rtts: [index / 1e6], ...changes(index) }),
	);
const rttsIn = async (name: string, key: string) =>
	(await readTopic(server.bootstrap, name))
		.filter((message) => message.key === key)
		.map(({ value }) => JSON.parse(value).samples[0].rtt * 1e6);
const at = (listener: keyof SharedKafka['ports']) => `localhost:${server.ports[listener]}`;
const login = (mechanism: string, password = 'alice-secret') => ({ mechanism, username: 'alice', password });
const token = () => {
	const seconds = Math.floor(Date.now() / 1000);
	const parts = [{ alg: 'none' }, { sub: 'alice', iat: seconds - 10, exp: seconds + 600 }];
	return `${parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`;
};

describe('what is written', () => {
	test('another program reads it, compressed or not, with key, headers, and of each order in its order', async () => {
		const own = await newTopic(server.bootstrap);
		for (const [index, compression] of ['none', 'gzip', 'snappy', 'lz4'].entries()) {
			const batch = many(70, (at) => ({ rtts: [(index * 70 + at) / 1e6] }));
			const headers = { site: 'zrh', rack: 7 };
			expect(await write({ topic: own, compression, headers }, batch)).toEqual(batch.map(() => 'taken'));
		}
		const read = await readTopic(server.bootstrap, own);
		expect(read).toHaveLength(280);
		expect(read[0]?.headers).toBe('site=zrh,rack=7');
		for (let key = 0; key < 7; key++) {
			const wanted = Array.from({ length: 40 }, (_, index) => index * 7 + key);
			expect((await rttsIn(own, `o/${key}`)).map(Math.round)).toEqual(wanted);
		}
	});

	test('canary: what it knows nothing of counts as done', async () => {
		const own = await newTopic(server.bootstrap);
		const verdicts = await write({ topic: own, format: 'canary' }, outcomes);
		expect(verdicts).toEqual(outcomes.map(() => 'taken'));
		const types = (await readTopic(server.bootstrap, own)).map(({ value }) => JSON.parse(value).type);
		expect(types.sort()).toEqual([
			'dns',
			'http',
			'http',
			'http',
			'ping',
			'ping',
			'ping',
			'ping',
			'traceroute',
		]);
	});
});

describe('how it is reached', () => {
	test('with passwords, from a file too, and a token; a wrong one is told, and not shown', async () => {
		const file = join(server.folder, 'password');
		writeFileSync(file, 'alice-secret\n');
		for (const mechanism of ['PLAIN', 'SCRAM-SHA-256', 'scram-sha-512']) {
			const sasl = { mechanism, username: 'alice', password_file: file };
			expect(await write({ brokers: at('sasl'), sasl })).toEqual(['taken']);
			const wrong = write({ brokers: at('sasl'), sasl: login(mechanism, 'not-this') });
			await expect(wrong).rejects.toThrow(
				/^(?!.*not-this).*wrong user or password\. Correct sasl: username: and/,
			);
		}
		const tokenFile = join(server.folder, 'token');
		const sasl = { mechanism: 'OAUTHBEARER', token_file: tokenFile };
		await expect(write({ brokers: at('sasl'), sasl })).rejects.toThrow('sasl.token_file: cannot read');
		writeFileSync(tokenFile, token());
		expect(await write({ brokers: at('sasl'), sasl })).toEqual(['taken']);
		writeFileSync(tokenFile, 'a.b.c');
		await expect(write({ brokers: at('sasl'), sasl })).rejects.toThrow(
			'it does not accept the token. Renew it',
		);
	});

	test('by TLS with its CA, with a certificate of ours, with a password on top', async () => {
		const ca = { tls_ca_file: join(server.folder, 'ca.crt') };
		const [cert, key] = ['client.crt', 'client.key'].map((name) => join(server.folder, name));
		const ours = { ...ca, tls_cert_file: cert, tls_key_file: key };
		expect(await write({ brokers: at('tls'), ...ca })).toEqual(['taken']);
		expect(await write({ brokers: at('tls'), tls: true, tls_verify: false })).toEqual(['taken']);
		expect(await write({ brokers: at('saslTls'), ...ca, sasl: login('SCRAM-SHA-512') })).toEqual(['taken']);
		expect(await write({ brokers: at('mutualTls'), ...ours })).toEqual(['taken']);
		for (const [entry, message] of [
			[{ brokers: at('tls'), tls: true }, /its certificate is not trusted: .*Name its CA in tls_ca_file$/],
			[{ brokers: at('mutualTls'), ...ca }, /It may ask for .*a certificate of ours \(tls_cert_file:\)/],
			[
				{ brokers: at('mutualTls'), ...ours, tls_key_file: join(server.folder, 'broker.key') },
				/the key does not fit/,
			],
			[{ brokers: at('plain'), ...ca }, /speaks? no TLS there/],
			[{ brokers: at('tls') }, /It may ask for .*TLS \(tls:\)/],
			[{ brokers: at('sasl') }, /It may ask for a password \(sasl:\)/],
			[{ brokers: at('plain'), sasl: login('PLAIN') }, /it does not ask for a password there\. Remove sasl:/],
		] as const) {
			await expect(write(entry), JSON.stringify(entry)).rejects.toThrow(message);
		}
	});

	test('by any of several brokers; nobody there, no such name, no such topic and no right are told', async () => {
		const brokers = ['127.0.0.1:1', 'no-such.invalid:9092', server.bootstrap];
		expect(await write({ brokers })).toEqual(['taken']);
		const none = write({ brokers: '127.0.0.1:1' });
		await expect(none).rejects.toThrow(
			`kafka://127.0.0.1:1/${topic}: nothing listens there. Start it, or correct brokers:`,
		);
		await expect(write({ topic: 'none' })).rejects.toThrow(
			'there is no topic none. Make it, or correct topic:',
		);
		const closed = await newTopic(server.bootstrap);
		const acl = {
			...{
				resourceType: ResourceTypes.TOPIC,
				resourceName: closed,
				resourcePatternType: ResourcePatternTypes.LITERAL,
			},
			...{ principal: 'User:bob', host: '*' },
			...{ operation: AclOperations.WRITE, permissionType: AclPermissionTypes.ALLOW },
		};
		await asAdmin(server.bootstrap, (admin) => admin.createAcls({ creations: [acl] }));
		const denied = write({ topic: closed, brokers: at('sasl'), sasl: login('PLAIN') });
		await expect(denied).rejects.toThrow(
			`we may not write to the topic ${closed}. Let the user write and describe it`,
		);
	});
});

describe('what goes wrong', () => {
	test('too much at a time is cut up; what is too large alone is refused alone, and all else is there in order', async () => {
		const own = await newTopic(server.bootstrap, { configs: { 'max.message.bytes': '2000' } });
		const isLarge = (index: number) => index % 10 === 3;
		const batch = many(60, (index) => ({
			rtts: [index / 1e6, ...(isLarge(index) ? Array<number>(60).fill(1) : [])],
		}));
		const verdicts: Verdict[] = [];
		// What does not fit into the time comes with the next batch.
		for (let left: readonly Delivered[] = batch; left.length > 0; ) {
			const said = (await write({ topic: own, compression: 'none' }, left)) ?? [];
			left = left.filter((_, index) => said[index] === 'later');
			verdicts.push(...said.filter((verdict) => verdict !== 'later'));
		}
		expect(verdicts.filter((verdict) => verdict === 'taken')).toHaveLength(54);
		expect(verdicts.find((verdict) => verdict !== 'taken')).toEqual({
			refused: expect.stringMatching(/larger than the topic \S+ takes\. Raise its max\.message\.bytes/),
		});
		for (let key = 0; key < 7; key++) {
			const wanted = batch.flatMap((_, index) => (index % 7 === key && !isLarge(index) ? [index] : []));
			expect((await rttsIn(own, `o/${key}`)).map(Math.round)).toEqual(wanted);
		}
	});

	test('where everything is too large, nothing is refused: it fails', async () => {
		const own = await newTopic(server.bootstrap, { configs: { 'max.message.bytes': '100' } });
		await expect(write({ topic: own }, many(30))).rejects.toThrow('larger than the topic');
	});

	test('a quota: it is told, and how long to wait', async () => {
		const quota = {
			entities: [{ entityType: ClientQuotaEntityTypes.CLIENT_ID, entityName: 'slow' }],
			ops: [{ key: ClientQuotaKeys.PRODUCER_BYTE_RATE, value: 1000, remove: false }],
		};
		await asAdmin(server.bootstrap, (admin) => admin.alterClientQuotas({ entries: [quota] }));
		const sink = await openWith(kafka, {
			brokers: server.bootstrap,
			topic,
			client_id: 'slow',
			compression: 'none',
		});
		try {
			const batch = many(50);
			const untilBusy = async () => {
				for (;;) await sink.write(batch, never);
			};
			await expect(untilBusy()).rejects.toMatchObject({
				name: 'SinkBusy',
				message: expect.stringMatching(/a quota holds us back, for \d+\.\d s now\. Raise producer_byte_rate/),
				retryAfterMs: expect.any(Number),
			});
		} finally {
			await sink.close();
		}
	});

	test('a broker that hangs is given up, one that breaks the connection or goes is told', async () => {
		const { isReachedOn: port, listensOn: to } = server.via;
		await using gate = await Gate.open({ port, to });
		const entry = { brokers: `127.0.0.1:${port}`, topic };
		const open = () => openWith(kafka, entry);
		const hanging = await open();
		expect(await hanging.write([delivered()], never)).toEqual(['taken']);
		gate.freeze();
		await expect(hanging.write([delivered()], AbortSignal.timeout(300))).rejects.toThrow('no answer');
		await hanging.close();
		gate.thaw();
		const broken = await open();
		gate.freeze();
		const written = broken.write([delivered()], never);
		written.catch(() => {});
		gate.cut();
		await expect(written).rejects.toThrow(`kafka://127.0.0.1:${port}/${topic}: it closed the connection`);
		await broken.close();
		await gate.shut();
		await expect(open()).rejects.toThrow('nothing listens there');
		await gate.reopen(port);
		expect(await write(entry)).toEqual(['taken']);
	});
});
