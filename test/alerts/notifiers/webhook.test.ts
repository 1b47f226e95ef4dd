import { describe, expect, test } from 'vitest';
import { webhook } from '../../../src/alerts/notifiers/webhook/index.ts';
import { NotifierBusy, NotifierRefusal } from '../../../src/model/notifier.ts';
import { start } from '../support/house.ts';
import { alertOf, calm, manyAlerts, messageOf, toolsOf } from './support/notifications.ts';
import { Receiver } from './support/receiver.ts';

async function send(settings: object, message = messageOf([alertOf('a')]), signal = calm): Promise<void> {
	const open = await webhook.open(webhook.settings.parse(settings), toolsOf());
	await open.send(message, signal);
	await open.close();
}

describe('a webhook', () => {
	test('gets JSON with all that is known', async () => {
		await using receiver = await Receiver.open();
		await send({ url: `${receiver.url}/x?y=1`, headers: { 'X-Key': 'k' }, token: 'secret' });
		const [{ method, path, headers, body } = {}] = receiver.received;
		expect([method, path, headers?.['x-key'], headers?.authorization]).toEqual([
			...['POST', '/x?y=1', 'k', 'Bearer secret'],
		]);
		expect(body).toMatchObject({
			...{ about: 'raise', severity: 'critical' },
			headline: '[critical] raised: Core <a> & "b" (a): loss 60 % (over 20 %) in 3 of 5 slots',
			alerts: [
				{
					...{ status: 'firing', rule: 'loss', order: { id: 'a', target: '192.0.2.1' }, cleared: null },
					...{ route: ['10.0.0.1', null, '192.0.2.1'], loss_reasons: ['3 host unreachable'] },
					...{ since: new Date(start * 1000).toISOString().replace('.000', ''), pops: ['local'] },
					...{ note: 'the new line card', page: 'https://ping.example.net/orders/a' },
				},
			],
		});
	});

	test('500 orders at once are one message with a list', async () => {
		await using receiver = await Receiver.open();
		await send({ url: receiver.url }, messageOf(manyAlerts(500)));
		expect(receiver.received).toHaveLength(1);
		const body = receiver.received[0]?.body as { headline: string; text: string; alerts: unknown[] };
		expect(body.headline).toBe('[critical] raised: 500 alerts (loss)');
		expect(body.text.split('\n')).toHaveLength(51);
		expect(body.text).toMatch(/\n- and 450 others$/);
		expect(body.alerts).toHaveLength(500);
	});

	test('has the body that the config says', async () => {
		await using receiver = await Receiver.open();
		const body = {
			msg: '{title}!',
			n: '{count}',
			none: '{page}',
			keep: '{other}',
			list: ['{severity}', 1, null],
		};
		await send({ url: receiver.url, body, method: 'PUT' }, messageOf([alertOf('a'), alertOf('b')]));
		expect(receiver.received[0]).toMatchObject({ method: 'PUT' });
		expect(receiver.received[0]?.body).toEqual({
			...{ msg: '[critical] raised: 2 alerts (loss)!', n: 2, keep: '{other}', list: ['critical', 1, null] },
		});
	});

	test.each([
		[{ status: 500 }, Error, null],
		[{ status: 404 }, Error, null],
		[{ status: 302, headers: { Location: '/else' } }, Error, null],
		[{ status: 400, text: 'bad <b>' }, NotifierRefusal, null],
		[{ status: 429, headers: { 'Retry-After': '7' } }, NotifierBusy, 7000],
		[{ status: 429, text: '{"parameters":{"retry_after":5}}' }, NotifierBusy, 5000],
		[{ status: 429 }, NotifierBusy, null],
	])('that answers %j', async (answer, kind, retryAfterMs) => {
		await using receiver = await Receiver.open();
		receiver.answers.push(answer);
		const error = await send({ url: `${receiver.url}/s3cret` }).catch((one: Error) => one);
		expect(error).toBeInstanceOf(kind);
		expect((error as Error).name).toBe(kind.name);
		expect((error as Error).message).toContain(`answers ${answer.status}`);
		expect((error as Error).message).not.toContain('s3cret');
		if (error instanceof NotifierBusy) expect(error.retryAfterMs).toBe(retryAfterMs);
	});

	test('that hangs is given up, and one that is not there is named', async () => {
		await using receiver = await Receiver.open();
		receiver.answers.push('hang');
		const { url } = receiver;
		await expect(send({ url }, undefined, AbortSignal.timeout(200))).rejects.toThrow(
			`${url}: no answer in time`,
		);
		await expect(send({ url: 'http://127.0.0.1:1/s3cret' })).rejects.toThrow(
			'http://127.0.0.1:1: nothing listens there',
		);
	});

	test('a service that keeps alerts apart is told of each once, also after a failure between', async () => {
		await using receiver = await Receiver.open();
		const settings = webhook.settings.parse({ url: receiver.url, preset: 'pagerduty', token: 'k' });
		const message = messageOf([alertOf('a'), alertOf('b'), alertOf('c')]);
		receiver.answers.push({ status: 202 }, { status: 500 });
		const open = await webhook.open(settings, toolsOf());
		await expect(open.send(message, calm)).rejects.toThrow('answers 500');
		// It is opened anew after a failure.
		await (await webhook.open(settings, toolsOf())).send(message, calm);
		const keys = receiver.received.map(({ body }) => (body as { dedup_key: string }).dedup_key);
		expect(new Set(keys).size).toBe(3);
		expect(keys).toHaveLength(4);
	});

	test.each([
		[{}, 'url'],
		[{ preset: 'slack' }, 'url'],
		[{ preset: 'telegram', token: 'x' }, 'chat_id'],
		[{ preset: 'ntfy' }, 'topic'],
		[{ preset: 'pagerduty' }, 'token'],
		[{ preset: 'slack', url: 'http://a.example', body: {} }, 'body'],
		[{ url: 'ftp://a.example' }, 'url'],
		[{ url: 'http://a.example', headers: { a: 'b\nc: d' } }, 'headers'],
		[{ url: 'http://a.example', token: 'x', token_file: '/x' }, 'token_file'],
	])('is refused as %j', (settings, key) => {
		const { error } = webhook.settings.safeParse(settings);
		expect(error?.issues.map(({ path }) => path[0])).toContain(key);
	});

	test('tells where it sends to without what is secret', () => {
		const of = (settings: object) => webhook.destination(webhook.settings.parse(settings));
		expect(of({ url: 'https://u:p@hooks.slack.example/services/T0/B0/x', preset: 'slack' })).toBe(
			'slack at https://hooks.slack.example',
		);
		expect(of({ preset: 'telegram', token: 't0ken', chat_id: 1 })).toBe(
			'telegram at https://api.telegram.org',
		);
	});
});
