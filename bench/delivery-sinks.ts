/** The sinks of the benchmark `delivery`, loaded in the thread of delivery. */
import { z } from 'zod';
import type { AnySink, SinkTable } from '../src/model/sink.ts';

/** Takes everything at once. */
const nothing: AnySink = {
	name: 'null',
	settings: z.strictObject({}),
	destination: () => 'null://',
	confirms: () => true,
	open: async () => ({ write: async () => {}, close: async () => {} }),
};

/** Can never be reached: everything goes to the spool. */
const outage: AnySink = {
	...nothing,
	name: 'outage',
	destination: () => 'outage://',
	open: () => Promise.reject(new Error('there is nobody')),
};

export const builtInSinks: SinkTable = new Map([nothing, outage].map((sink) => [sink.name, sink]));
