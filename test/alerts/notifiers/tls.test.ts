/** Notifiers over TLS and with a login: webhooks against a server of Node's, mail against aiosmtpd. */
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { alertmanager } from '../../../src/alerts/notifiers/alertmanager/index.ts';
import { email } from '../../../src/alerts/notifiers/email/index.ts';
import { webhook } from '../../../src/alerts/notifiers/webhook/index.ts';
import type { AnyNotifier } from '../../../src/model/notifier.ts';
import { commandAsNobody } from '../../support/as-nobody.ts';
import { freePort, waitFor } from '../../support/influxd.ts';
import { spawnMortal } from '../../support/mortal.ts';
import { alertOf, calm, messageOf, toolsOf } from './support/notifications.ts';

const pem = (name: string) => new URL(`../../../fixtures/tls/${name}.pem`, import.meta.url).pathname;
let folder = '';
let stop = () => {};

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'pingmachine-tls-'));
	chmodSync(folder, 0o755);
	for (const name of ['certificate', 'key']) {
		copyFileSync(pem(name), join(folder, name));
		chmodSync(join(folder, name), 0o644);
	}
	writeFileSync(join(folder, 'password'), 's3cret\n', { mode: 0o600 });
	writeFileSync(join(folder, 'token'), 't0ken\n', { mode: 0o600 });
});
afterAll(() => {
	stop();
	rmSync(folder, { recursive: true });
});

async function send(notifier: AnyNotifier, settings: object): Promise<void> {
	const open = await notifier.open(notifier.settings.parse(settings), toolsOf());
	try {
		await open.send(messageOf([alertOf('a')]), calm);
	} finally {
		await open.close();
	}
}

describe('over HTTPS', () => {
	const seen: (string | undefined)[] = [];
	const server = createServer(
		{ cert: readFileSync(pem('certificate')), key: readFileSync(pem('key')) },
		(request, response) => {
			seen.push(request.headers.authorization);
			const isKnown = seen.at(-1) !== undefined;
			request.resume().on('end', () => response.writeHead(isKnown ? 200 : 401).end());
		},
	);
	let url = '';
	beforeAll(async () => {
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		url = `https://localhost:${(server.address() as AddressInfo).port}`;
	});
	afterAll(() => {
		server.closeAllConnections();
		server.close();
	});

	test.each([
		['webhook', webhook],
		['alertmanager', alertmanager],
	])('%s: only whom somebody vouches for is told, with what the files say', async (_, notifier) => {
		seen.length = 0;
		await expect(send(notifier, { url })).rejects.toThrow(/certificate/);
		expect(seen).toEqual([]);
		const ca = { url, tls_ca_file: join(folder, 'certificate') };
		await send(notifier, { ...ca, username: 'me', password_file: join(folder, 'password') });
		await send(notifier, { ...ca, token_file: join(folder, 'token') });
		await send(notifier, { url, tls_verify: false, token_file: join(folder, 'token') });
		const basic = `Basic ${Buffer.from('me:s3cret').toString('base64')}`;
		expect(seen).toEqual([basic, 'Bearer t0ken', 'Bearer t0ken']);
		await expect(send(notifier, ca)).rejects.toThrow(/answers 401/);
		const missing = send(notifier, { ...ca, token_file: join(folder, 'none') });
		await expect(missing).rejects.toThrow(/token_file: .*none/);
	});
});

/** aiosmtpd: STARTTLS and a login at the first port, TLS from the first byte on at the second. It prints who logged in. */
const server = `
import asyncio, ssl, sys
from aiosmtpd.controller import UnthreadedController
from aiosmtpd.smtp import AuthResult, SMTP
class Handler:
    async def handle_DATA(self, server, session, envelope):
        print('mail', session.auth_data, flush=True)
        return '250 Message accepted'
def check(server, session, envelope, mechanism, data):
    good = (data.login, data.password) == (b'me', b's3cret')
    return AuthResult(success=good, handled=False, auth_data=data.login.decode())
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[3], sys.argv[4])
loop = asyncio.new_event_loop(); asyncio.set_event_loop(loop)
UnthreadedController(Handler(), hostname='127.0.0.1', port=int(sys.argv[1]), loop=loop, tls_context=context, require_starttls=True, auth_required=True, authenticator=check).begin()
UnthreadedController(Handler(), hostname='127.0.0.1', port=int(sys.argv[2]), loop=loop, ssl_context=context).begin()
print('listens', flush=True)
loop.run_forever()
`;

test('mail goes over STARTTLS with a login, and over TLS, and not to whom nobody vouches for', async () => {
	const [starttls, always] = [await freePort(), await freePort()];
	const [program = '', ...before] = [...commandAsNobody, '/usr/bin/python3'];
	const files = [join(folder, 'certificate'), join(folder, 'key')];
	const args = [...before, '-W', 'ignore', '-c', server, String(starttls), String(always), ...files];
	const child = spawnMortal(program, args, { stdio: ['ignore', 'pipe', 'ignore'], cwd: '/' });
	stop = () => child.kill('SIGKILL');
	let said = '';
	child.stdout?.on('data', (piece) => {
		said += piece;
	});
	await waitFor(
		() => said.includes('listens'),
		() => 'aiosmtpd does not listen',
	);
	const common = { to: 'ops@example.net', host: 'localhost', graph: false };
	const login = { username: 'me', password_file: join(folder, 'password') };
	const ca = { tls_ca_file: join(folder, 'certificate') };
	await expect(send(email, { ...common, port: starttls, ...login })).rejects.toThrow(/certificate/);
	await expect(send(email, { ...common, port: starttls, ...ca })).rejects.toThrow(/[Aa]uthentication/);
	const wrong = { ...login, password_file: undefined, password: 'wr0ng' };
	const refused = await send(email, { ...common, port: starttls, ...ca, ...wrong }).catch(
		(error: Error) => error,
	);
	expect((refused as Error).message).toContain('does not take the username and password');
	expect((refused as Error).message).not.toContain('wr0ng');
	await send(email, { ...common, port: starttls, ...ca, ...login, tls: 'required' });
	await send(email, { ...common, port: always, ...ca, tls: 'always' });
	await send(email, { ...common, port: always, tls: 'always', tls_verify: false });
	await waitFor(
		() => said.split('mail ').length === 4,
		() => said,
	);
	expect(said).toBe('listens\nmail me\nmail None\nmail None\n');
});
