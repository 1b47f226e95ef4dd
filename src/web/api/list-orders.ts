import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import { askAboutOrders } from '../../memory/ask-daemon.ts';
import type { Order } from '../../model/order.ts';
import { globPattern } from '../../orders/glob.ts';
import { orderPattern } from '../../orders/selector.ts';
import { readErrorMessage } from '../../store/error-file.ts';
import { isSafeOrderId } from '../../store/order-path.ts';
import { readOwnText } from '../../store/read-own-text.ts';
import type { LastSlot } from '../metrics/order-series.ts';
import { RequestFault } from '../server/route.ts';
import type { WebParts } from '../web-parts.ts';
import { type ApiRoute, apiRoute, countParameter, textParameter } from './api-route.ts';
import { listedOrder } from './order-view.ts';

const usualLimit = 100;
const limitMax = 1000;
/** So many ids are looked at before others have their turn. */
const turnIds = 2000;

const query = z.strictObject({
	orders: textParameter.describe(
		'a pattern of ids, such as core/**; core/**/@*: a row for each point of presence',
	),
	user: textParameter.describe('a pattern of users'),
	probe: textParameter,
	target: textParameter,
	tag: textParameter.describe('NAME=VALUE; several with commas between'),
	state: z.enum(['measured', 'rejected'], 'must be measured or rejected').optional(),
	limit: countParameter(1, limitMax).describe(`orders an answer, ${usualLimit} by default`),
	after: textParameter.describe('the last id of the page before: `next` of its answer'),
});

type Query = z.infer<typeof query>;
type Listed = z.infer<typeof listedOrder>;

const answer = z.strictObject({
	orders: z.array(listedOrder),
	next: z.string().nullable().describe('what to write as after= for the next page; null: there is none'),
});

/** `GET /api/v1/orders`. */
export function listOrdersRoute(parts: WebParts): ApiRoute {
	return apiRoute({
		...{ method: 'GET', path: '/api/v1/orders', query, answer },
		summary: 'Orders, by id, a page at a time',
		handle: async (_, wanted) =>
			wanted.state === 'rejected' ? rejectedOrders(parts, wanted) : measuredOrders(parts, wanted),
	});
}

async function measuredOrders(
	{ orders, registry }: WebParts,
	wanted: Query,
): Promise<z.infer<typeof answer>> {
	const isWanted = filterOf(wanted);
	const names = wanted.orders === undefined ? orders.ids() : orders.names();
	return page(names, wanted, (name) => {
		const named = orders.named(name);
		if (named === null || !isWanted(named.order, name)) return null;
		const { order, pop } = named;
		return { ...listedOf(order, registry.lastOf(order.id, pop)), id: name };
	});
}

async function rejectedOrders({ baseDir }: WebParts, wanted: Query): Promise<z.infer<typeof answer>> {
	for (const key of ['user', 'probe', 'target', 'tag'] as const)
		if (wanted[key] !== undefined)
			throw new RequestFault(400, `${key}: is not known of rejected orders. Leave it out`);
	const asked = await askAboutOrders(baseDir);
	if ('silence' in asked) throw new RequestFault(503, `the daemon does not answer: ${asked.silence}`);
	const pattern = wanted.orders === undefined ? null : orderPattern(wanted.orders);
	const ids = asked.answer.orders.flatMap(([id, state]) => (state === 'rejected' ? [id] : [])).sort();
	return page(ids, wanted, (id) => {
		if (pattern?.test(id) === false || !isSafeOrderId(id)) return null;
		const text = readOwnText(`${baseDir}/output/${id}/error`);
		return { id, state: 'rejected', reason: text === null ? null : readErrorMessage(text) };
	});
}

async function page(
	ids: readonly string[],
	{ limit = usualLimit, after }: Query,
	listed: (id: string) => Listed | null,
): Promise<z.infer<typeof answer>> {
	const found: Listed[] = [];
	let looked = 0;
	for (let at = after === undefined ? 0 : firstAfter(ids, after); at < ids.length; at++) {
		if (++looked % turnIds === 0) await nextTurn();
		const one = listed(ids[at] ?? '');
		if (one === null) continue;
		if (found.length === limit) return { orders: found, next: found.at(-1)?.id ?? null };
		found.push(one);
	}
	return { orders: found, next: null };
}

/** By halves. */
function firstAfter(ids: readonly string[], after: string): number {
	let from = 0;
	let to = ids.length;
	while (from < to) {
		const middle = (from + to) >> 1;
		if ((ids[middle] ?? '') <= after) from = middle + 1;
		else to = middle;
	}
	return from;
}

function filterOf({ orders, user, probe, target, tag }: Query): (order: Order, name: string) => boolean {
	const ids = orders === undefined ? null : orderPattern(orders);
	const users = user === undefined ? null : globPattern(user);
	const tags = (tag === undefined ? [] : tag.split(',')).map((pair) => {
		const at = pair.indexOf('=');
		if (at < 1) throw new RequestFault(400, 'tag: must be NAME=VALUE');
		return [pair.slice(0, at), pair.slice(at + 1)] as const;
	});
	return (order, name) =>
		(ids?.test(name) ?? true) &&
		(users?.test(order.user) ?? true) &&
		(probe === undefined || order.probe === probe) &&
		(target === undefined || (order.shownTarget ?? order.target) === target) &&
		tags.every(([name, value]) => Object.hasOwn(order.tags, name) && order.tags[name] === value);
}

function listedOf(order: Order, last: LastSlot | null): Listed {
	const { id, user, task, probe, stepSeconds, pings, tags } = order;
	return {
		...{ id, state: 'measured', user, ...(task === undefined ? {} : { task }), probe },
		...{ target: order.shownTarget ?? order.target, step: stepSeconds, pings, tags },
		last:
			last === null
				? null
				: { time: last.startSeconds, loss: last.loss, sent: last.sent, median: last.medianSeconds },
	};
}
