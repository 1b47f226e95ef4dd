/** Jobs that differ in how their packets leave share a socket, and each packet leaves as its job wants it. */
import { readdirSync, readlinkSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClocks } from '../../../probes/icmp/engine/clocks.ts';
import { libc } from '../../../probes/icmp/engine/libc.ts';
import { MessageBatch } from '../../../probes/icmp/engine/message-batch.ts';
import type { FromEngine, PacketOptions } from '../../../probes/icmp/engine/messages.ts';
import { PingLoop } from '../../../probes/icmp/engine/ping-loop.ts';
import { donePings, pauseThread, pingRequest } from '../../support/ping-request.ts';

const results = new Map<number, FromEngine>();
afterEach(() => results.clear());

/** Runs a job for each, all at a time, to their ends. Returns how many sockets there were meanwhile. */
function run(family: 4 | 6, all: readonly PacketOptions[], pings = 2): number {
	const target = family === 4 ? '127.0.0.1' : '::1';
	const loop = new PingLoop({
		clocks: systemClocks(),
		over: (result) => results.set(result.id, result),
	});
	const before = socketsOpen();
	for (const [id, packets] of all.entries()) {
		const socket = { family, size: 56 };
		const changes = { id, socket, packets, pings, intervalMs: 500, roundMs: 500, windowMs: 20_000 };
		loop.add(pingRequest([target], { ...changes, timeoutMs: 3000 }));
	}
	const sockets = socketsOpen() - before;
	for (let ms = loop.turn(); ms !== null; ms = loop.turn()) pauseThread(Math.min(ms, 20));
	expect(socketsOpen()).toBe(before);
	expect(results.size).toBe(all.length);
	return sockets;
}

function socketsOpen(): number {
	return readdirSync('/proc/self/fd').filter((fd) => {
		try {
			return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
		} catch {
			return false;
		}
	}).length;
}

function rttsOf(id: number): number[] {
	return [...donePings(results.get(id)).rttSeconds];
}

describe.each([4, 6] as const)('IPv%i:', (family) => {
	test('three thousand jobs have one socket, and all are answered', () => {
		const all = Array.from({ length: 3000 }, (_, i) => ({
			ttl: (i % 200) + 1,
			tos: (i % 63) * 4,
			fwmark: i,
		}));
		expect(run(family, all, 1)).toBe(1);
		const unanswered = all.flatMap((_, id) => (Number(rttsOf(id)[0]) > 0 ? [] : [id]));
		expect(unanswered).toEqual([]);
	});

	test('each packet leaves as its job wants it, and as usual where it does not say', () => {
		const seen = new Capture(family);
		const all = [{ ttl: 77, tos: 0xb8 }, {}, { ttl: 33 }, { tos: 0x20, fwmark: 5 }, {}];
		run(family, all);
		const usual = { ttl: 64, tos: 0 };
		const expected = all.map(({ ttl = usual.ttl, tos = usual.tos }) => `${ttl} ${tos}`);
		// Others on this machine may ping too.
		const requests = new Set(seen.requests());
		expect([...requests]).toEqual(expect.arrayContaining(expected));
		for (const mixed of ['77 0', '77 32', '33 32', '33 184', '64 184']) expect(requests).not.toContain(mixed);
	});
});

test('a job whose packets the kernel will not have fails alone, and leaves no socket behind', () => {
	expect(run(4, [{ ttl: 256 }])).toBe(0);
	expect(results.get(0)).toMatchObject({ failure: expect.stringContaining('ttl 256') });
	results.clear();
	run(4, [{}, { ttl: 256 }, {}]);
	expect(results.get(1)).toMatchObject({ failure: expect.stringContaining('ttl 256') });
	for (const id of [0, 2]) expect(rttsOf(id).every((rtt) => rtt > 0)).toBe(true);
});

const packetSocket = 17;
const datagrams = 2 | 0o4000;
/** As the network writes them. */
const protocols = { 4: 0x0008, 6: 0xdd86 } as const;

/** What goes by, on whatever interface, from its making on. */
class Capture {
	readonly #family: 4 | 6;
	readonly #fd: number;

	constructor(family: 4 | 6) {
		this.#family = family;
		this.#fd = libc.socket(packetSocket, datagrams, protocols[family]);
		expect(this.#fd).toBeGreaterThan(0);
	}

	/** Of each echo request, its time to live and its TOS. */
	requests(): string[] {
		const batch = new MessageBatch(64, 256, 0);
		const found: string[] = [];
		for (;;) {
			const count = libc.recvmmsg(this.#fd, batch.address(), batch.count, 0x40, null);
			if (count <= 0) break;
			for (let i = 0; i < count; i++) {
				const { u8 } = batch.memory;
				const at = batch.dataAt(i);
				const [type, ttl, tos] =
					this.#family === 4
						? [u8[at + 20], u8[at + 8], u8[at + 1]]
						: [u8[at + 40], u8[at + 7], (((u8[at] as number) & 15) << 4) | ((u8[at + 1] as number) >> 4)];
				const isEcho = u8[at + (this.#family === 4 ? 9 : 6)] === (this.#family === 4 ? 1 : 58);
				if (isEcho && type === (this.#family === 4 ? 8 : 128)) found.push(`${ttl} ${tos}`);
			}
			batch.reset(count);
		}
		libc.close(this.#fd);
		return found;
	}
}
