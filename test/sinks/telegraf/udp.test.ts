/** The sink over UDP: real sockets, and what goes wrong with them. */
import { spawn } from 'node:child_process';
import { createSocket, type Socket, type SocketType } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { openUdp } from '../../../src/sinks/telegraf/udp.ts';
import { compileModule } from '../../support/compiled-module.ts';
import { freePort, waitFor } from '../../support/influxd.ts';
import { spawnMortal } from '../../support/mortal.ts';
import { delivered } from '../shared/delivered.ts';
import { never, openEntry } from './sink-harness.ts';

/** Takes datagrams. */
class Listener {
	readonly datagrams: string[] = [];
	readonly #socket: Socket;

	private constructor(socket: Socket) {
		this.#socket = socket;
		socket.on('message', (message) => this.datagrams.push(message.toString()));
	}

	static async at(
		address: string,
		port = 0,
		type: SocketType = 'udp4',
		recvBufferSize = 4_000_000,
	): Promise<Listener> {
		const socket = createSocket({ type, recvBufferSize });
		socket.bind(port, address);
		await once(socket, 'listening');
		return new Listener(socket);
	}

	get port(): number {
		return this.#socket.address().port;
	}

	async received(count: number): Promise<string[]> {
		const what = () => `${this.datagrams.length} datagrams instead of ${count}`;
		await waitFor(() => this.datagrams.length >= count, what);
		return this.datagrams;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#socket.close();
		await once(this.#socket, 'close');
	}
}

test('a line is a datagram, without a line feed', async () => {
	await using listener = await Listener.at('127.0.0.1');
	const sink = await openEntry({ url: `127.0.0.1:${listener.port}` });
	await sink.write([delivered(), delivered({ tags: { tunnel_id: '1' }, rtts: [null] })], never);
	expect(await listener.received(3)).toEqual([
		'tunnel,tunnel_id=2 loss=50.000000,max_rtt=0.000015,median_rtt=0.000015,min_rtt=0.000015 1795239970000000000',
		'tunnel,tunnel_id=2 individual_rtt=1.5e-05 1795239970000000000',
		'tunnel,tunnel_id=1 loss=100.000000 1795239970000000000',
	]);
	await sink.close();
});

test('over IPv6', async () => {
	await using listener = await Listener.at('::1', 0, 'udp6');
	const sink = await openEntry({ url: `udp://[::1]:${listener.port}`, individual: 'none' });
	await sink.write([delivered()], never);
	expect(await listener.received(1)).toHaveLength(1);
	await sink.close();
});

test('a large batch goes out whole, in its order', async () => {
	await using listener = await Listener.at('127.0.0.1');
	const sink = await openEntry({ url: `udp://127.0.0.1:${listener.port}`, individual: 'none' });
	const batch = Array.from({ length: 3000 }, (_, i) => delivered({ tags: { number: String(i) } }));
	await sink.write(batch, never);
	const numbers = (await listener.received(3000)).map((line) => /number=(\d+) /.exec(line)?.[1]);
	expect(numbers).toEqual(batch.map((_, i) => String(i)));
	await sink.close();
});

test('a large batch is sent so slowly that a small buffer holds what comes at once', async () => {
	// It has room for about a hundred, and empties it between the turns of the sender.
	await using listener = await Listener.at('127.0.0.1', 0, 'udp4', 50_000);
	const sink = await openEntry({ url: `udp://127.0.0.1:${listener.port}`, individual: 'none' });
	await sink.write(
		Array.from({ length: 3000 }, () => delivered()),
		never,
	);
	expect(await listener.received(3000)).toHaveLength(3000);
	await sink.close();
});

test('long lines are sent so slowly that they leave room for their neighbours', async () => {
	// What Linux gives by itself: room for three of the largest.
	await using listener = await Listener.at('127.0.0.1', 0, 'udp4', 212_992 / 2);
	const sink = await openEntry({ url: `udp://127.0.0.1:${listener.port}`, individual: 'none' });
	const batch = Array.from({ length: 200 }, (_, i) =>
		delivered({ tags: { number: String(i), long: 'x'.repeat(i % 2 === 0 ? 50_000 : 0) } }),
	);
	let written = 0;
	while (written < batch.length) {
		const verdicts = await sink.write(batch.slice(written), never);
		written += verdicts?.filter((verdict) => verdict === 'taken').length ?? batch.length;
	}
	expect(await listener.received(200)).toHaveLength(200);
	await sink.close();
});

test('a batch for which the time is too short for many pauses goes out whole, in its order', async () => {
	await using listener = await Listener.at('127.0.0.1');
	const content = { summary: true, individual: 'none', tags: {} } as const;
	const target = { host: '127.0.0.1', port: listener.port, destination: 'there', content, timeoutMs: 6 };
	const sink = await openUdp(target, never);
	const batch = Array.from({ length: 200 }, (_, i) => delivered({ tags: { number: String(i) } }));
	await sink.write(batch, never);
	const numbers = (await listener.received(200)).map((line) => /number=(\d+) /.exec(line)?.[1]);
	expect(numbers).toEqual(batch.map((_, i) => String(i)));
	await sink.close();
});

test('a closed port is told, and every datagram was sent all the same', async () => {
	const { port } = await Listener.at('127.0.0.1').then(async (listener) => {
		await using gone = listener;
		return { port: gone.port };
	});
	const sink = await openEntry({ url: `udp://127.0.0.1:${port}`, individual: 'none' });
	await expect(sink.write([delivered()], never)).rejects.toThrow(
		`udp://127.0.0.1:${port}: nothing listens there. Start it, or correct url:`,
	);
	// Somebody listens again. What is written meanwhile arrives, whatever was refused before it.
	await using listener = await Listener.at('127.0.0.1', port);
	await sink.write([delivered(), delivered()], never).catch(() => {});
	expect(await listener.received(2)).toHaveLength(2);
	await sink.close();
	const again = await openEntry({ url: `udp://127.0.0.1:${port}`, individual: 'none' });
	await again.write([delivered()], never);
	expect(await listener.received(3)).toHaveLength(3);
	await again.close();
});

test('a batch that is called off, and its sink closed, ends there', async () => {
	const sink = await openEntry({ url: `udp://127.0.0.1:${await freePort()}`, individual: 'none' });
	const abort = new AbortController();
	const batch = Array.from({ length: 20_000 }, () => delivered());
	const written = sink.write(batch, abort.signal);
	written.catch(() => {});
	await new Promise((resolve) => setTimeout(resolve, 5));
	abort.abort();
	await expect(written).rejects.toThrow('the network takes nothing');
	await sink.close();
	await sink.close();
	// Whatever is left of it must not fail in the middle of nowhere: vitest hears of that.
	await new Promise((resolve) => setTimeout(resolve, 100));
});

test('a listener that does not read holds nothing up', async () => {
	// Its buffer takes a few of them; the others are lost, as datagrams are.
	const stopped = spawnMortal(process.execPath, ['--input-type=module', '-e', deafListener]);
	const [said] = await once(stopped.stdout, 'data');
	const sink = await openEntry({ url: `udp://127.0.0.1:${Number(said)}`, individual: 'none' });
	const batch = Array.from({ length: 5000 }, (_, i) => delivered({ tags: { number: String(i) } }));
	await sink.write(batch, AbortSignal.timeout(15_000));
	await sink.close();
	stopped.kill('SIGKILL');
	await once(stopped, 'close');
});

/** Its thread sleeps, so that nobody empties the socket. */
const deafListener = `
	import { createSocket } from 'node:dgram';
	const socket = createSocket('udp4').bind(0, '127.0.0.1', () => {
		console.log(socket.address().port);
		setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), 10);
	});`;

test('a result with a line that fits into no datagram is refused, and the others of its batch are sent', async () => {
	await using listener = await Listener.at('127.0.0.1');
	const sink = await openEntry({ url: `udp://127.0.0.1:${listener.port}`, individual: 'none' });
	const long = (length: number) => delivered({ tags: { long: 'é'.repeat(length) } });
	const refused = { refused: expect.stringMatching(/80\d\d\d bytes does not fit into a datagram/) };
	expect(await sink.write([long(40_000), delivered(), long(40_000)], never)).toEqual([
		refused,
		'taken',
		refused,
	]);
	await sink.write([long(32_000)], never);
	const [first = '', second = ''] = await listener.received(2);
	expect(first).toContain('tunnel_id=2');
	expect(second).toContain('é'.repeat(32_000));
	await sink.close();
});

test('an address to which the system sends nothing is told when it is opened', async () => {
	// That for all hosts of a network: it takes a right to send there.
	await expect(openEntry({ url: 'udp://255.255.255.255:8094' })).rejects.toThrow(
		/^udp:\/\/255\.255\.255\.255:8094: (permission denied|there is no route)/,
	);
});

test('an unknown host is told, and so is a name service that is too slow', async () => {
	await expect(openEntry({ url: 'udp://no-such-name.invalid:8094' })).rejects.toThrow(
		/^udp:\/\/no-such-name\.invalid:8094: (unknown host name|the name service does not answer)/,
	);
	await expect(openEntry({ url: 'udp://localhost:8094' }, AbortSignal.abort())).rejects.toThrow(
		'udp://localhost:8094: the name service does not answer',
	);
});

test('a host that cannot be looked up, then can, then moves, is followed', async () => {
	await using first = await Listener.at('127.0.0.1');
	await using second = await Listener.at('127.0.0.2', first.port);
	const folder = mkdtempSync(join(tmpdir(), 'pingmachine-hosts-'));
	const hosts = join(folder, 'hosts');
	const compiled = compileModule('src/sinks/telegraf/udp.ts');
	writeFileSync(hosts, '');
	const script = `
		import { openUdp } from ${JSON.stringify(compiled.module)};
		import { createInterface } from 'node:readline';
		const target = { host: 'moving.invalid', port: ${first.port}, destination: 'there', lookupIntervalMs: 0, timeoutMs: 10_000,
			content: { summary: true, individual: 'none', tags: {} } };
		const batch = [${JSON.stringify(delivered())}];
		const { signal } = new AbortController();
		let sink = null;
		for await (const _ of createInterface({ input: process.stdin })) {
			try {
				sink ??= await openUdp(target, signal);
				await sink.write(batch, signal);
				console.log('sent');
			} catch (error) {
				console.log(error.message);
			}
		}
		await sink.close();`;
	// A mount namespace has its own /etc/hosts, which is read anew for each look-up.
	const inside = `mount --bind ${hosts} /etc/hosts && exec "$0" --input-type=module -e "$1"`;
	const child = spawn('unshare', ['--mount', 'sh', '-c', inside, process.execPath, script], {
		stdio: ['pipe', 'pipe', 'inherit'],
	});
	const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	const write = async () => {
		child.stdin.write('write\n');
		return (await answers.next()).value;
	};
	try {
		expect(await write()).toMatch(/^there: (unknown host name|the name service does not answer)/);
		writeFileSync(hosts, '127.0.0.1 moving.invalid\n');
		expect(await write()).toBe('sent');
		await first.received(1);
		writeFileSync(hosts, '');
		expect(await write()).toBe('sent');
		await first.received(2);
		// The system sends nothing there without a special right.
		writeFileSync(hosts, '255.255.255.255 moving.invalid\n');
		for (let count = 3; count < 8; count++) {
			expect(await write()).toBe('sent');
			await first.received(count);
			await new Promise((resolve) => setTimeout(resolve, 20));
		}
		writeFileSync(hosts, '127.0.0.2 moving.invalid\n');
		while (second.datagrams.length === 0) {
			expect(await write()).toBe('sent');
			await new Promise((resolve) => setTimeout(resolve, 20));
		}
	} finally {
		child.stdin.end();
		await once(child, 'close');
		compiled.remove();
		rmSync(folder, { recursive: true });
	}
});
