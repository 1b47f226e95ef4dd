/** What the kernel refuses, and machines that are in trouble, in a network of this thread’s own. Needs root and the compiled product. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClocks } from '../../../probes/icmp/engine/clocks.ts';
import type { FromEngine } from '../../../probes/icmp/engine/messages.ts';
import { PingLoop } from '../../../probes/icmp/engine/ping-loop.ts';
import { device, rules } from '../../support/icmp-responder.ts';
import { enterOwnNetwork } from '../../support/own-network.ts';
import { donePings, pauseThread, pingRequest } from '../../support/ping-request.ts';
import { compiled, delayMs, lost, measure, shell, startResponder } from './network-rig.ts';

let leave = () => {};

beforeAll(() => {
	leave = enterOwnNetwork([
		'ip route add unreachable 10.98.0.0/24',
		'ip route add prohibit 10.98.1.0/24',
		'ip route add blackhole 10.98.2.0/24',
	]);
});

afterAll(() => leave());

describe('what the kernel refuses to send is no loss', () => {
	test.each([
		['10.97.0.1', 'network is unreachable: there is no route to it (ENETUNREACH)'],
		['10.98.0.1', 'no route to host (EHOSTUNREACH)'],
		[
			'10.98.1.1',
			'sending is refused: a route of this machine prohibits it, or it is a broadcast address (EACCES)',
		],
		['10.98.2.1', 'the kernel refuses to send to it: is its route a blackhole? (EINVAL)'],
	])('%s: %s', async (target, failure) => {
		const found = await measure([target, '127.0.0.1'], {}, 2000);
		expect(found.get(target)).toEqual({ failure, code: 'no_route' });
		expect(found.get('127.0.0.1')).toHaveProperty('samples');
	});

	test('nor are packets that are too long for the path', async () => {
		shell('ip link set lo mtu 1500');
		const found = await measure(['127.0.0.1'], { size: 2000, df: true }, 2000);
		expect(found.get('127.0.0.1')).toEqual({
			failure: expect.stringContaining('the packet is too long for the path'),
			code: 'refused_here',
		});
		const whole = await measure(['127.0.0.1'], { size: 2000, df: false }, 2000);
		expect(whole.get('127.0.0.1')).toHaveProperty('samples');
		shell('ip link set lo mtu 65536');
	});
});

describe('without the right to raw sockets', () => {
	/** In a process without capabilities, in this network. */
	function measureWithoutRights(targets: readonly string[]): Record<string, unknown> {
		const program = `
			const { icmp } = await import(${JSON.stringify(compiled('probes/icmp/index.js'))});
			const { systemClock } = await import(${JSON.stringify(compiled('src/model/clock.js'))});
			const keep = setInterval(() => {}, 1000);
			const targets = ${JSON.stringify(targets)};
			const notes = [];
			const results = await icmp.measure(
				{ slot: { startSeconds: 0, stepSeconds: 2 }, stepSeconds: 2, pings: 2, options: { host: 'any' }, targets, windowMs: 2000 },
				{
					settings: {},
					clock: systemClock,
					signal: new AbortController().signal,
					resolve: async (names) => new Map(names.map(({ name }) => [name, { address: name }])),
					note: (line) => notes.push(line),
					log: () => {},
				},
			);
			clearInterval(keep);
			console.log(JSON.stringify({ ...Object.fromEntries(results), notes }));`;
		const args = [
			'--inh-caps=-all',
			'--bounding-set=-all',
			'--no-new-privs',
			process.execPath,
			'--input-type=module',
			'-e',
			program,
		];
		const ran = spawnSync('setpriv', args, {
			encoding: 'utf8',
			cwd: fileURLToPath(new URL('../../..', import.meta.url)),
			timeout: 25_000,
		});
		expect(ran.stderr).toBe('');
		return JSON.parse(ran.stdout) as Record<string, unknown>;
	}

	test('one message names both remedies', () => {
		const failure = expect.stringMatching(
			/^no right to send pings \(E\w+\)\. Give pingmachine CAP_NET_RAW .*ping_group_range="0 2147483647"$/,
		);
		expect(measureWithoutRights(['127.0.0.1', '::1'])).toEqual({
			'127.0.0.1': { failure, code: 'refused_here' },
			'::1': { failure, code: 'refused_here' },
			notes: [],
		});
	});

	test('ping sockets do as well', () => {
		shell('echo "0 2147483647" > /proc/sys/net/ipv4/ping_group_range');
		const found = measureWithoutRights(['127.0.0.1', '::1']);
		const good = {
			samples: [{ rttSeconds: expect.any(Number) }, { rttSeconds: expect.any(Number) }],
			facts: { ttl: 64, timestamps: 'kernel' },
		};
		expect(found).toMatchObject({ '127.0.0.1': good, '::1': good });
		expect(found['notes']).toEqual([
			expect.stringMatching(/^IPv[46], ping socket, timed by the kernel/),
			expect.any(String),
		]);
	});
});

test('answers that find no room in the receive buffer make pings unknown, not lost', async () => {
	const responder = await startResponder(delayMs);
	shell(`ip addr add 10.77.255.254/16 dev ${device}; ip link set ${device} up txqueuelen 5000`);
	const targets = Array.from({ length: 300 }, (_, i) => `10.77.${rules.answers}.${1 + (i % 250)}`);
	const results: FromEngine[] = [];
	const over = (result: FromEngine) => results.push(result);
	const loop = new PingLoop({ clocks: systemClocks(), receiveBytes: 20_000, over });
	loop.add(pingRequest(targets, { timeoutMs: 1000, windowMs: 5000, burst: 1000 }));
	// So late that all answers have come meanwhile.
	for (let ms = loop.turn(); ms !== null; ms = loop.turn()) pauseThread(ms + 300);
	await responder.stop();
	const result = donePings(results[0]);
	const rtts = [...result.rttSeconds];
	expect(rtts.filter(Number.isNaN)).toEqual([]);
	expect(rtts.filter((rtt) => rtt > 0).length).toBeGreaterThan(0);
	expect(result.failures.filter((text) => text > 0).length).toBeGreaterThan(0);
	expect(result.texts).toEqual([
		expect.stringMatching(/^the receive buffer of the engine overflowed\. Raise net\.core\.rmem_max/),
	]);
});

describe('a machine that', () => {
	test('does not answer itself measures true losses', async () => {
		shell('echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all');
		const found = await measure(['127.0.0.1'], {}, 2000);
		expect(found.get('127.0.0.1')).toMatchObject({ samples: lost.map(() => ({ rttSeconds: null })) });
		shell('echo 0 > /proc/sys/net/ipv4/icmp_echo_ignore_all');
	});

	test('does not answer is not asked all the time, though the receive buffer is small', () => {
		shell('echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all');
		const targets = Array.from({ length: 400 }, (_, i) => `127.3.${i >> 8}.${i & 255}`);
		const results: FromEngine[] = [];
		const loop = new PingLoop({
			clocks: systemClocks(),
			receiveBytes: 106_496,
			over: (result) => results.push(result),
		});
		const pace = { intervalMs: 400, roundMs: 400, timeoutMs: 600, windowMs: 5000, burst: 128 };
		loop.add(pingRequest(targets, pace));
		let turns = 0;
		for (let ms = loop.turn(); ms !== null; ms = loop.turn()) {
			turns++;
			pauseThread(ms);
		}
		shell('echo 0 > /proc/sys/net/ipv4/icmp_echo_ignore_all');
		expect(results[0]).toMatchObject({ rttSeconds: new Float64Array(400).fill(Number.NaN) });
		expect(turns).toBeLessThan(150);
	});

	test('stalls after the last reading loses nothing that could have come meanwhile', () => {
		shell('echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all');
		const real = systemClocks();
		let [isReadingWatched, hasRead, stallMs] = [false, false, 0];
		const monotonicMs = () => {
			const by = isReadingWatched ? (new Error().stack ?? '') : '';
			if (by.includes('Channel.drain ')) hasRead = true;
			else if (hasRead) stallMs = 5000;
			return real.monotonicMs() + stallMs;
		};
		const clocks = { ...real, monotonicMs, realNs: () => real.realNs() + stallMs * 1e6 };
		const results: FromEngine[] = [];
		const loop = new PingLoop({ clocks, over: (result) => results.push(result) });
		loop.add(pingRequest(['127.0.0.1'], { timeoutMs: 1000, windowMs: 5000, burst: null }));
		for (let turns = 0; turns < 20; turns++) {
			loop.turn();
			pauseThread(2);
		}
		loop.cancel(1);
		isReadingWatched = true;
		for (let ms = loop.turn(); ms !== null; ms = loop.turn()) pauseThread(Math.min(ms, 5));
		shell('echo 0 > /proc/sys/net/ipv4/icmp_echo_ignore_all');
		expect(stallMs).toBe(5000);
		expect(results[0]).toMatchObject({ texts: ['stopped before a ping was over'] });
	});

	test('has no IPv6 measures IPv4', async () => {
		shell('for i in all default lo; do echo 1 > /proc/sys/net/ipv6/conf/$i/disable_ipv6; done');
		const found = await measure(['127.0.0.1', '::1'], {}, 2000);
		expect(found.get('127.0.0.1')).toHaveProperty('samples');
		expect(found.get('::1')).toEqual({
			failure: expect.stringMatching(/^(network is unreachable|this machine has no)/),
			code: expect.stringMatching(/^no_(route|address)$/),
		});
	});
});
