/** What the probes that time in JavaScript read. */
import { statusOption, wrongWithBody } from '../../../../probes/http/expectations.ts';
import { atPath, readJsonPath } from '../../../../probes/http/json-path.ts';
import { readProxy, readUrl } from '../../../../probes/http/url.ts';
import { matches, patternOption } from '../../../../probes/shared/pattern.ts';
import { readHosts } from '../../../../probes/shared/timing/names.ts';
import { reasonOf } from '../../../../probes/shared/tls/handshake.ts';
import { masked, secretsOf, shownUrl } from '../../../../probes/shared/url.ts';
import type { TextReaders } from './feeds.ts';

export const timing: TextReaders = {
	'probes/http/connection.ts': 'what a proxy says, of which 16 KiB are read',
	'probes/http/exchange.ts': "texts of Node's own errors",
	'probes/http/expectations.ts': [
		(text) => statusOption.safeParse(text),
		(text) => wrongWithBody(text, { status: [], match: ['^a+b'], json: [{ path: 'a' }] }, false),
	],
	'probes/http/index.ts': 'a token from a file of at most 1 MB, and paths of an order',
	'probes/http/json-path.ts': [readJsonPath, (text) => atPath({ a: text }, readJsonPath(text) ?? [])],
	'probes/http/options.ts': 'fed by src/reading/order.ts',
	'probes/http/ping.ts': 'a location of at most 4,000 characters',
	'probes/http/url.ts': [
		readUrl,
		readProxy,
		(text) => readUrl(`http://${text}`),
		(text) => readUrl(`http://${text}@x/`),
		(text) => readProxy(`http://x:${text}`),
	],
	'probes/shared/url.ts': [
		(text) => shownUrl(`http://${text}`),
		(text) => shownUrl(`x:${text}`),
		(text) => secretsOf([`http://a:${encodeURIComponent(text)}@x/`]),
		(text) => masked(text, ['a', ':', '@']),
	],
	'probes/shared/pattern.ts': [
		(text) => patternOption().safeParse(text),
		(text) => matches('^(a|b)*c', text),
	],
	'probes/shared/timing/connect.ts': 'an address, which was checked',
	'probes/shared/timing/names.ts': [readHosts],
	'probes/shared/tls/context.ts': 'paths of an order, and words of OpenSSL',
	'probes/shared/tls/handshake.ts': [(text) => reasonOf(new Error(text))],
};
