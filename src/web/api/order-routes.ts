import { statSync } from 'node:fs';
import { z } from 'zod';
import { errorCode } from '../../model/errno.ts';
import type { OrderFinding } from '../../model/order.ts';
import { printable } from '../../model/printable.ts';
import { wrongWithId } from '../../orders/names.ts';
import { readOrderFile } from '../../orders/order-file.ts';
import { OrderTrouble, OrderWriter } from '../../orders/writer.ts';
import { orderMaxBytes, readOrder } from '../../reading/order.ts';
import { isSafeOrderId } from '../../store/order-path.ts';
import { answerJson } from '../server/answers.ts';
import { type Asked, RequestFault } from '../server/route.ts';
import type { WebParts } from '../web-parts.ts';
import { type ApiRoute, answered, apiRoute, faultAnswer } from './api-route.ts';
import { etagOf, hasEtag, orderFromBody } from './order-text.ts';
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
	const writer = writerFor(parts.baseDir);
	const change = { scope: 'order', faults: { 403: readsOnly, 412: 'If-Match does not match' } } as const;
	return [
		apiRoute({
			...{ method: 'GET', path, query: none, answer: got },
			summary: 'An order',
			faults: { 404: 'there is no such order' },
			handle: (asked) => show(parts, asked),
		}),
		apiRoute({
			...{ method: 'PUT', path, query: none, answer: put, ...change },
			summary: 'Write an order. Its user is the name of the token; it never expires unless it says so',
			body: { types: ['application/json', 'application/yaml'], max: orderMaxBytes },
			faults: { ...change.faults, 201: 'it is new', 422: 'what is wrong with it', 507: 'the disk is full' },
			handle: (asked) => write(parts, writer, asked),
		}),
		apiRoute({
			...{ method: 'DELETE', path, query: none, answer: removed, ...change },
			summary: 'Remove an order; its results go to the archive',
			faults: { ...change.faults, 404: 'there is no such order' },
			handle: (asked) => remove(parts, writer, asked),
		}),
	];
}

/** Making one reads all of `orders/`: it is made anew only when that is another folder by now. */
function writerFor(baseDir: string): () => OrderWriter {
	let kept: { readonly inode: number; readonly writer: OrderWriter } | null = null;
	return () => {
		const inode = statSync(`${baseDir}/orders`, { throwIfNoEntry: false })?.ino ?? -1;
		if (kept === null || kept.inode !== inode) kept = { inode, writer: new OrderWriter(baseDir) };
		return kept.writer;
	};
}

const readsOnly = 'this server only reads';

function show(
	{ baseDir, probes }: WebParts,
	{ path: { id = '' }, response, who }: Asked,
): z.infer<typeof got> {
	const text = textOf(baseDir, id);
	if (text === null) throw new RequestFault(404, 'there is no such order');
	const read = readOrder(id, text, probes);
	response.setHeader('etag', etagOf(text));
	return {
		id,
		order: 'order' in read ? viewOf(read.order, probes) : null,
		findings: mutable('order' in read ? (read.notes ?? []) : read.findings),
		// It may have passwords in it.
		...(who?.scopes.includes('order') === true ? { text } : {}),
	};
}

/** Null when there is no such file. */
function textOf(baseDir: string, id: string): string | null {
	if (!isSafeOrderId(id)) return null;
	const read = readOrderFile(`${baseDir}/orders/${id}`);
	if ('text' in read) return read.text;
	if ('gone' in read) return null;
	throw new RequestFault(409, read.problem);
}

async function write(parts: WebParts, writer: () => OrderWriter, asked: Asked): Promise<symbol> {
	const { baseDir, probes, log } = parts;
	const id = asked.path['id'] ?? '';
	const user = changerOf(parts, asked);
	const wrong = wrongWithId(id);
	if (wrong !== null) throw unprocessable([{ message: `the order id ${wrong}` }]);
	const type = String(asked.request.headers['content-type'] ?? '');
	const sent = orderFromBody(await asked.body(), /\bjson\b/i.test(type), user);
	if ('findings' in sent) throw unprocessable(sent.findings);
	const { text } = sent;
	if (Buffer.byteLength(text) > orderMaxBytes)
		throw unprocessable([{ message: `larger than ${orderMaxBytes} bytes. Write less into it` }]);
	const read = readOrder(id, text, probes);
	if ('findings' in read) throw unprocessable(read.findings);
	const state = changing(() => {
		checkPreconditions(asked, textOf(baseDir, id));
		return writer().write(id, text, (old) => {
			checkPreconditions(asked, old);
			return true;
		});
	});
	log.info(`web: ${user} wrote the order ${printable(id)} (${state})`);
	answerJson(
		asked.response,
		state === 'added' ? 201 : 200,
		{ id, state, findings: read.notes ?? [] },
		{ etag: etagOf(text) },
	);
	return answered;
}

function remove(parts: WebParts, writer: () => OrderWriter, asked: Asked): z.infer<typeof removed> {
	const { baseDir, log } = parts;
	const id = asked.path['id'] ?? '';
	const user = changerOf(parts, asked);
	changing(() => {
		const text = textOf(baseDir, id);
		if (text === null) throw new RequestFault(404, 'there is no such order');
		checkPreconditions(asked, text);
		writer().remove(id);
	});
	log.info(`web: ${user} removed the order ${printable(id)}`);
	return { id, state: 'removed' };
}

/** The name of the token that it comes with. */
function changerOf({ isAlone }: WebParts, { who }: Asked): string {
	if (isAlone)
		throw new RequestFault(
			403,
			`${readsOnly}: it runs without the daemon. Ask the one that the daemon starts`,
		);
	if (who === null) throw new RequestFault(401, 'a token is needed');
	return who.name;
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

function unprocessable(findings: readonly OrderFinding[]): RequestFault {
	return new RequestFault(422, 'this is no order that can be measured', { findings });
}

function mutable(findings: readonly OrderFinding[]): z.infer<typeof finding>[] {
	return findings.map((one) => ({ ...one }));
}

/** What is in the way on the disk, as a status. */
function changing<T>(act: () => T): T {
	try {
		return act();
	} catch (error) {
		if (!(error instanceof OrderTrouble)) throw error;
		const code = error.cause === undefined ? '' : errorCode(error.cause);
		const isFull = code === 'ENOSPC' || code === 'EDQUOT';
		throw new RequestFault(isFull ? 507 : code === 'ENOENT' ? 404 : 409, error.message);
	}
}
