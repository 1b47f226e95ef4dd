/** Servers that are asked for TLS: needs the compiled product. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { TLSSocket } from 'node:tls';
import { afterAll, describe, expect, test } from 'vitest';
import { onBusyMachine } from '../../support/busy.ts';
import { TcpServer } from '../../support/tcp-server.ts';
import { answered, certified, lostBy, measure, tcp } from './rig.ts';

afterAll(() => tcp.close?.());

/** What a server says: at first, and to what it hears; `TLS` begins it. */
type Script = readonly (readonly [heard: RegExp | null, say: string | Buffer | 'close'])[];

const ldapDone = (code: number) =>
	Buffer.from(`300c02010178070a01${code.toString(16).padStart(2, '0')}04000400`, 'hex');
const scripts: Record<string, Script> = {
	smtp: [
		[null, '220-mail.example.net\r\n220 ready\r\n'],
		[/^EHLO \S+\r\n$/, '250-mail.example.net\r\n250-SIZE 1000\r\n250 STARTTLS\r\n'],
		[/^STARTTLS\r\n$/, '220 go ahead\r\n'],
	],
	imap: [
		[null, '* OK ready\r\n'],
		[/^p1 STARTTLS\r\n$/, '* CAPABILITY IMAP4rev1\r\np1 OK begin\r\n'],
	],
	pop3: [
		[null, '+OK ready\r\n'],
		[/^STLS\r\n$/, '+OK begin\r\n'],
	],
	ftp: [
		[null, '220-welcome\r\n to this\r\n220 ready\r\n'],
		[/^AUTH TLS\r\n$/, '234 begin\r\n'],
	],
	postgres: [[/\/$/, 'S']],
	ldap: [[/1\.3\.6\.1\.4\.1\.1466\.20037$/, ldapDone(0)]],
};

/** Plays a script, and then speaks TLS. */
async function upgrading(script: Script): Promise<TcpServer> {
	return await TcpServer.open((socket) => {
		let at = 0;
		const say = (text: string | Buffer) => {
			if (text === 'close') socket.end();
			else socket.write(text);
			if (++at < script.length || text === 'close') return;
			socket.removeAllListeners('data');
			const secure = new TLSSocket(socket, { isServer: true, ...certified });
			secure.on('error', () => {});
			secure.on('data', (chunk) => secure.write(`secret ${chunk}`));
		};
		const [first] = script;
		if (first?.[0] === null) say(first[1]);
		socket.on('data', (chunk) => {
			const step = script[at];
			if (step?.[0]?.test(chunk.toString('latin1'))) say(step[1]);
		});
	});
}

describe('starttls', () => {
	test.each(Object.keys(scripts))('as %s asks for it', onBusyMachine, async (starttls) => {
		await using server = await upgrading(scripts[starttls] ?? []);
		const options = { port: server.port, starttls, tls_verify: false, send: 'noop', expect: '^secret noop' };
		const result = await measure(options, { pings: 1 });
		const facts = {
			connect: [expect.any(Number)],
			starttls: [expect.any(Number)],
			tls: [expect.any(Number)],
		};
		expect(result).toMatchObject({
			samples: [answered],
			facts: { ...facts, certificate_subject: 'CN=localhost' },
		});
	});

	test.each<[string, Script, string | RegExp]>([
		['smtp', [[null, '554 go away\r\n']], 'no TLS: 554 go away'],
		[
			'smtp',
			[
				[null, '220 hi\r\n'],
				[/EHLO/, '250 mail\r\n'],
			],
			'no TLS: STARTTLS is not offered',
		],
		[
			'smtp',
			[
				[null, '220 hi\r\n'],
				[/EHLO/, '250 STARTTLS\r\n'],
				[/STARTTLS/, '454 not now\r\n'],
				[/never/, ''],
			],
			'no TLS: 454 not now',
		],
		[
			'smtp',
			[
				[null, '220 hi\r\n'],
				[/EHLO/, '250 STARTTLS\r\n'],
				[/STARTTLS/, '220 go\r\n250 evil\r\n'],
				[/never/, ''],
			],
			'said more than was asked, before TLS',
		],
		[
			'smtp',
			[
				[null, 'SSH-2.0-x\r\n'],
				[/never/, ''],
			],
			'no TLS: SSH-2.0-x',
		],
		[
			'smtp',
			[
				[null, '220 hi'],
				[/never/, ''],
			],
			'timed out asking for TLS',
		],
		['smtp', [[null, 'close']], 'closed without a word'],
		[
			'imap',
			[
				[null, '* BYE\r\n'],
				[/never/, ''],
			],
			'no TLS: * BYE',
		],
		[
			'imap',
			[
				[null, '* OK\r\n'],
				[/STARTTLS/, 'p1 NO\r\n'],
				[/never/, ''],
			],
			'no TLS: p1 NO',
		],
		[
			'pop3',
			[
				[null, '-ERR\r\n'],
				[/never/, ''],
			],
			'no TLS: -ERR',
		],
		[
			'ftp',
			[
				[null, '220 hi\r\n'],
				[/AUTH/, '502 no\r\n'],
				[/never/, ''],
			],
			'no TLS: 502 no',
		],
		[
			'postgres',
			[
				[/./, 'N'],
				[/never/, ''],
			],
			'no TLS: it is not offered',
		],
		[
			'postgres',
			[
				[/./, 'Sevil'],
				[/never/, ''],
			],
			'said more than was asked, before TLS',
		],
		[
			'postgres',
			[
				[/./, 'HTTP/1.1 400'],
				[/never/, ''],
			],
			/said more|not PostgreSQL/,
		],
		[
			'ldap',
			[
				[/./, ldapDone(52)],
				[/never/, ''],
			],
			'no TLS: LDAP result code 52',
		],
		[
			'ldap',
			[
				[/./, Buffer.concat([ldapDone(0), Buffer.from('x')])],
				[/never/, ''],
			],
			'said more than was asked, before TLS',
		],
		[
			'ldap',
			[
				[/./, 'not LDAP at all'],
				[/never/, ''],
			],
			'not LDAP',
		],
		[
			'ldap',
			[
				[/./, Buffer.from('3084ffffffff', 'hex')],
				[/never/, ''],
			],
			'not LDAP',
		],
		[
			'pop3',
			[
				[null, '+OK\r\n'],
				[/STLS/, '+OK\r\n'],
			],
			'certificate is signed by itself',
		],
	])('%s %j: lost', onBusyMachine, async (starttls, script, reason) => {
		await using server = await upgrading(script);
		const result = await measure({ port: server.port, starttls, timeout: 200 });
		expect(result).toMatchObject(lostBy(reason));
	});

	test('is to the byte as openssl asks for it', onBusyMachine, async () => {
		const recorded = new URL(
			'../../../fixtures/probes/tcp/starttls-of-openssl/requests.json',
			import.meta.url,
		);
		const requests = JSON.parse(readFileSync(recorded, 'utf8')) as Record<string, string>;
		for (const starttls of ['postgres', 'ldap']) {
			const server = createServer();
			const heard = new Promise<string>((resolve) =>
				server.on('connection', (socket) => {
					socket
						.on('error', () => {})
						.once('data', (chunk) => {
							resolve(chunk.toString('hex'));
							socket.destroy();
						});
				}),
			);
			await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
			await measure({ port: (server.address() as { port: number }).port, starttls }, { pings: 1 });
			expect(await heard).toBe(requests[starttls]);
			server.close();
		}
	});
});
