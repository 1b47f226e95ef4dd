/** Sinks that are down, deaf or broken, and what comes to a real InfluxDB in the end. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Daemon } from '../support/daemon.ts';
import { freePort, Influxd, waitFor } from '../support/influxd.ts';
import { collect, expectSame, forwarded, type Row, start } from './telegraf-rig.ts';

let influxd: Influxd;

let databases = 0;

beforeAll(async () => {
	influxd = await Influxd.start();
});

afterAll(() => influxd?.[Symbol.asyncDispose]());

/** One for each test, so that they see nothing of each other: they run side by side, as most of it is waiting. */
async function newDatabase(): Promise<string> {
	const name = `test${databases++}`;
	await influxd.query(`CREATE DATABASE ${name}`);
	return name;
}

function httpSink(database: string, { url } = influxd): object {
	return { type: 'telegraf', url, database, batch: { wait: 0 } };
}

/** What the database has of a measurement, by its time in seconds. */
async function points(where: string, database: string, from = influxd): Promise<Map<number, Row>> {
	const rows = await from.query(`SELECT * FROM ${where}`, database);
	return new Map(rows.map((row) => [Number(BigInt(String(row['time'])) / 1_000_000_000n), row]));
}

test.concurrent('a database that is down while the daemon is restarted gets every result in the end', async () => {
	await using ownInfluxd = await Influxd.start();
	await using daemon = new Daemon();
	daemon.order('a', forwarded({ measurement_name: 'kept' }));
	await start(daemon, [httpSink('http', ownInfluxd)]);
	const collected = collect(daemon, 'a');
	const more = (count: number) => {
		const wanted = collected.results.size + count;
		return daemon.until(`${count} more results`, () => collected.results.size >= wanted);
	};
	await ownInfluxd.queryUntil('SELECT * FROM kept', 'http', ({ length }) => length > 0);
	await ownInfluxd.stop();
	await more(3);
	await daemon.stop();
	expect(daemon.exitCode).toBe(0);
	await daemon.start(['--config', daemon.path('config.yaml')]);
	await more(3);
	await ownInfluxd.start();
	await more(2);
	collected.stop();
	let stored = new Map<number, Row>();
	const isThere = async () => {
		stored = await points('kept', 'http', ownInfluxd);
		return [...collected.results.keys()].every((time) => stored.has(time));
	};
	await waitFor(
		isThere,
		() => `${[...collected.results.keys()]} in results, ${[...stored.keys()]} in the database`,
	);
	for (const [time, result] of collected.results) expectSame(stored.get(time), result);
});

test.concurrent('sinks that are down, deaf or broken in every way disturb nothing and nobody', async () => {
	await using daemon = new Daemon();
	const connections: Socket[] = [];
	// It takes connections and never reads.
	const deaf = createServer({ pauseOnConnect: true }, (socket) => connections.push(socket)).listen(
		0,
		'127.0.0.1',
	);
	const broken = createHttpServer((request, response) => {
		request.resume();
		response.writeHead(Number(request.url?.slice(1, 4)), { 'Retry-After': '1' }).end('no');
	}).listen(0, '127.0.0.1');
	await Promise.all([once(deaf, 'listening'), once(broken, 'listening')]);
	const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;
	const closed = await freePort();
	// A mount namespace has its own /etc/hosts.
	const hosts = daemon.path('hosts');
	writeFileSync(hosts, '127.0.0.1 localhost\n');
	const prefix = ['unshare', '--mount', 'sh', '-c', `mount --bind ${hosts} /etc/hosts && exec "$@"`, 'sh'];
	const udp = createSocket('udp4').bind(0, '127.0.0.1');
	await once(udp, 'listening');
	let datagrams = 0;
	udp.on('message', () => datagrams++);
	const bad = [
		`udp://127.0.0.1:${closed}`,
		`udp://moving.invalid:${udp.address().port}`,
		`tcp://127.0.0.1:${closed}`,
		`tcp://127.0.0.1:${portOf(deaf)}`,
		'tcp://moving.invalid:1',
		'unix:///nowhere/telegraf.sock',
		...[400, 401, 413, 429, 500, 503].map((status) => `http://127.0.0.1:${portOf(broken)}/${status}`),
	];
	for (let i = 0; i < 20; i++) {
		daemon.order(
			`o/${i}`,
			forwarded(
				{ measurement_name: 'good', tags: { number: i, long: 'x'.repeat(4000) } },
				`127.0.0.${i + 1}`,
			),
		);
	}
	const database = await newDatabase();
	const badSinks = bad.map((url) => ({ type: 'telegraf', url, timeout: 1 }));
	await start(daemon, [...badSinks, httpSink(database)], [], prefix);
	const collected = collect(daemon, 'o/0');
	await daemon.until('five results', () => collected.results.size >= 5);
	expect(datagrams).toBe(0);
	writeFileSync(hosts, '127.0.0.1 localhost moving.invalid\n');
	await daemon.until('datagrams to the host that can be looked up now', () => datagrams > 0);
	collected.stop();
	let stored = new Map<number, Row>();
	const isThere = async () => {
		stored = await points(`good WHERE "number" = '0'`, database);
		return [...collected.results.keys()].every((time) => stored.has(time));
	};
	await waitFor(
		isThere,
		() => `${[...collected.results.keys()]} in results, ${[...stored.keys()]} in the database`,
	);
	for (const [time, result] of collected.results) expectSame(stored.get(time), result);
	await daemon.stop();
	expect(daemon.exitCode).toBe(0);
	expect(daemon.output).toContain('nothing listens there');
	expect(daemon.output).toContain('HTTP 401');
	for (const socket of connections) socket.destroy();
	deaf.close();
	broken.closeAllConnections();
	broken.close();
	udp.close();
	expect(readFileSync(daemon.path('orders/o/0'), 'utf8')).toContain('measurement_name: good');
});
