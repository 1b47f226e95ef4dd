import { z } from 'zod';
import type { AnySink, SinkTable } from '../../src/model/sink.ts';

/** Sinks that can be configured, and do nothing: for tests of the config. */
const telegraf: AnySink = {
	name: 'telegraf',
	settings: z.strictObject({
		url: z.string().regex(/^(udp|tcp|http):\/\//, 'must begin with udp://, tcp:// or http://'),
	}),
	destination: ({ url }) => url,
	confirms: ({ url }) => url.startsWith('http:'),
	open: () => Promise.reject(new Error('not for use')),
};

const http: AnySink = {
	name: 'http',
	settings: z.strictObject({ url: z.url(), token: z.string().optional() }),
	destination: ({ url }) => url,
	confirms: () => true,
	open: () => Promise.reject(new Error('not for use')),
};

export const testSinks: SinkTable = new Map([telegraf, http].map((sink) => [sink.name, sink]));
