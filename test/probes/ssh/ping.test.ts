import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ping } from '../../../probes/ssh/ping.ts';
import { run as runPings, type SshRun } from '../../../probes/ssh/run.ts';
import { TcpServer } from '../../support/tcp-server.ts';

afterEach(() => vi.restoreAllMocks());

const ours = 'SSH-2.0-pingmachine_test\r\n';
const banner = 'SSH-2.0-server\r\n';
const { signal: never } = new AbortController();
/** Longer than anything that should happen at once may take on a busy machine. */
const patienceMs = 20_000;

const answered = { sentAtSeconds: expect.any(Number), rttSeconds: expect.any(Number) };
const answer = { sample: answered, lossReason: null, identification: expect.any(String) };
const lost = (lossReason: string) => ({
	sample: { sentAtSeconds: expect.any(Number), rttSeconds: null },
	lossReason,
	identification: null,
});

const greets = (socket: Socket) => {
	socket.write(banner);
	socket.on('end', () => socket.end());
};

function pingPort(port: number, timeoutMs = patienceMs) {
	return ping({ address: '127.0.0.1', port }, ours, timeoutMs, never);
}

async function closedPort(): Promise<number> {
	const server = await TcpServer.open(() => {});
	const { port } = server;
	await server[Symbol.asyncDispose]();
	return port;
}

describe('a server that greets', () => {
	test('is timed from connecting to the end of its identification', async () => {
		await using server = await TcpServer.open((socket) => {
			setTimeout(() => socket.write(banner.slice(0, 5)), 30);
			setTimeout(() => socket.write(banner.slice(5)), 120);
		});
		const before = Date.now() / 1000;
		const outcome = await pingPort(server.port);
		if (outcome === null || !('sample' in outcome)) throw new Error(JSON.stringify(outcome));
		expect(outcome.sample.sentAtSeconds).toBeGreaterThanOrEqual(before);
		expect(outcome.sample.rttSeconds).toBeGreaterThan(0.085);
		expect(outcome.sample.rttSeconds).toBeLessThan(Date.now() / 1000 - before + 0.001);
	});

	test('hears who we are, and is taken leave of properly', async () => {
		await using server = await TcpServer.open((socket) => {
			socket.write(`${banner}and 100 kB more${'x'.repeat(100_000)}`);
			socket.on('end', () => socket.end());
		});
		expect(await pingPort(server.port)).toEqual(answer);
		await expect.poll(() => server.received).toEqual([ours]);
		expect(server.errors).toEqual([]);
	});

	test('may do so byte by byte, after other lines', async () => {
		await using server = await TcpServer.open((socket) => {
			const bytes = [...`Welcome\r\nto SSH-2.0-nothing\r\n${banner}`];
			const timer = setInterval(() => socket.write(bytes.shift() ?? ''), 1);
			socket.on('close', () => clearInterval(timer));
			socket.on('end', () => socket.end());
		});
		expect(await pingPort(server.port)).toEqual(answer);
	});

	test('but never closes is left after a while', async () => {
		await using server = await TcpServer.open((socket) => {
			socket.write(banner);
			// A side that is closed shows only when something is sent to it.
			const timer = setInterval(() => socket.write('x'), 100);
			socket.on('close', () => clearInterval(timer));
		}, true);
		expect(await pingPort(server.port)).toEqual(answer);
		expect(server.open).toBe(1);
		await expect.poll(() => server.open, { timeout: patienceMs }).toBe(0);
	});
});

describe('lost is a ping to', () => {
	test('a port where nobody listens', async () => {
		expect(await pingPort(await closedPort())).toEqual(lost('connection refused'));
	});

	const tooLong = 'identification malformed or too long';
	test.each<[string, (socket: Socket) => void, string]>([
		['a server that resets the connection', (socket) => socket.resetAndDestroy(), 'connection reset'],
		['a server that closes it at once', (socket) => socket.end(), 'closed before the identification'],
		[
			'a server that has enough of others',
			(socket) => socket.end('Exceeded MaxStartups\r\n'),
			'refused by sshd: Exceeded MaxStartups',
		],
		[
			'a server that closes before the line is whole',
			(socket) => socket.end('SSH-2.0-serv'),
			'closed before the identification',
		],
		[
			'a server of something else',
			(socket) => socket.end('220 mail.example.net ESMTP\r\n'),
			'not SSH: 220 mail.example.net ESMTP',
		],
		[
			'a server that would like to harm the terminal',
			(socket) => socket.end('\x1b[2J me:secret@host\u202e\r\n'),
			'not SSH: \\x1b[2J ***@host\\u202e',
		],
		[
			'a server that says much',
			(socket) => socket.end('\u{1f600}'.repeat(5000)),
			`not SSH: ${'\u{1f600}'.repeat(24)}...`,
		],
		['a server that sends too long a line', (socket) => socket.write(`SSH-2.0-${'x'.repeat(255)}`), tooLong],
		['a server that never stops', (socket) => socket.write('x\r\n'.repeat(10_000)), 'not SSH: x'],
	])('%s', async (_what, serve, reason) => {
		await using server = await TcpServer.open(serve);
		expect(await pingPort(server.port)).toEqual(lost(reason));
		expect(reason.length).toBeLessThanOrEqual(60);
		await expect.poll(() => server.open).toBe(0);
	});

	test('a server that says nothing, when the time is over', async () => {
		await using server = await TcpServer.open(() => {});
		expect(await pingPort(server.port, 100)).toEqual(lost('timed out'));
		await expect.poll(() => server.open).toBe(0);
	});

	test('a server of something else that waits for us to go on, when the time is over', async () => {
		await using server = await TcpServer.open((socket) => socket.write('220 smtp\r\n'));
		expect(await pingPort(server.port, 2000)).toEqual(lost('not SSH: 220 smtp'));
	});
});

describe('unknown is a ping', () => {
	test.each([
		[
			'to a network without a route',
			'198.51.100.1',
			'ENETUNREACH',
			'there is no route to it: look at ip route',
		],
		['that has no file left', '127.0.0.1', 'EMFILE', 'too many open files: raise the limit'],
		['that has no port left', '127.0.0.1', 'EADDRNOTAVAIL', 'no address or port is free to connect from'],
		['that may not be sent', '127.0.0.1', 'EACCES', 'this machine forbids it'],
	])('%s', async (_what, address, code, remedy) => {
		const net = await import('node:net');
		vi.spyOn(net.Socket.prototype, 'connect').mockImplementation(function fail(this: Socket) {
			return this.destroy(Object.assign(new Error('failed'), { code }));
		} as never);
		const outcome = await ping({ address, port: 22 }, ours, patienceMs, never);
		expect(outcome).toEqual({
			failure: expect.stringContaining(`cannot connect to ${address} port 22: ${remedy}`),
			code: expect.any(String),
		});
		expect(outcome).toEqual({ failure: expect.stringContaining(`(${code})`), code: expect.any(String) });
	});

	test('to an interface that does not exist', async () => {
		const outcome = await ping({ address: 'fe80::1%nosuch0', port: 22 }, ours, patienceMs, never);
		expect(outcome).toEqual({
			failure: expect.stringContaining('cannot connect to fe80::1%nosuch0 port 22: '),
			code: 'no_route',
		});
	});

	test('that is ended', async () => {
		await using server = await TcpServer.open(() => {});
		const controller = new AbortController();
		const outcome = ping({ address: '127.0.0.1', port: server.port }, ours, patienceMs, controller.signal);
		await expect.poll(() => server.open).toBe(1);
		controller.abort();
		expect(await outcome).toBeNull();
		await expect.poll(() => server.open).toBe(0);
	});
});

describe('a run', () => {
	const run = (more: Partial<SshRun>): SshRun => ({
		addresses: ['127.0.0.1'],
		port: 0,
		pings: 3,
		intervalMs: 40,
		timeoutMs: patienceMs,
		identification: ours,
		...more,
	});

	test('pings in turns, and gives the samples in sending order', async () => {
		let count = 0;
		// The first answer is the last to come.
		await using server = await TcpServer.open((socket) => {
			setTimeout(() => greets(socket), count++ === 0 ? 200 : 0);
		});
		const outcomes = await runPings(run({ port: server.port }), never, () => {});
		const { samples = [], failure } = outcomes.get('127.0.0.1') ?? {};
		expect(failure).toBeNull();
		expect(samples).toEqual([answered, answered, answered]);
		expect(samples[0]?.rttSeconds).toBeGreaterThan(samples[1]?.rttSeconds ?? 1);
		expect([...samples].sort((a, b) => a.sentAtSeconds - b.sentAtSeconds)).toEqual(samples);
		expect(server.connections).toBe(3);
	});

	test('spreads the addresses over the interval', async () => {
		const startsMs: number[] = [];
		const server = createServer((socket) => {
			startsMs.push(performance.now());
			greets(socket.on('error', () => {}));
		});
		await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
		const { port } = server.address() as { port: number };
		const addresses = Array.from({ length: 10 }, (_, i) => `127.0.7.${i + 1}`);
		const outcomes = await runPings(run({ addresses, port, pings: 1, intervalMs: 500 }), never, () => {});
		for (const address of addresses) expect(outcomes.get(address)?.samples).toEqual([answered]);
		expect((startsMs.at(-1) ?? 0) - (startsMs[0] ?? 0)).toBeGreaterThan(200);
		server.close();
	});

	test('that is ended gives what it has: neither more nor losses', async () => {
		let count = 0;
		await using server = await TcpServer.open((socket) => {
			if (count++ < 2) greets(socket);
		});
		const controller = new AbortController();
		const outcome = runPings(run({ port: server.port, pings: 100 }), controller.signal, () => {});
		await expect.poll(() => server.connections).toBeGreaterThan(3);
		controller.abort();
		expect((await outcome).get('127.0.0.1')).toEqual({
			samples: [answered, answered],
			delayed: expect.anything(),
			losses: [],
			identification: 'SSH-2.0-server',
			failure: null,
		});
	});

	test('that was held up knows nothing of the pings of that time', async () => {
		await using server = await TcpServer.open((socket) => {
			setTimeout(() => greets(socket), 100);
		});
		const outcome = runPings(run({ port: server.port, pings: 1 }), never, () => {});
		const realNow = Date.now;
		await expect.poll(() => server.open).toBe(1);
		// As after sleep: the wall clock has gone on, the monotonic one has not.
		vi.spyOn(Date, 'now').mockImplementation(() => realNow() + 60_000);
		expect((await outcome).get('127.0.0.1')).toEqual({
			samples: [],
			delayed: expect.anything(),
			losses: [],
			identification: null,
			failure: {
				failure: 'the machine was too busy, or slept: nothing could be measured',
				code: 'clock',
			},
		});
	});
});
