/** Orders in, and out come points in a real InfluxDB that say what last_result says. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, readdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseLine } from '../sinks/shared/parse-line.ts';
import { Daemon } from '../support/daemon.ts';
import { Influxd, waitFor } from '../support/influxd.ts';
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
		'events',
		'histograms',
		'last_facts',
		'last_result',
		'main.rrd',
		'slots',
	]);
	const stored = await influxd.query('SELECT * FROM by_file', database);
	expect(new Set(stored.map(({ v }) => v))).toEqual(new Set(['1', '2', '4']));
	const newest = Math.max(...(await points('by_file', database)).keys());
	expect(newest).toBeLessThan(later.time);
	expect(daemon.exists('telegraf/own')).toBe(true);
});
