/** The probe, its thread and servers that greet, lie and hang: needs the compiled product. */
import type { Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, describe, expect, test } from 'vitest';
import { onBusyMachine } from '../../support/busy.ts';
import { TcpServer } from '../../support/tcp-server.ts';
import { answered, certified, lostBy, measure, tcp, twice } from './rig.ts';

afterAll(() => tcp.close?.());

async function closedPort(): Promise<number> {
	await using server = await TcpServer.open(() => {});
	return server.port;
}

describe('a connection', () => {
	test('is the answer, by address and by name', onBusyMachine, async () => {
		await using server = await TcpServer.open((socket) => socket.resume());
		const facts = { connect: twice, address: '127.0.0.1', delayed: expect.any(Array) };
		expect(await measure({ port: server.port })).toEqual({ samples: [answered, answered], facts });
		const byName = await measure({ port: server.port, family: 4 }, { host: 'localhost' });
		expect(byName).toEqual({ samples: [answered, answered], facts });
	});

	test('that is refused is lost; one that this machine cannot make is unknown', onBusyMachine, async () => {
		const port = await closedPort();
		expect(await measure({ port })).toMatchObject(lostBy('connection refused'));
		const unknown = await measure({ port }, { host: 'no-such-host.invalid' });
		expect(unknown).toMatchObject({ failure: expect.stringContaining('no-such-host.invalid') });
		const source = await measure({ port, source_ip: '192.0.2.99' });
		expect(source).toMatchObject({ failure: expect.stringContaining('192.0.2.99'), code: 'no_address' });
		expect(await measure({ port }, { tools: { signal: AbortSignal.abort() } })).toMatchObject({
			code: 'stopped',
		});
	});
});

describe('what is expected', () => {
	test('comes, after what is sent, in pieces', onBusyMachine, async () => {
		await using server = await TcpServer.open((socket) =>
			socket.once('data', (sent) => {
				socket.write(`you said ${sent.toString().trim()}\r\nand `);
				setTimeout(() => socket.write('more'), 60);
			}),
		);
		const result = await measure({ port: server.port, send: 'hello\r\n', expect: 'hello[^]*more$' });
		expect(result).toMatchObject({
			samples: [answered, answered],
			facts: { banner: 'you said hello', connect: twice, first_byte: twice },
		});
		for (const { rttSeconds } of 'samples' in result ? result.samples : [])
			expect(rttSeconds).toBeGreaterThanOrEqual(0.059);
	});

	test.each<[string, (socket: Socket) => void, string | RegExp]>([
		['nothing', () => {}, 'timed out waiting for what is expected'],
		['the end', (socket) => socket.end(), 'closed without a word'],
		['another word and the end', (socket) => socket.end('other\r\n'), 'closed too early'],
		['a reset', (socket) => socket.resetAndDestroy(), /reset/],
		['too much', (socket) => socket.write('x'.repeat(100_000)), 'too much came, and not what was expected'],
	])('does not come: %s', onBusyMachine, async (_what, act, reason) => {
		await using server = await TcpServer.open(act);
		expect(await measure({ port: server.port, expect: '^ready', timeout: 150 })).toMatchObject(
			lostBy(reason),
		);
	});

	test('by a pattern that never ends is unknown', onBusyMachine, async () => {
		await using server = await TcpServer.open((socket) => socket.write(`${'a'.repeat(50)}!`));
		const result = await measure({ port: server.port, expect: '^(a+)+$' });
		expect(result).toMatchObject({
			failure: expect.stringMatching(/^tcp.expect: .* takes too long/),
			code: 'limited',
		});
	});
});

test(
	'TLS has its time and its certificate, which must be valid unless told otherwise',
	onBusyMachine,
	async () => {
		const server = createTlsServer(certified, (socket) => socket.on('error', () => {}).end('ready\r\n'));
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		const { port } = server.address() as { port: number };
		try {
			const loose = await measure({ port, tls: true, tls_verify: false, expect: 'ready' });
			const facts = {
				tls: twice,
				banner: 'ready',
				certificate_subject: 'CN=localhost',
				tls_version: 'TLSv1.3',
			};
			expect(loose).toMatchObject({ samples: [answered, answered], facts });
			const strict = await measure({ port, tls: true });
			expect(strict).toMatchObject(lostBy('certificate is signed by itself'));
			expect(strict).toMatchObject({ facts: { certificate_subject: 'CN=localhost' } });
		} finally {
			server.close();
		}
	},
);
