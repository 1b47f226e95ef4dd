import { z } from 'zod';
import { type FoundOrder, findOrderFolder, OrderProblem } from '../../store/find-orders.ts';
import { lastFactsName, readLastFacts } from '../../store/last-facts.ts';
import { lastResultName, readLastResult } from '../../store/last-result.ts';
import { isSafeOrderId } from '../../store/order-path.ts';
import { readOwnText } from '../../store/read-own-text.ts';
import { RequestFault } from '../server/route.ts';
import type { WebParts } from '../web-parts.ts';
import { type ApiRoute, apiRoute } from './api-route.ts';

const seconds = z.number();
const rtt = seconds.nullable();
const scalar = z.union([z.number(), z.string(), z.boolean()]);

const last = z.strictObject({
	id: z.string(),
	time: seconds.describe('start of the slot'),
	updated: seconds,
	step: z.number(),
	pings: z.int(),
	loss: z.int(),
	...{ min: rtt, median: rtt, max: rtt },
	facts_time: seconds.nullable().describe('start of the slot that the facts are of'),
	facts: z.record(z.string(), z.union([scalar, z.array(scalar.nullable())])),
});

const none = z.strictObject({});
const noSuch = { 404: 'there is no such order, or nothing was measured yet' };

/** What the last measurement of an order was, and all that is known of it. */
export function lastRoutes(parts: WebParts): ApiRoute[] {
	return [
		apiRoute({
			...{ method: 'GET', path: '/api/v1/orders/:id/last', query: none, answer: last, faults: noSuch },
			summary: 'The last result of an order, and its facts',
			handle: ({ path: { id = '' } }) => lastOf(folderOf(parts, id)),
		}),
		apiRoute({
			...{ method: 'GET', path: '/api/v1/orders/:id/explain', query: none, faults: noSuch },
			answer: z.looseObject({ id: z.string(), state: z.string() }).describe('as pingmachine explain --json'),
			summary: 'All that is known of an order: what it asks for, how it is measured, and why it is not',
			handle: async ({ path: { id = '' } }) => {
				const told = isSafeOrderId(id) ? await parts.explain(id) : null;
				if (told === null) throw new RequestFault(404, 'there is no such order');
				return told;
			},
		}),
	];
}

function lastOf({ id, folder }: FoundOrder): z.infer<typeof last> {
	const text = readOwnText(`${folder}/${lastResultName}`);
	const result = text === null ? { reason: 'nothing was measured yet' } : readLastResult(text);
	if ('reason' in result) throw new RequestFault(404, `last_result: ${result.reason}`);
	const told = readOwnText(`${folder}/${lastFactsName}`);
	const facts = told === null ? null : readLastFacts(told);
	return {
		id,
		...result,
		facts_time: facts?.time ?? null,
		facts: (facts?.facts ?? {}) as z.infer<typeof last>['facts'],
	};
}

/** Where the files of an order are. Throws `RequestFault`. */
export function folderOf({ baseDir }: WebParts, id: string): FoundOrder {
	const found = reading(() => (isSafeOrderId(id) ? findOrderFolder(baseDir, id) : null));
	if (found === null) throw new RequestFault(404, 'there is no such order, or nothing was measured yet');
	return found;
}

/** What the files do not say, as a fault of the request. */
export function reading<T>(read: () => T): T {
	try {
		return read();
	} catch (error) {
		if (error instanceof OrderProblem) throw new RequestFault(404, error.message);
		throw error;
	}
}
