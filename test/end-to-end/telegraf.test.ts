/** Orders in, and out come points in a real InfluxDB that say what last_result says. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { dump } from 'js-yaml';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseLine } from '../sinks/shared/parse-line.ts';
import { Daemon, fpingOrder } from '../support/daemon.ts';
import { freePort, Influxd, waitFor } from '../support/influxd.ts';

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

type Row = Readonly<Record<string, unknown>>;

/** Starts it with such sinks. */
async function start(daemon: Daemon, sinks: readonly object[], flags: string[] = [], prefix: string[] = []) {
	const file = daemon.path('config.yaml');
	writeFileSync(file, dump({ sinks }));
	await daemon.start(['--config', file, ...flags], { prefix });
}

function httpSink(database: string, { url } = influxd): object {
	return { type: 'telegraf', url, database, batch: { wait: 0 } };
}

function forwarded(
	more: Record<string, unknown>,
	host = '127.0.0.1',
	timing = { step: 1, pings: 1 },
): string {
	return fpingOrder(host, { ...timing, more: Object.keys(more).length === 0 ? '' : dump(more) });
}

/** Notes each last_result of an order, by its time, until it is stopped. */
function collect(daemon: Daemon, id: string) {
	const results = new Map<number, Row>();
	const timer = setInterval(() => {
		const result = daemon.exists('output', id, 'last_result') ? daemon.result(id) : null;
		if (result !== null) results.set(Number(result.time), { ...result });
	}, 50);
	return { results, stop: () => clearInterval(timer) };
}

/** What the database has of a measurement, by its time in seconds. */
async function points(where: string, database: string, from = influxd): Promise<Map<number, Row>> {
	const rows = await from.query(`SELECT * FROM ${where}`, database);
	return new Map(rows.map((row) => [Number(BigInt(String(row['time'])) / 1_000_000_000n), row]));
}

/** The point says what the result says: loss in percent, and RTTs, which fping gives in whole microseconds. */
function expectSame(point: Row | undefined, result: Row): void {
	expect(point).toBeDefined();
	expect(point?.['loss']).toBeCloseTo((100 * Number(result['loss'])) / Number(result['pings']), 5);
	for (const name of ['min', 'median', 'max']) {
		const rtt = result[name];
		if (rtt === null) expect(point?.[`${name}_rtt`] ?? null).toBe(null);
		else expect(point?.[`${name}_rtt`]).toBeCloseTo(Number(rtt), 9);
	}
}

test.concurrent('what is in the database is what last_result says, over HTTP and over UDP', async () => {
	await using daemon = new Daemon();
	const database = await newDatabase();
	daemon.order('lost', forwarded({ measurement_name: 'lost' }, '127.255.255.255', { step: 2, pings: 2 }));
	daemon.order('older', forwarded({ telegraf: { measurement_name: 'older', tags: { 'a b': 'c=d, e\\f' } } }));
	daemon.order('unnamed', forwarded({ tags: { a: 'b' } }));
	daemon.order(
		'deep/er',
		forwarded({ measurement_name: 'tun nel,x', tags: { tunnel_id: 12458 } }, '::1', { step: 2, pings: 2 }),
	);
	await start(
		daemon,
		[{ ...httpSink(database), tags: { site: 'zrh 1' } }],
		['--telegraf', `127.0.0.1:${influxd.udpPort}`],
	);
	const ids = ['lost', 'older', 'deep/er'] as const;
	const series = { lost: 'lost', older: 'older', 'deep/er': '"tun nel,x"' };
	const collected = ids.map((id) => collect(daemon, id));
	await daemon.until('each has three results', () => collected.every(({ results }) => results.size >= 3));
	for (const { stop } of collected) stop();
	for (const [i, id] of ids.entries()) {
		const results = [...(collected[i]?.results ?? [])];
		for (const from of [database, 'udp']) {
			let stored = new Map<number, Row>();
			const isThere = async () => {
				stored = await points(series[id], from);
				return results.every(([time]) => stored.has(time));
			};
			await waitFor(isThere, () => `not all of ${id} are in ${from}: ${[...stored.keys()]}`);
			for (const [time, result] of results) expectSame(stored.get(time), result);
		}
	}
	const [older] = (await points('older', database)).values();
	expect(older).toMatchObject({ site: 'zrh 1', 'a b': 'c=d, e\\f', individual_rtt: older?.['min_rtt'] });
	const [deep] = (await points('"tun nel,x"', 'udp')).values();
	expect(deep).toMatchObject({ tunnel_id: '12458' });
	expect(deep).not.toHaveProperty('site');
	const names = await influxd.query('SHOW MEASUREMENTS', database);
	expect(names.map(({ name }) => name)).toEqual(['lost', 'older', 'tun nel,x']);
});

test.concurrent('datagrams are as they always were', async () => {
	await using daemon = new Daemon();
	const socket = createSocket('udp4').bind(0, '127.0.0.1');
	await once(socket, 'listening');
	const lines: string[] = [];
	socket.on('message', (message) => lines.push(message.toString()));
	daemon.order(
		'a',
		forwarded({ measurement_name: 'tunnel', tags: { tunnel_id: 2 } }, '127.0.0.1', { step: 3, pings: 3 }),
	);
	await daemon.start(['--telegraf', `127.0.0.1:${socket.address().port}`]);
	const collected = collect(daemon, 'a');
	const isSummary = (line: string) => line.includes(' loss=');
	// The first slot may have been cut short.
	await daemon.until('two summaries came', () => lines.filter(isSummary).length >= 2);
	const whole = lines.filter(isSummary).at(-1) ?? '';
	const { nanoseconds } = parseLine(whole);
	const time = Number(nanoseconds / 1_000_000_000n);
	const first = lines.indexOf(whole);
	await daemon.until('the lines of its pings came', () => lines.length >= first + 4);
	await daemon.until('it has that result', () => collected.results.has(time));
	collected.stop();
	socket.close();
	expect(whole).toMatch(
		/^tunnel,tunnel_id=2 loss=0\.000000,max_rtt=0\.\d{6},median_rtt=0\.\d{6},min_rtt=0\.\d{6} \d{19}$/,
	);
	expectSame(parseLine(whole).fields, collected.results.get(time) ?? {});
	for (const [i, line] of lines.slice(first + 1, first + 4).entries()) {
		expect(line).toMatch(/^tunnel,tunnel_id=2 individual_rtt=\d(?:\.\d+)?(?:e-\d\d)? \d{19}$/);
		expect(parseLine(line).nanoseconds).toBe(nanoseconds + BigInt(i) * 1_000_000_000n);
	}
});

test.concurrent('edited names and tags take effect at once, and main.rrd goes on', async () => {
	await using daemon = new Daemon();
	const telegrafFile = (id: string, text: string) => {
		mkdirSync(dirname(daemon.path('telegraf', id)), { recursive: true });
		writeFileSync(daemon.path('telegraf', id), text);
	};
	daemon.order('own', forwarded({ measurement_name: 'own', tags: { v: 1 } }));
	daemon.order('in/file', forwarded({}));
	telegrafFile('in/file', 'measurement_name: by_file\ntags:\n  v: 1\n');
	const database = await newDatabase();
	await start(daemon, [httpSink(database)]);
	const has = (measurement: string, v: number) =>
		influxd.queryUntil(`SELECT * FROM ${measurement} WHERE v = '${v}'`, database, ({ length }) => length > 0);
	await has('own', 1);
	await has('by_file', 1);
	// The sink may be faster than the disk.
	for (const id of ['own', 'in/file']) await daemon.resultOf(id);
	const rrds = () => ['own', 'in/file'].map((id) => statSync(daemon.path('output', id, 'main.rrd')).ino);
	const before = rrds();
	daemon.order('own', forwarded({ measurement_name: 'own', tags: { v: 2 } }));
	telegrafFile('in/file', 'measurement_name: by_file\ntags:\n  v: 2\n');
	await has('own', 2);
	await has('by_file', 2);
	// The order itself wins over the file.
	telegrafFile('own', 'measurement_name: by_file\ntags:\n  v: 3\n');
	daemon.order('in/file', forwarded({ tags: { v: 4 } }));
	await has('by_file', 4);
	// A fault in the file is told, and changes nothing.
	telegrafFile('in/file', 'measurement_name: [by_file]\n');
	await daemon.logged('telegraf/in/file: measurement_name: must be text, not a list');
	unlinkSync(daemon.path('telegraf/in/file'));
	const last = await daemon.resultOf('in/file');
	const later = await daemon.resultOf('in/file', ({ time }) => time >= last.time + 3);
	await daemon.stop();
	expect(rrds()).toEqual(before);
	expect(readdirSync(daemon.path('output/in/file')).sort()).toEqual([
		'.last_facts.pingmachine',
		'.last_result.pingmachine',
		'last_facts',
		'last_result',
		'main.rrd',
	]);
	const stored = await influxd.query('SELECT * FROM by_file', database);
	expect(new Set(stored.map(({ v }) => v))).toEqual(new Set(['1', '2', '4']));
	const newest = Math.max(...(await points('by_file', database)).keys());
	expect(newest).toBeLessThan(later.time);
	expect(daemon.exists('telegraf/own')).toBe(true);
});

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
