/** The sink against a real InfluxDB: what it stores is what was measured. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Delivered, SinkRefusal, SinkTooLarge } from '../../../src/model/sink.ts';
import { Influxd } from '../../support/influxd.ts';
import { delivered } from '../shared/delivered.ts';
import { asTag, text } from '../shared/odd-text.ts';
import { never, openEntry } from './sink-harness.ts';

let influxd: Influxd;
let guarded: Influxd;
const scratch = mkdtempSync(join(tmpdir(), 'pingmachine-telegraf-'));

beforeAll(async () => {
	[influxd, guarded] = await Promise.all([Influxd.start(), Influxd.start({ auth: true })]);
});

afterAll(async () => {
	await Promise.all([influxd?.[Symbol.asyncDispose](), guarded?.[Symbol.asyncDispose]()]);
	rmSync(scratch, { recursive: true });
});

/** Awkward in every way that a name can be, and what the database calls it. */
const oddName = 'tun nel,x="1" \\ é🙂';
const oddTags = {
	'a b,c=d': 'e f,g=h',
	time_: 'noon',
	quoted: `"it's"`,
	path: 'C:\\temp\\x y',
	'🙂': '#é',
	integer: '1i',
};

test.each([
	['HTTP', () => ({ url: influxd.url, database: 'http' }), 'http'],
	['compressed HTTP', () => ({ url: influxd.url, database: 'http', gzip: true }), 'http'],
	['UDP', () => ({ url: `127.0.0.1:${influxd.udpPort}` }), 'udp'],
])('over %s, names, tags, times and numbers are stored as they are', async (how, entry, database) => {
	const sink = await openEntry({ ...entry(), individual: 'sent', tags: { how } });
	const made = delivered({
		name: oddName,
		tags: { ...oddTags, time_: '', time: 'noon' },
		rtts: [0.000013, null, 1, 0.0249],
		sentAt: (index) => 1795239970.25 + index,
	});
	await sink.write([made], never);
	await sink.close();
	const rows = await influxd.queryUntil(
		`SELECT * FROM /tun nel/ WHERE how = '${how}' ORDER BY time`,
		database,
		({ length }) => length === 4,
	);
	const tags = { ...oddTags, how };
	const nothing = { loss: null, min_rtt: null, median_rtt: null, max_rtt: null };
	const ping = (time: string, rtt: number) => ({ time, ...tags, ...nothing, individual_rtt: rtt });
	const summary = { loss: 25, min_rtt: 0.000013, median_rtt: 0.0249, max_rtt: 1 };
	expect(rows).toEqual([
		{ time: '1795239970000000000', ...tags, ...summary, individual_rtt: null },
		ping('1795239970250000000', 0.000013),
		ping('1795239972250000000', 1),
		ping('1795239973250000000', 0.0249),
	]);
	const names = await influxd.query('SHOW MEASUREMENTS', database);
	expect(names).toContainEqual({ name: 'tun nel,x="1" \\x5c é🙂' });
	const types = await influxd.query('SHOW FIELD KEYS', database);
	expect(new Set(types.map(({ fieldType }) => fieldType))).toEqual(new Set(['float']));
});

test('a thousand odd tag values come back as the specification has them', async () => {
	const values = fc.sample(
		text.filter((value) => value !== ''),
		{ numRuns: 1000, seed: 7 },
	);
	const sink = await openEntry({ url: influxd.url, database: 'http', individual: 'none' });
	const batch = values.map((value, i) => delivered({ name: 'odd', tags: { number: String(i), value } }));
	await sink.write(batch, never);
	await sink.close();
	const rows = await influxd.query('SELECT "number", "value", loss FROM odd', 'http');
	const stored = new Map(rows.map(({ number, value }) => [Number(number), value]));
	expect(values.map((_, i) => stored.get(i))).toEqual(values.map(asTag));
});

test('a backslash before a blank in a tag, and a quote after it, swallow no neighbour', async () => {
	const plain = (number: number) => delivered({ name: 'neighbour', tags: { number: String(number) } });
	const odd = delivered({ name: 'swallower', tags: { 'a\\ b': 'x"y' } });
	const sink = await openEntry({ url: influxd.url, database: 'http' });
	await sink.write([plain(1), odd, plain(2), odd, plain(3)], never);
	await sink.close();
	const loss = (name: string) => influxd.query(`SELECT * FROM ${name} WHERE loss > 0`, 'http');
	expect((await loss('neighbour')).map(({ number }) => number).sort()).toEqual(['1', '2', '3']);
	expect(await loss('swallower')).toMatchObject([{ 'a\\x5c b': 'x"y' }]);
});

test('a batch with bad measurements: the good ones in it are stored, and the bad ones counted', async () => {
	const sink = await openEntry({ url: influxd.url, database: 'http' });
	const text = 'conflict loss="is text here" 1795239970000000000';
	await fetch(`${influxd.url}/write?db=http`, { method: 'POST', body: text });
	const good = delivered({ name: 'partial', tags: { which: 'good' } });
	// A field is of one type for good.
	const conflict = delivered({ name: 'conflict', rtts: [null] });
	const tooLong = delivered({ name: 'partial', tags: { long: 'x'.repeat(70_000) } });
	const written = (batch: readonly Delivered[]) => sink.write(batch, never);
	const refused = {
		refused: expect.stringMatching(/^unable to parse 'partial,long=x+': max key length exceeded/),
	};
	const refusedOf = async (batch: readonly Delivered[]) => {
		const refusal = await sink.write(batch, never).catch((error: unknown) => error);
		expect(refusal).toBeInstanceOf(SinkRefusal);
		return (refusal as SinkRefusal).refusedOnly;
	};
	expect(await refusedOf([conflict, good, conflict])).toBe(2);
	expect(await written([tooLong, good, tooLong])).toEqual([refused, 'taken', refused]);
	expect(await refusedOf([conflict])).toBe(1);
	// It says nothing of a partial write where there is nothing good.
	expect(await written([tooLong])).toEqual([refused]);
	await sink.close();
	const rows = await influxd.query('SELECT * FROM partial WHERE loss > 0', 'http');
	expect(rows).toMatchObject([{ which: 'good', loss: 50 }]);
});

test('a request that is too large is refused, so that it is cut up', async () => {
	const sink = await openEntry({ url: influxd.url, database: 'http' });
	const batch = Array.from({ length: 12_000 }, (_, i) => delivered({ tags: { number: String(i) } }));
	await expect(sink.write(batch, never)).rejects.toThrow(SinkTooLarge);
	await sink.write(batch.slice(0, 10), never);
	await sink.close();
});

test('without the database nothing is refused: it may be made yet', async () => {
	const sink = await openEntry({ url: influxd.url, database: 'later' });
	const fault = await sink.write([delivered()], never).catch((error: unknown) => error);
	expect(fault).not.toBeInstanceOf(SinkRefusal);
	expect(String(fault)).toMatch(
		/\/write\?db=later: HTTP 404: database not found: "later"\. Make the database/,
	);
	await influxd.query('CREATE DATABASE later');
	await sink.write([delivered()], never);
	await sink.close();
	const unnamed = await openEntry({ url: influxd.url });
	await expect(unnamed.write([delivered()], never)).rejects.toThrow(
		'HTTP 400: database is required. Write database: or bucket:',
	);
	await unnamed.close();
});

test('passwords are right or wrong, from a file too, and are never told', async () => {
	const entry = { url: guarded.url, database: 'http', username: 'admin' };
	const file = join(scratch, 'password');
	writeFileSync(file, 'not-it\n');
	const wrong = await openEntry({ ...entry, password_file: file });
	const fault = await wrong.write([delivered()], never).catch((error: unknown) => error);
	expect(fault).not.toBeInstanceOf(SinkRefusal);
	expect(String(fault)).toMatch(
		/HTTP 401: authorization failed\. Correct token: or username: and password:$/,
	);
	expect(JSON.stringify(fault)).not.toContain('not-it');
	await wrong.close();
	writeFileSync(file, 'secret\n');
	const right = await openEntry({ ...entry, password_file: file });
	await right.write([delivered()], never);
	await right.close();
	expect(await guarded.query('SELECT loss FROM tunnel', 'http')).toHaveLength(1);
});

test('a URL that has a path is used as it is', async () => {
	const sink = await openEntry({ url: `${influxd.url}/write?db=http` });
	await sink.write([delivered({ name: 'by_path' })], never);
	await sink.close();
	expect(await influxd.query('SELECT loss FROM by_path', 'http')).toHaveLength(1);
});
