/** The sink over TCP and Unix sockets: real sockets, and what goes wrong with them. */
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort, waitFor } from '../../support/influxd.ts';
import { delivered } from '../shared/delivered.ts';
import { never, openEntry } from './sink-harness.ts';

/** Takes connections, and reads them unless told otherwise. */
class Peer {
	text = '';
	readonly connections: Socket[] = [];
	readonly #server: Server;

	private constructor(server: Server) {
		this.#server = server;
	}

	static async at(where: { port: number; host: string } | { path: string }, reads = true): Promise<Peer> {
		const peer = new Peer(createServer({ pauseOnConnect: !reads }));
		peer.#server.on('connection', (socket) => {
			peer.connections.push(socket);
			socket.on('error', () => {});
			if (reads)
				socket.setEncoding('utf8').on('data', (text) => {
					peer.text += text;
				});
		});
		peer.#server.listen(where);
		await once(peer.#server, 'listening');
		return peer;
	}

	get port(): number {
		return (this.#server.address() as AddressInfo).port;
	}

	async received(lines: number): Promise<string[]> {
		const got = () => this.text.split('\n').length - 1;
		await waitFor(
			() => got() >= lines,
			() => `${got()} lines instead of ${lines}`,
		);
		return this.text.split('\n');
	}

	async [Symbol.asyncDispose](): Promise<void> {
		for (const socket of this.connections) socket.destroy();
		this.#server.close();
		await once(this.#server, 'close');
	}
}

const local = { host: '127.0.0.1', port: 0 };
const lineOf = (number: number) =>
	`tunnel,number=${number} loss=50.000000,max_rtt=0.000015,median_rtt=0.000015,min_rtt=0.000015 1795239970000000000`;

test.each([
	['TCP', '127.0.0.1'],
	['TCP over IPv6', '::1'],
])('over %s, each line ends in a line feed', async (_, host) => {
	await using peer = await Peer.at({ host, port: 0 });
	const url = `tcp://${host.includes(':') ? `[${host}]` : host}:${peer.port}`;
	const sink = await openEntry({ url, individual: 'none' });
	await sink.write([delivered({ tags: { number: '0' } }), delivered({ tags: { number: '1' } })], never);
	await sink.write([delivered({ tags: { number: '2' } })], never);
	expect(await peer.received(3)).toEqual([lineOf(0), lineOf(1), lineOf(2), '']);
	expect(peer.connections).toHaveLength(1);
	await sink.close();
});

test('over a Unix socket, also one that is made later', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'pingmachine-socket-'));
	const path = join(folder, 'telegraf.sock');
	const entry = { url: `unix://${path}`, individual: 'none' };
	await expect(openEntry(entry)).rejects.toThrow(
		`unix://${path}: there is no such socket. Start what listens there`,
	);
	{
		await using peer = await Peer.at({ path });
		const sink = await openEntry(entry);
		await sink.write([delivered({ tags: { number: '7' } })], never);
		expect(await peer.received(1)).toEqual([lineOf(7), '']);
		await sink.close();
	}
	expect(existsSync(path)).toBe(false);
	writeFileSync(path, '');
	await expect(openEntry(entry)).rejects.toThrow(`unix://${path}: `);
	rmSync(folder, { recursive: true });
});

test('a batch of many blocks arrives whole, and closing waits for what the system has taken', async () => {
	await using peer = await Peer.at(local);
	const sink = await openEntry({ url: `tcp://127.0.0.1:${peer.port}`, individual: 'none' });
	const batch = Array.from({ length: 5000 }, (_, i) => delivered({ tags: { number: String(i) } }));
	await sink.write(batch, never);
	await sink.close();
	const lines = await peer.received(5000);
	expect(lines).toEqual([...batch.map((_, i) => lineOf(i)), '']);
});

test('a result with a line over 64 KiB, at which Telegraf closes the connection, is refused; the others arrive', async () => {
	await using peer = await Peer.at(local);
	const entry = { url: `tcp://127.0.0.1:${peer.port}`, individual: 'none' };
	const made = (number: string, length = 0) => delivered({ tags: { number, long: ','.repeat(length) } });
	// Each comma is written as two bytes. This line and its line feed are 64 KiB.
	const rest = Buffer.byteLength(lineOf(1)) + ',long='.length + 1;
	const longest = made('1', (65_536 - rest) / 2);
	const refused = {
		refused: expect.stringMatching(
			/^tcp:\S+: a line of 6553[78] bytes, and Telegraf closes the connection at more than 65536\. Write shorter tags, or raise max_line_bytes: /,
		),
	};
	const tooLong = made('2', (65_536 - rest) / 2 + 1);
	const sink = await openEntry(entry);
	expect(await sink.write([made('0'), tooLong, longest, made('3')], never)).toEqual([
		'taken',
		refused,
		'taken',
		'taken',
	]);
	const numbers = (await peer.received(3)).map((line) => /number=(\d)/.exec(line)?.[1]);
	expect(numbers).toEqual(['0', '1', '3', undefined]);
	await sink.close();
	const wide = await openEntry({ ...entry, max_line_bytes: 1_048_576 });
	expect(await wide.write([tooLong], never)).toEqual(['taken']);
	await peer.received(4);
	await wide.close();
});

test('nobody listens', async () => {
	const port = await freePort();
	await expect(openEntry({ url: `tcp://127.0.0.1:${port}` })).rejects.toThrow(
		`tcp://127.0.0.1:${port}: nothing listens there. Start it, or correct url:`,
	);
	await expect(openEntry({ url: 'tcp://no-such-name.invalid:1' })).rejects.toThrow(
		/^tcp:\/\/no-such-name\.invalid:1: (unknown host name|the name service does not answer)/,
	);
});

test('a peer that accepts and never reads is given up when the signal fires', async () => {
	await using peer = await Peer.at(local, false);
	const sink = await openEntry({ url: `tcp://127.0.0.1:${peer.port}`, individual: 'none' });
	const abort = new AbortController();
	// More than all buffers on the way take.
	const long = { long: 'x'.repeat(20_000) };
	const written = sink.write(
		Array.from({ length: 1000 }, () => delivered({ tags: long })),
		abort.signal,
	);
	written.catch(() => {});
	await waitFor(
		() => peer.connections.length === 1,
		() => 'no connection',
	);
	setTimeout(() => abort.abort(), 200);
	await expect(written).rejects.toThrow('it does not read what it is sent');
	await sink.close();
	await waitFor(
		() => peer.connections[0]?.resume().destroyed === true,
		() => 'the connection is still open',
	);
});

test('a peer that closed the connection gets the next batch over a new one', async () => {
	await using peer = await Peer.at(local);
	const url = `tcp://127.0.0.1:${peer.port}`;
	const sink = await openEntry({ url, individual: 'none' });
	await sink.write([delivered({ tags: { number: '0' } })], never);
	await peer.received(1);
	peer.connections[0]?.end();
	const closed = once(peer.connections[0] as Socket, 'close');
	await closed;
	await expect(sink.write([delivered({ tags: { number: '1' } })], never)).rejects.toThrow(
		`${url}: it closed the connection`,
	);
	await sink.close();
	const again = await openEntry({ url, individual: 'none' });
	await again.write([delivered({ tags: { number: '1' } })], never);
	expect(await peer.received(2)).toEqual([lineOf(0), lineOf(1), '']);
	await again.close();
});

test('a peer that resets the connection under a batch fails that batch', async () => {
	await using peer = await Peer.at(local, false);
	const url = `tcp://127.0.0.1:${peer.port}`;
	const sink = await openEntry({ url, individual: 'none' });
	const long = { long: 'x'.repeat(20_000) };
	const written = sink.write(
		Array.from({ length: 1000 }, () => delivered({ tags: long })),
		never,
	);
	written.catch(() => {});
	await waitFor(
		() => peer.connections.length === 1,
		() => 'no connection',
	);
	setTimeout(() => peer.connections[0]?.resetAndDestroy(), 100);
	await expect(written).rejects.toThrow(`${url}: it closed the connection`);
	await sink.close();
});

test('what the peer says is of no interest', async () => {
	await using peer = await Peer.at(local);
	const sink = await openEntry({ url: `tcp://127.0.0.1:${peer.port}`, individual: 'none' });
	await sink.write([delivered({ tags: { number: '0' } })], never);
	await peer.received(1);
	peer.connections[0]?.write('x'.repeat(1_000_000));
	await sink.write([delivered({ tags: { number: '1' } })], never);
	expect(await peer.received(2)).toEqual([lineOf(0), lineOf(1), '']);
	await sink.close();
});
