/** What the probes that time in JavaScript read. */
import { matches, patternOption } from '../../../../probes/shared/pattern.ts';
import { readHosts } from '../../../../probes/shared/timing/names.ts';
import { reasonOf } from '../../../../probes/shared/tls/handshake.ts';
import type { TextReaders } from './feeds.ts';

export const timing: TextReaders = {
	'probes/shared/pattern.ts': [(text) => patternOption.safeParse(text), (text) => matches('^(a|b)*c', text)],
	'probes/shared/timing/connect.ts': 'an address, which was checked',
	'probes/shared/timing/names.ts': [readHosts],
	'probes/shared/tls/context.ts': 'paths of an order, and words of OpenSSL',
	'probes/shared/tls/handshake.ts': [(text) => reasonOf(new Error(text))],
};
