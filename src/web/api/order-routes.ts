import { z } from 'zod';
import type { OrderFinding } from '../../model/order.ts';
import { popFolderIn } from '../../model/pop.ts';
import { orderMaxBytes, readOrder } from '../../reading/order.ts';
import { popsIn } from '../../store/find-orders.ts';
import { answerJson } from '../server/answers.ts';
import { type Asked, RequestFault } from '../server/route.ts';
import type { WebParts } from '../web-parts.ts';
import { type ApiRoute, answered, apiRoute, faultAnswer } from './api-route.ts';
import { OrderChanges, readsOnly } from './order-changes.ts';
import { etagOf, hasEtag } from './order-text.ts';
import { orderView, viewOf } from './order-view.ts';

const none = z.strictObject({});
const finding = faultAnswer.shape.findings.unwrap().element;

const got = z.strictObject({
	id: z.string(),
	order: orderView.nullable().describe('null: it is rejected'),
	findings: z.array(finding).describe('what is wrong with it, or not understood'),
	text: z.string().optional().describe('the file, for tokens with the scope order'),
});

const put = z.strictObject({
	id: z.string(),
	state: z.enum(['added', 'replaced', 'refreshed']),
	findings: z.array(finding).describe('what is not understood, and as if it were not there'),
});

const removed = z.strictObject({ id: z.string(), state: z.literal('removed') });

const path = '/api/v1/orders/:id';

/** `GET`, `PUT` and `DELETE /api/v1/orders/ID`. */
export function orderRoutes(parts: WebParts): ApiRoute[] {
	const changes = new OrderChanges(parts);
	const change = { scope: 'order', faults: { 403: readsOnly, 412: 'If-Match does not match' } } as const;
	return [
		apiRoute({
			...{ method: 'GET', path, query: none, answer: got },
			summary: 'An order',
			faults: { 404: 'there is no such order' },
			handle: (asked) => show(parts, changes, asked),
		}),
		apiRoute({
			...{ method: 'PUT', path, query: none, answer: put, ...change },
			summary: 'Write an order. Its user is the name of the token; it never expires unless it says so',
			body: { types: ['application/json', 'application/yaml'], max: orderMaxBytes },
			faults: { ...change.faults, 201: 'it is new', 422: 'what is wrong with it', 507: 'the disk is full' },
			handle: (asked) => write(changes, asked),
		}),
		apiRoute({
			...{ method: 'DELETE', path, query: none, answer: removed, ...change },
			summary: 'Remove an order; its results go to the archive',
			faults: { ...change.faults, 404: 'there is no such order' },
			handle: (asked) => remove(changes, asked),
		}),
	];
}

function show(
	{ probes, baseDir }: WebParts,
	changes: OrderChanges,
	{ path: { id = '' }, response, who }: Asked,
): z.infer<typeof got> {
	const named = popFolderIn(id);
	const text = changes.textOf(named?.id ?? id);
	const isThere = named === null || popsIn(baseDir, named.id).includes(named.pop);
	if (text === null || !isThere) throw new RequestFault(404, 'there is no such order');
	const read = readOrder(named?.id ?? id, text, probes);
	response.setHeader('etag', etagOf(text));
	return {
		id,
		order: 'order' in read ? { ...viewOf(read.order, probes), id } : null,
		findings: mutable('order' in read ? (read.notes ?? []) : read.findings),
		// It may have passwords in it.
		...(who?.scopes.includes('order') === true ? { text } : {}),
	};
}

async function write(changes: OrderChanges, asked: Asked): Promise<symbol> {
	const id = asked.path['id'] ?? '';
	const user = changes.changerOf(asked);
	const type = String(asked.request.headers['content-type'] ?? '');
	const checked = changes.check({ id, body: await asked.body(), isJson: /\bjson\b/i.test(type), user });
	const state = changes.write(checked, user, (old) => checkPreconditions(asked, old));
	answerJson(
		asked.response,
		state === 'added' ? 201 : 200,
		{ id, state, findings: checked.notes },
		{ etag: etagOf(checked.text) },
	);
	return answered;
}

function remove(changes: OrderChanges, asked: Asked): z.infer<typeof removed> {
	const id = asked.path['id'] ?? '';
	changes.remove(id, changes.changerOf(asked), (old) => checkPreconditions(asked, old));
	return { id, state: 'removed' };
}

function checkPreconditions({ request: { headers } }: Asked, old: string | null): void {
	const etag = old === null ? null : etagOf(old);
	const wanted = headers['if-match'];
	const unwanted = headers['if-none-match'];
	if (wanted !== undefined && !hasEtag(wanted, etag))
		throw new RequestFault(412, 'the order is another one by now. Get it, and look at it again');
	if (unwanted !== undefined && hasEtag(String(unwanted), etag))
		throw new RequestFault(412, 'there is such an order already');
}

function mutable(findings: readonly OrderFinding[]): z.infer<typeof finding>[] {
	return findings.map((one) => ({ ...one }));
}
