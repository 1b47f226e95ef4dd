import { afterAll, beforeAll, expect, test } from 'vitest';
import { email } from '../../../src/alerts/notifiers/email/index.ts';
import { NotifierRefusal } from '../../../src/model/notifier.ts';
import { commandAsNobody } from '../../support/as-nobody.ts';
import { freePort, waitFor } from '../../support/influxd.ts';
import { spawnMortal } from '../../support/mortal.ts';
import { start } from '../support/house.ts';
import { alertOf, calm, manyAlerts, messageOf, toolsOf } from './support/notifications.ts';

interface Mail {
	readonly to: readonly string[];
	readonly subject: string;
	readonly text: string;
	readonly id: string;
	readonly references: string | null;
	readonly files: readonly (readonly [name: string, type: string, size: number])[];
}

/** aiosmtpd, which takes mail and prints it as JSON: `fail@` is refused for good, `busy@` for now. */
const server = `
import asyncio, email, email.policy, json, sys
from aiosmtpd.controller import UnthreadedController
class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith('fail@'): return '550 no such user'
        if address.startswith('busy@'): return '451 later'
        envelope.rcpt_tos.append(address); return '250 OK'
    async def handle_DATA(self, server, session, envelope):
        m = email.message_from_bytes(envelope.content, policy=email.policy.default)
        files = [[a.get_filename(), a.get_content_type(), len(a.get_content())] for a in m.iter_attachments()]
        print(json.dumps({'to': envelope.rcpt_tos, 'subject': m['subject'], 'text': m.get_body().get_content(), 'id': m['message-id'], 'references': m['references'], 'files': files}), flush=True)
        return '250 Message accepted'
loop = asyncio.new_event_loop(); asyncio.set_event_loop(loop)
UnthreadedController(Handler(), hostname='127.0.0.1', port=int(sys.argv[1]), loop=loop).begin()
print('listens', flush=True)
loop.run_forever()
`;
const mails: Mail[] = [];
let port = 0;
let stop = () => {};

beforeAll(async () => {
	port = await freePort();
	const [program = '/usr/bin/python3', ...before] = [...commandAsNobody, '/usr/bin/python3'];
	const child = spawnMortal(program, [...before, '-c', server, String(port)], {
		stdio: ['ignore', 'pipe', 'inherit'],
		cwd: '/',
	});
	stop = () => child.kill('SIGKILL');
	let text = '';
	let listens = false;
	child.stdout?.on('data', (piece) => {
		text += piece;
		const lines = text.split('\n');
		text = lines.pop() ?? '';
		for (const line of lines) {
			if (line === 'listens') listens = true;
			else mails.push(JSON.parse(line));
		}
	});
	await waitFor(
		() => listens,
		() => 'aiosmtpd does not listen',
	);
});
afterAll(() => stop());

async function send(more: object, message = messageOf([alertOf('a')]), tools = toolsOf()) {
	mails.length = 0;
	const open = await email.open(email.settings.parse({ to: 'ops@example.net', port, ...more }), tools);
	await open.send(message, calm);
	await open.close();
	await waitFor(
		() => mails.length > 0,
		() => 'no mail',
	);
	return mails;
}

test('tells all of an alert, with its graph', async () => {
	const graph = async () => Buffer.from([137, 80, 78, 71]);
	const [mail] = await send({}, messageOf([alertOf('core/a')]), toolsOf({ graph }));
	expect(mail).toMatchObject({
		...{ to: ['ops@example.net'], files: [['core_a.png', 'image/png', 4]] },
		subject: '[critical] raised: Core <a> & "b" (core/a): loss 60 % (over 20 %) in 3 of 5 slots',
	});
	for (const part of [
		'loss: 0%, 60%, U',
		'rtt: 12.3ms, 50ms, U',
		'reason: 3 host unreachable',
		'route: 10.0.0.1 > * > 192.0.2.1',
		'page: https://ping.example.net/orders/core/a',
		'note: the new line card',
	])
		expect(mail?.text).toContain(part);
	const [over] = await send(
		{ graph: false },
		messageOf([alertOf('core/a', { clearedSeconds: start + 60 })], { about: 'clear' }),
	);
	expect(over).toMatchObject({ references: mail?.references, files: [] });
	expect(over?.id).not.toBe(mail?.id);
});

test('500 alerts are one mail with a list, and lines of others make no headers', async () => {
	const [mail] = await send({}, messageOf(manyAlerts(500)));
	expect(mail?.text).toContain('- and 450 others');
	const [odd] = await send({}, messageOf([alertOf('a', { title: 'x\r\nBcc: all@example.net\r\n\r\ny' })]));
	expect(odd?.to).toEqual(['ops@example.net']);
	expect(odd?.subject).toContain('x Bcc: all@example.net y');
});

test('a mail without its graph is better than none', async () => {
	const warned: string[] = [];
	const graph = () => Promise.reject(new Error('no rrdtool'));
	const [mail] = await send({}, undefined, toolsOf({ warned, graph }));
	expect(mail?.files).toEqual([]);
	expect(warned).toEqual(['no graph of a: no rrdtool']);
});

test('who is refused for good, for now, or not there', async () => {
	const warned: string[] = [];
	const [mail] = await send({ to: ['ops@example.net', 'fail@example.net'] }, undefined, toolsOf({ warned }));
	expect(mail?.to).toEqual(['ops@example.net']);
	expect(warned[0]).toContain('does not take mail for fail@example.net');
	await expect(send({ to: 'fail@example.net' })).rejects.toBeInstanceOf(NotifierRefusal);
	const busy = await send({ to: 'busy@example.net' }).catch((error: Error) => error);
	expect((busy as Error).name).toBe('Error');
	await expect(send({ port: 1 })).rejects.toThrow('127.0.0.1:1: nothing listens there');
	for (const to of ['ops', 'a@b, c@d', 'a@b\nBcc: c@d', []])
		expect(email.settings.safeParse({ to }).success).toBe(false);
});
