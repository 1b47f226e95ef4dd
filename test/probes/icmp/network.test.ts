/**
 * The probe against a responder that delays, loses, doubles, reorders and damages by rule, in a network of this
 * thread's own. Needs root, and the compiled product, which `npm test` builds first.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { systemClocks } from '../../../probes/icmp/engine/clocks.ts';
import type { FromEngine } from '../../../probes/icmp/engine/messages.ts';
import { PingLoop } from '../../../probes/icmp/engine/ping-loop.ts';
import type { IcmpOptions } from '../../../probes/icmp/options.ts';
import type { Facts } from '../../../src/model/facts.ts';
import type { ProbeResults } from '../../../src/model/probe.ts';
import {
	device,
	otherAddress,
	type Responder,
	reorderMs,
	router,
	rules,
	type Truth,
} from '../../support/icmp-responder.ts';
import { enterOwnNetwork } from '../../support/own-network.ts';
import { donePings, pauseThread, pingRequest } from '../../support/ping-request.ts';
import { probeTools } from '../../support/probe-tools.ts';

const compiled = (path: string) => new URL(`../../../dist/${path}`, import.meta.url).href;
const { icmp } = (await import(
	compiled('probes/icmp/index.js')
)) as typeof import('../../../probes/icmp/index.ts');
const { startResponder } = (await import(
	compiled('test/support/icmp-responder.js')
)) as typeof import('../../support/icmp-responder.ts');

const delayMs = 20;
const pings = 6;
let leave = () => {};
let results: ProbeResults;
let truth: Truth;

const some4 = Array.from({ length: 250 }, (_, i) => `10.77.${rules.losesSome}.${i + 2}`);
const targets4 = Object.values(rules).map((rule) => `10.77.${rule}.1`);
const targets6 = Object.values(rules).map((rule) => `fd77::${rule.toString(16)}:1`);

function shell(command: string): string {
	return execFileSync('sh', ['-c', command], { encoding: 'utf8' });
}

function measure(
	targets: readonly string[],
	options: Partial<IcmpOptions> = {},
	windowMs = 6000,
): Promise<ProbeResults> {
	const job = {
		slot: { startSeconds: 0, stepSeconds: windowMs / 1000 },
		stepSeconds: windowMs / 1000,
		pings,
		options: { host: 'any', interval: 100, timeout: 500, ...options },
		targets,
		windowMs,
	};
	return icmp.measure(job, probeTools({}));
}

beforeAll(async () => {
	leave = enterOwnNetwork();
	const responder: Responder = await startResponder(delayMs);
	shell(
		`ip addr add 10.77.255.254/16 dev ${device}; ip link set ${device} up txqueuelen 5000;` +
			`ip -6 addr add fd77::ffff:fe/16 dev ${device} nodad; ip route add unreachable 10.98.0.0/24;` +
			'ip route add prohibit 10.98.1.0/24; ip route add blackhole 10.98.2.0/24',
	);
	// The kernel has its own mind about when an address is ready.
	const isReady = () => expect(shell('ip -6 route show table local')).toContain('fd77::ffff:fe');
	await vi.waitFor(isReady, { timeout: 60_000 });
	results = await measure([...targets4, ...targets6, ...some4]);
	truth = await responder.stop();
});
afterAll(() => leave());

function rttsOf(target: string): (number | null)[] {
	const result = results.get(target);
	if (result === undefined || !('samples' in result)) throw new Error(`${target}: ${JSON.stringify(result)}`);
	return result.samples.map(({ rttSeconds }) => rttSeconds);
}

function factsOf(target: string): Facts {
	const result = results.get(target);
	if (result === undefined || !('samples' in result) || result.facts === undefined) throw new Error(target);
	return result.facts;
}

const lost = Array.from({ length: pings }, () => null);
/** The responder may be late on a busy machine, but never early. */
const afterDelay = expect.toSatisfy(
	(rtt: unknown) => typeof rtt === 'number' && rtt >= delayMs / 1000 && rtt < 0.3,
);

describe.each([
	['IPv4', 4, (rule: number) => `10.77.${rule}.1`],
	['IPv6', 6, (rule: number) => `fd77::${rule.toString(16)}:1`],
] as const)('%s:', (_name, family, target) => {
	test('answers are timed', () => {
		const one = target(rules.answers);
		expect(rttsOf(one)).toEqual(lost.map(() => afterDelay));
		expect(factsOf(one)).toMatchObject({
			ttl: 57,
			timestamps: 'kernel',
			duplicates: 0,
			reordered: 0,
			late: 0,
		});
		expect(truth[one]).toEqual({ requests: pings, lost: 0 });
	});

	test('losses are losses, in their places', () => {
		expect(rttsOf(target(rules.losesThirds))).toEqual([
			afterDelay,
			afterDelay,
			null,
			afterDelay,
			afterDelay,
			null,
		]);
	});

	test('duplicates are counted, and the first answer counts', () => {
		expect(rttsOf(target(rules.duplicates))).toEqual(lost.map(() => afterDelay));
		expect(factsOf(target(rules.duplicates)).duplicates).toBe(pings);
	});

	test('answers that are overtaken are counted, and timed like others', () => {
		const rtts = rttsOf(target(rules.reorders));
		expect(rtts.filter((rtt, i) => i % 2 === 0 && (rtt ?? 0) < (delayMs + reorderMs) / 1000)).toEqual([]);
		expect(factsOf(target(rules.reorders)).reordered).toBeGreaterThanOrEqual(1);
	});

	test.each(['damagesContent', 'damagesToken', 'truncates'] as const)('an answer that %s is none', (rule) => {
		expect(rttsOf(target(rules[rule]))).toEqual(lost);
		expect(factsOf(target(rules[rule]))).toMatchObject({
			corrupted: pings,
			loss_reason: `the answer was corrupted (${pings} of ${pings})`,
		});
	});

	test('an answer with a wrong checksum is none', () => {
		expect(rttsOf(target(rules.damagesChecksum))).toEqual(lost);
		// That of IPv6 the kernel checks, and drops the packet.
		expect(factsOf(target(rules.damagesChecksum)).corrupted).toBe(family === 4 ? pings : 0);
	});

	test('ICMP errors are the reason of the loss', () => {
		expect(rttsOf(target(rules.timeExceeded))).toEqual(lost);
		const from = (text: string) => ({ loss_reason: `${text} from ${router[family]} (${pings} of ${pings})` });
		expect(factsOf(target(rules.timeExceeded))).toMatchObject(from('time exceeded'));
		expect(factsOf(target(rules.unreachable))).toMatchObject(from('host unreachable'));
		expect(factsOf(target(rules.unreachableShort))).toMatchObject(from('host unreachable'));
	});

	test('an answer from another address is none', () => {
		expect(rttsOf(target(rules.answersFromOther))).toEqual(lost);
		expect(factsOf(target(rules.answersFromOther))).toMatchObject({
			from_other_address: pings,
			loss_reason: `answered from ${otherAddress[family]} (${pings} of ${pings})`,
		});
	});

	test('late answers are counted and not used', () => {
		expect(rttsOf(target(rules.answersLate))).toEqual(lost);
		const { late, loss_reason: reason } = factsOf(target(rules.answersLate));
		expect(late).toBeGreaterThanOrEqual(1);
		expect(reason).toBe(`answered after the timeout (${late} of ${pings})`);
	});
});

test('of many targets with some loss, exactly those pings are lost that the responder has lost', () => {
	const found = some4.map((target) => [
		target,
		{ requests: rttsOf(target).length, lost: rttsOf(target).filter((rtt) => rtt === null).length },
	]);
	const told = some4.map((target) => [target, truth[target]]);
	expect(found).toEqual(told);
	expect(some4.some((target) => (truth[target]?.lost ?? 0) > 0)).toBe(true);
});

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
