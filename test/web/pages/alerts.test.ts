/** Alerts by HTTP: the API, `/alerts`, and the section of an order's page. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FiringAlertAnswer } from '../../../src/model/alert-answer.ts';
import { readMute } from '../../../src/reading/mute.ts';
import { newToken } from '../../../src/web/access/tokens.ts';
import { makeOrder } from '../../commands/graph/rrds.ts';
import { orderOf, type ServedPages, servePages } from '../support/served-pages.ts';

const step = 60;
const first = Math.floor(Date.now() / 1000 / step - 100) * step;
const alert: FiringAlertAnswer = {
	...{ id: `loss|a/b|${first}`, rule: 'loss', severity: 'warning', order: 'a/b', title: '<b>bold</b>' },
	...{ what: 'loss 60 % (over 20 %) in 3 of 5 slots', since: first, raised: first + 180, pops: ['local'] },
	...{ told: null, held: { why: 'parent', by: 'a/router' }, acknowledged: null },
};

let served: ServedPages;
let folder: string;
const keys: Record<string, string> = {};
beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), 'pingmachine-tokens-'));
	const tokens = (['read', 'alert'] as const).map((scope) => {
		const { token, line } = newToken(scope, scope === 'alert' ? ['read', 'alert'] : [scope]);
		keys[scope] = token;
		return line;
	});
	writeFileSync(join(folder, 'tokens'), tokens.join(''), { mode: 0o600 });
	const web = { tokens_file: join(folder, 'tokens') };
	served = await servePages([orderOf('a/b'), orderOf('c')], { web, firing: [alert] });
	for (const id of ['a/b', 'c']) {
		makeOrder(served.baseDir, {
			...{ id, stepSeconds: step, pings: 4, firstSeconds: first },
			slots: Array.from({ length: 90 }, (_, at) => (id === 'c' || at < 10 || at >= 20 ? [1, 1, 1, 1] : [1])),
		});
	}
	const { id, rule, severity, what, since, raised, pops } = alert;
	const line = {
		time: raised,
		about: 'raise',
		id,
		rule,
		severity,
		what,
		sinceSeconds: since,
		raisedSeconds: raised,
		pops,
	};
	writeFileSync(join(served.baseDir, 'output/a/b/alerts'), `${JSON.stringify(line)}\n`);
	mkdirSync(join(served.baseDir, 'state'), { recursive: true });
	const own = {
		...line,
		id: 'sinks|sink <i>x</i>|1',
		rule: 'sinks',
		part: { kind: 'sink', name: '<i>x</i>' },
	};
	writeFileSync(join(served.baseDir, 'state/alerts'), `${JSON.stringify(own)}\nnothing of the kind\n`);
	mkdirSync(join(served.baseDir, 'alerts'), { recursive: true });
	writeFileSync(join(served.baseDir, 'alerts/loss.yaml'), 'loss: {over: 20%, for: 3 of 5 slots}');
});
afterAll(() => {
	served.close();
	rmSync(folder, { recursive: true });
});

async function ask(path: string, body?: string | object, key = 'alert') {
	const answer = await fetch(served.address + path, {
		...(body === undefined
			? {}
			: { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) }),
		headers: { authorization: `Bearer ${keys[key]}`, accept: path.startsWith('/api') ? '*/*' : 'text/html' },
	});
	return { status: answer.status, text: await answer.text() };
}

const mutesNow = () =>
	readdirSync(join(served.baseDir, 'mutes')).map((name) =>
		readMute(name, readFileSync(join(served.baseDir, 'mutes', name), 'utf8'), 0),
	);

test('the API lists what fires and what did', async () => {
	expect(JSON.parse((await ask('/api/v1/alerts')).text)).toEqual({ firing: [alert] });
	const { history } = JSON.parse((await ask('/api/v1/alerts/history?order=a/**')).text) as {
		history: unknown[];
	};
	expect(history).toMatchObject([{ about: 'raise', order: 'a/b', rule: 'loss' }]);
	expect(JSON.parse((await ask('/api/v1/alerts/history?order=c')).text)).toEqual({ history: [] });
	expect(JSON.parse((await ask('/api/v1/alerts/history')).text)).toMatchObject({
		history: expect.arrayContaining([
			expect.objectContaining({ order: null, part: 'sink <i>x</i>', rule: 'sinks' }),
		]),
	});
	const { paths } = JSON.parse((await ask('/api/v1/openapi.json')).text) as { paths: Record<string, object> };
	expect(Object.keys(paths)).toEqual(
		expect.arrayContaining([
			'/api/v1/alerts',
			'/api/v1/alerts/ack',
			'/api/v1/alerts/mute',
			'/api/v1/alerts/test',
		]),
	);
});

test('it acknowledges and mutes, by the name of the token, with the scope alert alone', async () => {
	expect((await ask('/api/v1/alerts/ack', { alert: 'a/b' }, 'read')).status).toBe(403);
	expect((await ask('/api/v1/alerts/ack', { alert: 'nothing' })).status).toBe(404);
	expect((await ask('/api/v1/alerts/ack', { alert: 'a/b', why: 'TT 4711' })).status).toBe(200);
	expect(mutesNow()).toMatchObject([{ mute: { alert: alert.id, by: 'alert', why: 'TT 4711' } }]);
	expect((await ask('/api/v1/alerts/mute', { orders: 'a/**', for: '2h' })).status).toBe(200);
	expect(mutesNow()).toContainEqual({ mute: expect.objectContaining({ orders: ['a/**'], by: 'alert' }) });
});

test.each<[string, string | object, RegExp]>([
	['mute', 'no JSON', /not valid JSON/],
	['mute', { orders: 'a' }, /write either for, such as 2h, or until/],
	['mute', { orders: 'a', for: 'ever' }, /for: must be a span/],
	['mute', { orders: 'a', until: 1 }, /until: must be in the future/],
	['mute', { order: 'a' }, /orders|Unrecognized/],
	['ack', {}, /alert: /],
	['test', 'loss: {over: much}', /loss\.over: must be a percentage/],
	['test?rule=nothing', '', /there is no such rule/],
	['test', 'mos: {under: 3.6}', /mos cannot be replayed/],
])('%s %j: is refused', async (path, body, message) => {
	const { status, text } = await ask(`/api/v1/alerts/${path}`, body);
	expect(status).toBe(422);
	expect(JSON.parse(text).error).toMatch(message);
});

test('it tells when a rule would have fired', async () => {
	const { text } = await ask('/api/v1/alerts/test', 'loss: {over: 20%, for: 3 of 5 slots}\n');
	const [one, other] = (JSON.parse(text) as { orders: Record<string, unknown>[] }).orders;
	expect(one).toMatchObject({ id: 'a/b', from: first, raises: 1, clears: 1 });
	expect(one?.['fired']).toMatchObject([{ since: first + 10 * step, raised: first + 13 * step }]);
	expect(other).toMatchObject({ id: 'c', raises: 0 });
	const named = await ask('/api/v1/alerts/test?rule=loss&order=c', '');
	expect(JSON.parse(named.text)).toMatchObject({ orders: [{ id: 'c' }], left: 0 });
});

test('pages show what fires, what did, and a rule that is tried', async () => {
	const { status, text } = await ask('/alerts?rule=loss');
	expect(status).toBe(200);
	expect(text).toMatch(/<td>.*a%2Fb.*&#60;b&#62;bold.*held by a\/router/);
	expect(text).toMatch(/What was raised and cleared[\s\S]*<bdi>sink &#60;i&#62;x/);
	expect(text).toMatch(/What the rule would have done.*aria-label="1 time"/s);
	expect((await ask('/alerts?rule=nothing')).text).toMatch(/there is no such rule/);
	const order = (await ask('/orders/a%2Fb')).text;
	expect(order).toMatch(/id="alerts-title">Alerts/);
	expect(order).toContain('alert raise: loss');
	expect((await ask('/orders/c')).text).not.toMatch(/id="alerts-title"/);
});
