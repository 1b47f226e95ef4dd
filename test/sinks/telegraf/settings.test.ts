/** What an entry `type: telegraf` may say, where it sends to, and what is wrong with others. */
import { expect, test } from 'vitest';
import { builtInSinks } from '../../../src/sinks/index.ts';
import { telegraf } from '../../../src/sinks/telegraf/index.ts';
import { delivered } from '../shared/delivered.ts';
import { readEntry } from './sink-harness.ts';

test.each([
	[{ url: '127.0.0.1:8094' }, 'udp://127.0.0.1:8094', false],
	[{ url: 'udp://telegraf.example.net:8094' }, 'udp://telegraf.example.net:8094', false],
	[{ url: '[::1]:8094' }, 'udp://[::1]:8094', false],
	[{ url: 'tcp://[fd00::1]:8094/' }, 'tcp://[fd00::1]:8094', true],
	[{ url: 'unix:///run/telegraf.sock' }, 'unix:///run/telegraf.sock', true],
	[{ url: 'http://influx:8086', database: 'pings' }, 'http://influx:8086/write?db=pings', true],
	[
		{ url: 'https://influx', bucket: 'b', org: 'o', token: 'very-secret' },
		'https://influx/api/v2/write?org=o&bucket=b',
		true,
	],
	[{ url: 'http://influx/write?db=x&u=me&p=very-secret#f' }, 'http://influx/write?db=x', true],
])('%j goes to %s', (entry, destination, confirms) => {
	const settings = readEntry(entry);
	expect(telegraf.destination(settings)).toBe(destination);
	expect(telegraf.confirms(settings)).toBe(confirms);
});

test.each([
	[{}, 'sinks[0].url: is missing. Write url: below sinks[0]:, indented'],
	[
		{ url: 'localhost' },
		'sinks[0].url: needs a host and a port. Write udp://127.0.0.1:8094 or udp://[::1]:8094',
	],
	[{ url: 'udp://a:0' }, 'sinks[0].url: needs a host and a port'],
	[{ url: 'udp://a:65536' }, 'sinks[0].url: needs a host and a port'],
	[{ url: 'tcp://::1:8094' }, 'sinks[0].url: needs a host and a port. Write tcp://127.0.0.1:8094'],
	[{ url: 'tcp://[nonsense]:8094' }, 'sinks[0].url: needs a host and a port'],
	[
		{ url: 'unixgram:///run/x' },
		'sinks[0].url: unixgram:// is not supported: Node.js has no such sockets. Use unix:// or udp://',
	],
	[{ url: 'unix://run/x' }, 'sinks[0].url: needs a path from the root'],
	[
		{ url: 'ftp://x' },
		'sinks[0].url: ftp:// is not supported. Use udp://, tcp://, unix://, http:// or https://',
	],
	[{ url: 'http://' }, 'sinks[0].url: is no URL'],
	[
		{ url: 'http://me:pw@x' },
		'sinks[0].url: holds a user or a password. Write them as username: and password:',
	],
	[
		{ url: 'http://x/write?precision=s' },
		'sinks[0].url: asks for the precision s, but times are nanoseconds',
	],
	[{ url: 'a:1', individual: 'true' }, 'sinks[0].individual: '],
	[{ url: 'a:1', individual: 'none', summary: false }, 'sinks[0].individual: leaves nothing to be sent'],
	[{ url: 'a:1', tokn: 'x' }, 'sinks[0].tokn: unknown option. Did you mean token?'],
	[{ url: 'a:1', token: 'x' }, 'sinks[0].token: is for http:// and https:// only. Remove it'],
	[{ url: 'tcp://a:1', gzip: true }, 'sinks[0].gzip: is for http:// and https:// only. Remove it'],
	[
		{ url: 'http://x', database: 'a', bucket: 'b' },
		'sinks[0].database: cannot stand beside bucket. Keep one of them',
	],
	[{ url: 'http://x', password: 'a' }, 'sinks[0].password: needs username: beside it. Write it'],
	[{ url: 'http://x', token: 'a', token_file: '/b' }, 'sinks[0].token: cannot stand beside token_file'],
	[{ url: 'http://x', token_file: 'b' }, 'sinks[0].token_file: must be a path from the root'],
	[
		{ url: 'a:1', max_line_bytes: 100_000 },
		'sinks[0].max_line_bytes: is for tcp:// and unix:// only. Remove it',
	],
	[{ url: 'tcp://a:1', max_line_bytes: 1 }, 'sinks[0].max_line_bytes: '],
	[{ url: 'a:1', tags: { a: ['b'] } }, 'sinks[0].tags.a: '],
])('%j is wrong', (entry, message) => {
	let said = '';
	try {
		readEntry(entry);
	} catch (error) {
		said = (error as Error).message;
	}
	expect(said).toContain(message);
	expect(said).not.toContain('|');
});

test('a secret that is wrong is not told', () => {
	expect(() => readEntry({ url: 'http://x', token: 4711 })).toThrow(
		/token: must be text\. Put it in quotes$/,
	);
	expect(() => readEntry({ url: 'http://x', token: ['very-secret'] })).toThrow(
		/token: must be text\. Put it in quotes$/,
	);
});

test('defaults are what pingmachine 1.6 did, and tags may be numbers', () => {
	expect(readEntry({ url: 'a:1', tags: { site: 7, live: true } })).toMatchObject({
		summary: true,
		individual: 'spread',
		tags: { site: '7', live: 'true' },
	});
});

test('it takes orders that have a measurement name', () => {
	const { order } = delivered();
	const { measurementName: _, ...unnamed } = order;
	const entry = telegraf.settings.parse({ url: 'udp://127.0.0.1:8094' });
	expect(telegraf.takes?.(order, entry)).toBe(true);
	expect(telegraf.takes?.(unnamed, entry)).toBe(false);
	expect(builtInSinks.get('telegraf')).toBe(telegraf);
});
