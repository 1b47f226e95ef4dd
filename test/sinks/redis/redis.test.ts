/** The sink against a real Redis: what is stored is what was measured, and what goes wrong is told. */
import { readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { declaredFacts } from '../../../src/model/facts.ts';
import { type Measured, measured } from '../../../src/model/outcome.ts';
import type { Delivered } from '../../../src/model/sink.ts';
import { chosenFacts } from '../../../src/model/sink-facts.ts';
import { redis } from '../../../src/sinks/redis/index.ts';
import { layoutOf } from '../../../src/sinks/redis/layouts.ts';
import { freePort, waitFor } from '../../support/influxd.ts';
import { RedisServer, Sentinel } from '../../support/redis-server.ts';
import { delivered } from '../shared/delivered.ts';
import { never, openWith } from '../shared/open-sink.ts';

let server: RedisServer;
beforeAll(async () => {
	server = await RedisServer.start();
});
beforeEach(() => void server.cli('FLUSHALL'));
afterAll(() => server?.[Symbol.asyncDispose]());

const at = (port: number) => `redis://127.0.0.1:${port}`;
/** Just now, so that nothing of it is too old to be kept. */
const startSeconds = Math.floor(Date.now() / 10_000) * 10 - 60;
const result = (changes: Parameters<typeof delivered>[0] = {}) =>
	delivered({
		startSeconds,
		rtts: [0.0125, 0.0125, null, 0.003],
		sentAt: (i) => startSeconds + i,
		...changes,
	});
const ms = (i: number) => (startSeconds + i) * 1000;

async function write(entry: Readonly<Record<string, unknown>>, ...batches: (readonly Delivered[])[]) {
	const sink = await openWith(redis, { url: at(server.port), ...entry });
	const verdicts = [];
	for (const batch of batches) verdicts.push(...((await sink.write(batch, never)) ?? []));
	await sink.close();
	return verdicts;
}

describe('layouts', () => {
	test('pingy-safe: a member for each ping, also of equal ones; written twice it is there once', async () => {
		expect(await write({}, [result()], [result()])).toEqual(['taken', 'taken']);
		expect(server.lines('ZRANGE', 'ts:latency:127.0.0.1', '0', '-1', 'WITHSCORES')).toEqual([
			...[`12.5:${ms(0)}`, `${ms(0)}`, `12.5:${ms(1)}`, `${ms(1)}`],
			...[`0.0:${ms(2)}`, `${ms(2)}`, `3.0:${ms(3)}`, `${ms(3)}`],
		]);
		const ttl = Number(server.cli('TTL', 'ts:latency:127.0.0.1'));
		expect(ttl).toBeGreaterThan(86_000);
		expect(ttl).toBeLessThanOrEqual(86_400);
	});

	test('pingy-safe: what is older than ttl goes', async () => {
		server.cli(
			'ZADD',
			'ts:latency:127.0.0.1',
			String(Date.now() - 3_700_000),
			'old',
			String(Date.now()),
			'young',
		);
		await write({ ttl: '1h' }, [result({ rtts: [0.001] })]);
		expect(server.lines('ZRANGE', 'ts:latency:127.0.0.1', '0', '-1').sort()).toEqual([
			`1.0:${ms(0)}`,
			'young',
		]);
	});

	test('pingy: its own commands, so of equal latencies the last is left', async () => {
		await write({ layout: 'pingy', ttl: 100 }, [result()]);
		const members = server.lines('ZRANGE', 'ts:latency:127.0.0.1', '0', '-1', 'WITHSCORES');
		expect(members).toEqual(['12.5', `${ms(1)}`, '0.0', `${ms(2)}`, '3.0', `${ms(3)}`]);
		expect(Number(server.cli('TTL', 'ts:latency:127.0.0.1'))).toBeGreaterThan(90);
	});

	test('stream: an entry for each result, at most about so many', async () => {
		const batch = Array.from({ length: 3000 }, (_, i) => result({ id: `o/${i}` }));
		await write({ layout: 'stream', key: 's', max_length: 1000 }, batch);
		const length = Number(server.cli('XLEN', 's'));
		expect(length).toBeGreaterThanOrEqual(1000);
		expect(length).toBeLessThan(1500);
		const newest = server.lines('XREVRANGE', 's', '+', '-', 'COUNT', '1').slice(1);
		expect(newest.slice(0, 4)).toEqual(['order', 'o/2999', 'time', String(startSeconds)]);
	});

	test('last: a hash for each order, without what the latest result does not have', async () => {
		await write({ layout: 'last' }, [result()], [result({ startSeconds: startSeconds + 10, rtts: [null] })]);
		const lines = server.lines('HGETALL', 'pingmachine:last:an/order');
		const hash = Object.fromEntries(lines.flatMap((name, i) => (i % 2 === 0 ? [[name, lines[i + 1]]] : [])));
		expect(hash).toMatchObject({ time: String(startSeconds + 10), status: 'DOWN', loss: '1', user: 'test' });
		expect(hash).not.toHaveProperty('latency_ms');
	});

	test.each(['stream', 'last'])(
		'%s: the facts that the entry asks for, those of pings as lists',
		(layout) => {
			const { order, measurement } = result();
			const facts = { ttl: 57, status_code: [200, 200, null, 404], address: '192.0.2.7' };
			const outcome = measured(order, measurement.slot, 4, measurement.samples, facts);
			const declared = declaredFacts([
				{ name: 'ttl', kind: 'gauge', help: 'hops', per: 'measurement' },
				{ name: 'status_code', kind: 'gauge', help: 'status', per: 'ping' },
			]);
			const factsOf = chosenFacts(['status_code', 'ttl'], new Map([[order.probe, declared]]));
			const settings = redis.settings.parse({ url: 'redis://a', layout });
			const [words = []] = layoutOf(settings, Date.now, factsOf).commands(outcome);
			expect(JSON.parse(words[words.indexOf('facts') + 1] ?? '')).toEqual({
				ttl: 57,
				status_code: [200, 200, null, 404],
			});
		},
	);

	test('meshping: sums and a histogram, which go on where they were, and count no slot twice', async () => {
		const next = result({ startSeconds: startSeconds + 10, rtts: [0.0125] });
		await write({ layout: 'meshping' }, [result(), result()], [result()]);
		await write({ layout: 'meshping' }, [result(), next]);
		const key = `meshping:${hostname()}:127.0.0.1`;
		expect(JSON.parse(server.cli('GET', `${key}:target`))).toMatchObject({
			...{ name: '127.0.0.1', addr: '127.0.0.1', sent: 5, lost: 1, recv: 4 },
			...{ sum: 40.5, last: 12.5, min: 3, max: 12.5 },
		});
		expect(JSON.parse(server.cli('GET', `${key}:histogram`))).toEqual({ 15: 1, 36: 3 });
	});

	test('the commands of each are those of the golden file, with the address and with who measured', () => {
		const golden = readFileSync(
			new URL('../../../fixtures/sinks/redis/commands.txt', import.meta.url),
			'utf8',
		);
		const { order, measurement } = delivered({ rtts: [0.000013, null], tags: { site: 'zrh' } });
		const facts = { address: '192.0.2.7' };
		const outcome: Measured = measured(order, measurement.slot, 2, measurement.samples, facts, {
			pop: 'zrh',
		});
		const text = ['pingy', 'pingy-safe', 'stream', 'last'].map((layout) => {
			const settings = redis.settings.parse({ url: 'redis://a', layout });
			const commands = layoutOf(settings, () => 1_795_240_000_000, null).commands(outcome);
			return `${layout}\n${commands.map((words) => `\t${words.join(' ')}\n`).join('')}`;
		});
		expect(text.join('')).toBe(golden);
	});
});

describe('how it is reached', () => {
	test('by TLS with its CA, by a Unix socket, in another database', async () => {
		const url = `rediss://localhost:${server.tlsPort}`;
		await write({ url, tls_ca_file: server.caFile }, [result()]);
		await write({ url: `unix://${server.socket}`, database: 3 }, [result()]);
		await write({ url: `${at(server.port)}/4` }, [result()]);
		for (const database of ['0', '3', '4']) expect(server.cli('-n', database, 'DBSIZE')).toBe('1');
		await expect(openWith(redis, { url })).rejects.toThrow(
			/^rediss:\S+: its certificate is not trusted: .*Name its CA in tls_ca_file$/,
		);
	});

	test('with a user and a password from a file, which is never told', async () => {
		server.cli('ACL', 'SETUSER', 'pm', 'on', '>secret', '~ts:*', '+@all');
		const file = join(server.folder, 'password');
		writeFileSync(file, 'secret\n');
		const entry = { username: 'pm', password_file: file };
		expect(await write(entry, [result()])).toEqual(['taken']);
		const [verdict] = await write({ ...entry, layout: 'last' }, [result()]);
		expect(verdict).toEqual({
			again: expect.stringMatching(/NOPERM .*Let the user of username: run this command/),
		});
		writeFileSync(file, 'not-it\n');
		const fault = await openWith(redis, { url: at(server.port), ...entry }).catch((error: unknown) => error);
		expect(String(fault)).toMatch(/WRONGPASS [^.]*\. Correct username: and password_file:$/);
		expect(String(fault)).not.toContain('not-it');
		server.cli('ACL', 'DELUSER', 'pm');
	});

	test('nobody listens', async () => {
		const port = await freePort();
		await expect(openWith(redis, { url: at(port) })).rejects.toThrow(
			`${at(port)}: nothing listens there. Start it, or correct url:`,
		);
	});

	test.each([
		[{}, 'url: is missing. Write url: redis://HOST:PORT, or sentinel:'],
		[{ url: 'http://a' }, 'url: must be redis://HOST:PORT, rediss://HOST:PORT (TLS) or unix:///PATH'],
		[
			{ url: 'redis://me:pw@a' },
			'url: holds a user or a password. Write them as username: and password_file:',
		],
		[{ url: 'redis://a/x' }, 'url: must end with the number of a database'],
		[{ url: 'redis://a', layout: 'mine' }, 'layout: '],
		[{ url: 'redis://a', key: 'x' }, 'key: is for layout: stream and last only'],
		[{ url: 'redis://a/1', database: 2 }, 'database: is in url: too. Keep one of them'],
		[{ url: 'redis://a', sentinel: { name: 'm', nodes: ['a'] } }, 'sentinel.nodes'],
	])('%j is wrong', (entry, message) => {
		expect(() => openWith(redis, entry)).toThrow(`sinks[0].${message}`);
	});
});

describe('what goes wrong', () => {
	test('a key that holds something else refuses its results alone', async () => {
		server.cli('SET', 'ts:latency:bad', 'text');
		const bad = { ...result(), order: { ...result().order, target: 'bad' } };
		const verdicts = await write({}, [result(), bad, result()]);
		expect(verdicts).toEqual(['taken', { refused: expect.stringContaining('WRONGTYPE') }, 'taken']);
	});

	test('a server that is full, or read-only, is to be tried again, and says why', async () => {
		server.cli('CONFIG', 'SET', 'maxmemory', '1');
		const [full] = await write({}, [result()]);
		server.cli('CONFIG', 'SET', 'maxmemory', '0');
		expect(full).toEqual({
			again: expect.stringMatching(/OOM .*Give it more memory \(maxmemory\), or keep less: ttl:/),
		});
		await using replica = await RedisServer.start('--replicaof', '127.0.0.1', String(server.port));
		const [readOnly] = await write({ url: at(replica.port) }, [result()]);
		expect(readOnly).toEqual({ again: expect.stringMatching(/READONLY .*It is a replica/) });
	});

	test('a server that hangs is given up when the signal fires, and one that dies at once', async () => {
		await using other = await RedisServer.start();
		const sink = await openWith(redis, { url: at(other.port) });
		await sink.write([result()], never);
		other.signal('SIGSTOP');
		await expect(sink.write([result()], AbortSignal.timeout(300))).rejects.toThrow('no answer');
		other.signal('SIGCONT');
		await sink.close();
		const second = await openWith(redis, { url: at(other.port) });
		other.signal('SIGSTOP');
		const written = second.write([result()], never);
		written.catch(() => {});
		await other.stop('SIGKILL');
		await expect(written).rejects.toThrow(at(other.port));
		await second.close();
	});

	test('by Sentinel: what is written goes to the new server after a failover', async () => {
		await using first = await RedisServer.start();
		await using second = await RedisServer.start('--replicaof', '127.0.0.1', String(first.port));
		await waitFor(
			() => first.cli('INFO', 'replication').includes('state=online'),
			() => first.cli('INFO', 'replication'),
		);
		await using sentinel = await Sentinel.start(first.port);
		const entry = {
			url: undefined,
			sentinel: { name: 'mymaster', nodes: [`127.0.0.1:${await freePort()}`, `127.0.0.1:${sentinel.port}`] },
		};
		await write(entry, [result()]);
		// It finds the replica only after a while.
		await waitFor(
			() => first.cli('INFO', 'replication').includes('connected_slaves:1'),
			() => 'no replica',
		);
		await first.stop('SIGKILL');
		await waitFor(
			() => sentinel.master === second.port,
			() => `the master is ${sentinel.master}`,
		);
		await waitFor(
			() => second.cli('ROLE').startsWith('master'),
			() => second.cli('ROLE'),
		);
		await write(entry, [result({ id: 'after', rtts: [0.5] })]);
		expect(second.lines('ZRANGE', 'ts:latency:127.0.0.1', '0', '-1')).toContain(`500.0:${ms(0)}`);
		const unknown = { sentinel: { name: 'no-such', nodes: [`127.0.0.1:${sentinel.port}`] } };
		await expect(openWith(redis, unknown)).rejects.toThrow(
			/no sentinel says where the server is: .* knows no no-such\. Correct sentinel: name:/,
		);
	}, 60_000);
});
