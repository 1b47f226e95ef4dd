/** The engine’s loop in this thread, with real sockets and the kernel’s own stamps. */
import { isIPv6, SocketAddress } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Clocks, StepWatch, systemClocks } from '../../../probes/icmp/engine/clocks.ts';
import { DueJobs } from '../../../probes/icmp/engine/due-jobs.ts';
import { EchoFormat, echo } from '../../../probes/icmp/engine/echo-format.ts';
import { Memory } from '../../../probes/icmp/engine/libc.ts';
import { noSample, stampBits } from '../../../probes/icmp/engine/messages.ts';
import { selfTest } from '../../../probes/icmp/engine/self-test.ts';
import { addressBytes, addressText, packAddress } from '../../../probes/shared/ip-address.ts';
import { onBusyMachine } from '../../support/busy.ts';
import { donePings, pauseThread, pingRequest } from '../../support/ping-request.ts';
import { hosts, run } from './run-loop.ts';

describe('a clock that is set', () => {
	const clocks = systemClocks();

	test('is noticed, once', () => {
		let offsetNs = 0;
		const watch = new StepWatch({ ...clocks, realNs: () => clocks.realNs() + offsetNs });
		expect(watch.hasStepped()).toBe(false);
		expect(watch.hasStepped()).toBe(false);
		offsetNs = -3e6;
		expect(watch.hasStepped()).toBe(true);
		expect(watch.hasStepped()).toBe(false);
	});

	test('is told from one that is read slowly', () => {
		let [nowMs, slowMs, stepMs] = [0, 10, 0];
		const watch = new StepWatch({
			baseSeconds: 0,
			monotonicMs() {
				const readMs = nowMs;
				nowMs += slowMs;
				return readMs;
			},
			realNs: () => (nowMs + stepMs) * 1e6,
		});
		for (slowMs of [10, 0, 8, 0.001]) expect(watch.hasStepped()).toBe(false);
		// By then it was read promptly.
		stepMs = 1;
		expect(watch.hasStepped()).toBe(true);
		expect(watch.hasStepped()).toBe(false);
	});

	test.each([1e9, -3600e9])(
		'by %d ns makes what is under way unknown, and nothing else',
		onBusyMachine,
		(stepNs) => {
			// Until its answer has been read a ping is under way: here the clock is set between sending and reading.
			let offsetNs = 0;
			let sendings = 0;
			const stepping: Clocks = {
				baseSeconds: clocks.baseSeconds,
				monotonicMs: () => clocks.monotonicMs(),
				realNs: () => clocks.realNs() + offsetNs,
			};
			const one = pingRequest(['127.0.0.1'], { pings: 3, intervalMs: 300, roundMs: 300 });
			const watched: Clocks = {
				...stepping,
				realNs() {
					const now = stepping.realNs();
					// The stamp for sending is read right after the monotonic clock, outside of the watch for steps.
					if (new Error().stack?.includes('Channel.send') && ++sendings === 2) offsetNs = stepNs;
					return now;
				},
			};
			const result = donePings(run(one, { clocks: watched }));
			expect(sendings).toBe(3);
			const [first, second, third] = result.rttSeconds;
			expect(first).toBeGreaterThan(0);
			expect(second).toBe(noSample);
			expect(third).toBeGreaterThan(0);
		},
	);
});

test.each([
	{ size: 56, receiveBytes: 1 },
	{ size: 512, receiveBytes: 106_496 },
	{ size: 4000, receiveBytes: 212_992 },
])('a small receive buffer takes all answers, and the stamps: %j', ({ size, receiveBytes }) => {
	const wanted = {
		socket: { family: 4, size },
		timeoutMs: 1000,
		intervalMs: 100,
		roundMs: 100,
		burst: 1000,
	} as const;
	const result = donePings(run(pingRequest(hosts(1000), wanted), { receiveBytes }));
	expect(result.rttSeconds.every((rtt) => rtt > 0)).toBe(true);
	expect(result.stamps.every((bits) => (bits & stampBits.kernelOnly) !== 0)).toBe(true);
});

test('what cannot be sent in time is unknown', () => {
	const result = donePings(run(pingRequest(hosts(1000), { windowMs: 200, timeoutMs: 1000, burst: 1 })));
	const rtts = [...result.rttSeconds];
	expect(rtts.some((rtt) => rtt > 0)).toBe(true);
	expect(rtts.filter(Number.isNaN)).toEqual([]);
	expect(result.texts).toEqual([expect.stringMatching(/^the engine had no time to send/)]);
});

test.each([4, 6] as const)('the self-test passes here: IPv%i', (family) => {
	expect(selfTest(family, systemClocks(), pauseThread)).toEqual({ fault: null, isSure: true });
});

test('the self-test finds stamps that are read wrongly', () => {
	const real = systemClocks();
	// As if seconds were in another place of the structure.
	const wrong = { ...real, baseSeconds: real.baseSeconds + 1000 };
	expect(selfTest(4, wrong, pauseThread)).toEqual({
		fault: expect.stringMatching(
			/^the icmp engine does not understand this system: .*127\.0\.0\.1\. Use probe: fping$/,
		),
		isSure: true,
	});
});

describe('echo packets', () => {
	const key = { tokenLow: 0xdead_beef, tokenHigh: 0xfeed_f00d, tokenSum: 0xdead + 0xbeef + 0xfeed + 0xf00d };
	const anyPacket = fc.record({
		size: fc.integer({ min: 16, max: 300 }),
		ident: fc.integer({ min: 0, max: 0xffff }),
		number: fc.integer({ min: 0, max: 0xffff }),
		sequence: fc.integer({ min: 0, max: 0xffff }),
	});
	const sumOf = (bytes: Uint8Array) => {
		let sum = 0;
		for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
		while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
		return sum;
	};

	test('have the checksum of RFC 792, and their replies are known by every bit', () => {
		fc.assert(
			fc.property(anyPacket, fc.nat(), ({ size, ident, number, sequence }, where) => {
				const format = new EchoFormat({ family: 4, size, ident, sumsUp: true });
				const memory = new Memory(format.bytes);
				format.prepare(memory, 0);
				format.seal(memory, 0, key, number, sequence);
				const packet = memory.u8.subarray(0, format.bytes);
				expect(sumOf(packet)).toBe(0xffff);
				expect([echo.number(memory, 0), echo.sequence(memory, 0)]).toEqual([number, sequence]);

				packet[0] = 0;
				packet.fill(0, 2, 4);
				const sum = ~sumOf(packet) & 0xffff;
				packet[2] = sum >> 8;
				packet[3] = sum & 255;
				expect(format.isIntact(memory, 0, format.bytes, key, sequence)).toBe(true);
				expect(format.isIntact(memory, 0, format.bytes - 1, key, sequence)).toBe(false);
				// Type, identifier and token are looked at before.
				const free = [1, 2, 3, 6, 7, ...Array.from({ length: size - 8 }, (_, i) => i + 16)];
				const at = free[where % free.length] as number;
				packet[at] = (packet[at] as number) ^ 1;
				expect(format.isIntact(memory, 0, format.bytes, key, sequence)).toBe(false);
			}),
		);
	});
});

describe('addresses', () => {
	test('are packed and written as everybody does', () => {
		fc.assert(
			fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
				const bytes = new Uint8Array(addressBytes);
				packAddress(text, bytes, 0);
				const family = isIPv6(text) ? 6 : 4;
				const canonical = new SocketAddress({ address: text, family: `ipv${family}` }).address;
				// The C library writes IPv4-compatible addresses with dots.
				if (!canonical.includes('.') || family === 4) expect(addressText(bytes, 0, family)).toBe(canonical);
				const again = new Uint8Array(addressBytes);
				packAddress(canonical, again, 0);
				expect(again).toEqual(bytes);
			}),
		);
	});
});

test('the heap gives what is due first', () => {
	fc.assert(
		fc.property(fc.array(fc.nat()), (times) => {
			const heap = new DueJobs<{ at: number }>(({ at }) => at);
			for (const at of times) heap.add({ at });
			const out: number[] = [];
			for (let first = heap.first(); first !== null; first = heap.first()) {
				out.push(first.at);
				heap.removeFirst();
			}
			expect(out).toEqual([...times].sort((a, b) => a - b));
		}),
	);
});
