/** The API of the web server beside the real daemon, over real HTTP. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { emptyRing, ringWrites } from '../../src/history/slot-ring.ts';
import { Daemon } from '../support/daemon.ts';
import { icmpOrder, patient, startWebDaemon } from '../support/web-daemon.ts';

const api = (address: string, path: string) => `${address}/api/v1/${path}`;
const idPart = encodeURIComponent('core/a');

async function json(
	url: string,
	init: RequestInit = {},
): Promise<{ status: number; body: Record<string, never> }> {
	const response = await fetch(url, init);
	return { status: response.status, body: (await response.json()) as Record<string, never> };
}

/** A file of slots, as the store writes it. */
function ringOf(start: number): Buffer {
	const shape = { stepSeconds: 2, pings: 2, capacity: 100 };
	const ring = emptyRing(shape);
	const records = [
		{ timeSeconds: start, loss: 1, medianSeconds: 0.02 },
		{ timeSeconds: start + 2, loss: null, medianSeconds: null },
		{ timeSeconds: start + 4, loss: 2, medianSeconds: null },
	];
	for (const { offset, bytes } of ringWrites(shape, 0, records).writes) bytes.copy(ring, offset);
	return ring;
}

const hour =
	'{"time":1795240800,"span":3600,"slots":60,"down":1,"unknown":0,"sent":300,"lost":7,"sum":6.1,"min":0.0197,"max":0.0211,"schema":4,"buckets":[[-90,12],[-89,281]]}\n';

test('every answer is what openapi.json says', async () => {
	await using daemon = new Daemon();
	daemon.order('core/a', icmpOrder({ tags: { site: 'zrh' } }));
	const { address } = await startWebDaemon(daemon);
	await daemon.resultOf('core/a');
	await daemon.until('main.rrd is there', () => daemon.exists('output/core/a/main.rrd'));
	if (!daemon.exists('output/core/a/histograms')) daemon.put('output/core/a/histograms', hour);
	if (!daemon.exists('output/core/a/slots')) daemon.put('output/core/a/slots', ringOf(1_795_240_800));
	if (!daemon.exists('output/core/a/events'))
		daemon.put('output/core/a/events', '{"time":1,"event":"edited"}\n{"torn');
	daemon.put(
		'output/core/a/routes',
		'{"time":1795240800,"reached":true,"hops":[{"addresses":["127.0.0.1"]}]}\n',
	);
	const document = (await json(api(address, 'openapi.json'))).body as unknown as {
		openapi: string;
		paths: Record<string, Record<string, Operation>>;
	};
	expect(document.openapi).toBe('3.1.0');
	const asked = Object.entries(document.paths).flatMap(([path, operations]) => {
		const content = operations['get']?.responses['200']?.content['application/json'];
		return content === undefined ? [] : [{ path, schema: content.schema }];
	});
	expect(asked.length).toBeGreaterThanOrEqual(11);
	for (const { path, schema } of asked) {
		const { status, body } = await json(address + path.replace('{id}', idPart));
		expect(status, path).toBe(200);
		const read = z.fromJSONSchema(schema as never).safeParse(body);
		expect(read.error?.issues ?? [], path).toEqual([]);
	}
	const wrong = await json(api(address, 'orders?limit=0'));
	expect(wrong).toMatchObject({ status: 400, body: { error: expect.stringContaining('limit: ') } });
	expect(await json(api(address, 'orders?nmae=x'))).toMatchObject({
		status: 400,
		body: { error: expect.stringContaining('nmae: is no parameter here. Known: orders, user') },
	});
	expect(await json(api(address, 'orders/nobody/last'))).toMatchObject({ status: 404 });
	expect((await json(api(address, 'orders/..%2F..%2Fetc/last'))).status).toBe(404);
	// Nothing has happened to it, and that is known.
	daemon.put('output/core/old/last_result', 'time: 1795240800\n');
	expect(await json(api(address, 'orders/core%2Fold/events'))).toMatchObject({
		status: 200,
		body: { events: [] },
	});
});

interface Operation {
	responses: Record<string, { content: Record<string, { schema: unknown }> }>;
}

test('orders are listed by filters and pages, and those that are rejected with the reason', async () => {
	await using daemon = new Daemon();
	for (const name of ['a', 'b', 'c', 'd', 'e']) daemon.order(`core/${name}`, icmpOrder({ tags: { name } }));
	daemon.order('other/x', icmpOrder({ user: 'you' }));
	daemon.order('other/wrong', 'user: me\n');
	const { address } = await startWebDaemon(daemon);
	const list = async (query: string) =>
		(await json(api(address, `orders?${query}`))).body as never as {
			orders: { id: string; reason?: string }[];
			next: string | null;
		};
	const ids = async (query: string) => (await list(query)).orders.map(({ id }) => id);
	expect(await ids('')).toEqual(['core/a', 'core/b', 'core/c', 'core/d', 'core/e', 'other/x']);
	expect(await ids('orders=core/*&tag=name=c')).toEqual(['core/c']);
	expect(await ids('user=y*')).toEqual(['other/x']);
	const pages: string[][] = [];
	for (let after: string | null = ''; after !== null; ) {
		const page: Awaited<ReturnType<typeof list>> = await list(`orders=core&limit=2&after=${after}`);
		pages.push(page.orders.map(({ id }) => id));
		after = page.next;
	}
	expect(pages).toEqual([['core/a', 'core/b'], ['core/c', 'core/d'], ['core/e']]);
	await daemon.errorOf('other/wrong');
	const { orders } = await list('state=rejected');
	expect(orders).toMatchObject([{ id: 'other/wrong', reason: expect.stringContaining('step') }]);
});

test('what can be written is written, in the name of the token', async () => {
	await using daemon = new Daemon();
	const { address, tokens } = await startWebDaemon(daemon, {
		tmon: ['read', 'order'],
		reader: ['read'],
	});
	const url = api(address, `orders/${encodeURIComponent('tmon/router 1')}`);
	const as = (name: string, more: Record<string, string> = {}) => ({
		authorization: `Bearer ${tokens[name]}`,
		'content-type': 'application/json',
		...more,
	});
	const { user: _, ...order } = JSON.parse(icmpOrder()) as Record<string, unknown>;
	const put = (body: string, headers: Record<string, string>) => fetch(url, { method: 'PUT', body, headers });
	const path = daemon.path('orders/tmon/router 1');

	expect((await put(JSON.stringify(order), {})).status).toBe(401);
	expect((await put(JSON.stringify(order), as('reader'))).status).toBe(403);
	const wrong = await put(JSON.stringify({ ...order, step: -1 }), as('tmon'));
	expect([wrong.status, await wrong.json()]).toMatchObject([422, { findings: [{ key: 'step' }] }]);
	const others = await put(JSON.stringify({ ...order, user: 'other' }), as('tmon'));
	expect([others.status, await others.json()]).toMatchObject([422, { findings: [{ key: 'user' }] }]);
	expect(existsSync(path)).toBe(false);

	const added = await put(JSON.stringify(order), as('tmon'));
	expect([added.status, await added.json()]).toMatchObject([201, { state: 'added' }]);
	expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
		...{ ...order, user: 'tmon', expires: 'never', made_by: 'pingmachine web' },
	});
	await daemon.resultOf('tmon/router 1');

	const seen = await fetch(url, { headers: as('tmon') });
	const etag = seen.headers.get('etag') ?? '';
	expect(etag).toBe(added.headers.get('etag'));
	expect(await seen.json()).toMatchObject({
		text: readFileSync(path, 'utf8'),
		order: { user: 'tmon', expires: null },
	});
	expect(await (await fetch(url, { headers: as('reader') })).json()).not.toHaveProperty('text');

	const yaml = '# by hand\nstep: 4\npings: 2\nprobe: icmp\nicmp:\n    host: 127.0.0.1\nexpires: 2h';
	const asYaml = as('tmon', { 'content-type': 'application/yaml' });
	expect((await put(yaml, { ...asYaml, 'if-match': '"another"' })).status).toBe(412);
	expect((await put(yaml, { ...asYaml, 'if-none-match': '*' })).status).toBe(412);
	expect((await put(yaml, { ...asYaml, 'if-match': etag })).status).toBe(200);
	expect(readFileSync(path, 'utf8')).toBe(`${yaml}\nuser: "tmon"\nmade_by: "pingmachine web"\n`);

	expect((await fetch(url, { method: 'DELETE', headers: as('tmon', { 'if-match': etag }) })).status).toBe(
		412,
	);
	expect((await fetch(url, { method: 'DELETE', headers: as('tmon') })).status).toBe(200);
	expect(existsSync(path)).toBe(false);
	expect((await fetch(url, { method: 'DELETE', headers: as('tmon') })).status).toBe(404);
	await daemon.until('the log names who changed what', () =>
		/web: tmon wrote the order tmon\/router 1 \(added\).*web: tmon removed the order tmon\/router 1/s.test(
			daemon.output,
		),
	);
	expect(daemon.output).not.toContain(tokens['tmon']);
	for (const id of ['../x', 'a/.hidden', '@hub/x', 'a//b']) {
		const bad = await fetch(api(address, `orders/${encodeURIComponent(id)}`), {
			...{ method: 'PUT', body: JSON.stringify(order), headers: as('tmon') },
		});
		expect(bad.status, id).toBe(422);
	}
});

test('series are as wide as a graph, in JSON and as floats alike', async () => {
	await using daemon = new Daemon();
	daemon.order('core/a', icmpOrder());
	const { address } = await startWebDaemon(daemon);
	const first = await daemon.resultOf('core/a');
	await daemon.resultOf('core/a', ({ time }) => time >= first.time + 6);
	const span = `start=${first.time}&end=${first.time + 6}`;
	const { body } = await json(api(address, `orders/${idPart}/series?${span}`));
	expect(body).toMatchObject({ start: first.time, step: 2, rows: 3 });
	const columns = body['columns'] as never as Record<string, number[]>;
	expect(Object.keys(columns)).toEqual(['loss', 'median', 'ping1', 'ping2']);
	expect(columns['median']?.[0]).toBeCloseTo(first.median ?? 0, 6);
	const floats = await fetch(api(address, `orders/${idPart}/series?${span}&format=float32`));
	expect(floats.headers.get('pingmachine-columns')).toBe('loss,median,ping1,ping2');
	const values = [...new Float32Array(await floats.arrayBuffer())];
	expect(values).toEqual(Object.values(columns).flat().map(Math.fround));
	const coarse = await json(api(address, `orders/${idPart}/series?${span}&points=1`));
	expect(coarse.body).toMatchObject({ rows: 1 });
});

test('what happens is told as it happens, to those who want to hear it', async () => {
	await using daemon = new Daemon();
	daemon.order('core/a', icmpOrder());
	daemon.order('other/b', icmpOrder());
	const { address } = await startWebDaemon(daemon);
	const heard: { name: string; data: Record<string, never> }[] = [];
	const abort = new AbortController();
	const response = await fetch(api(address, `events?orders=core/**&early=${idPart}`), {
		signal: abort.signal,
	});
	expect(response.headers.get('content-type')).toContain('text/event-stream');
	const reading = (async () => {
		let rest = '';
		for await (const chunk of response.body?.pipeThrough(new TextDecoderStream() as never) ?? []) {
			const messages = (rest + String(chunk)).split('\n\n');
			rest = messages.pop() ?? '';
			for (const message of messages) {
				const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(message) ?? [];
				if (name !== undefined) heard.push({ name, data: JSON.parse(data ?? '') });
			}
		}
	})().catch(() => {});
	const names = () => new Set(heard.map(({ name }) => name));
	await expect.poll(names, patient).toEqual(new Set(['changed', 'outcome', 'early']));
	await daemon.resultOf('other/b');
	rmSync(daemon.path('orders/core/a'));
	await expect.poll(() => names().has('gone'), patient).toBe(true);
	expect(heard.map(({ data }) => String(data['id'] ?? data['order']?.['id']))).not.toContain('other/b');
	expect((await fetch(api(address, 'events?about=nothing'))).status).toBe(400);
	abort.abort();
	await reading;
});
