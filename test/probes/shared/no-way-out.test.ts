/** What cannot be sent is unknown, by every probe. In a network of this thread's own: needs root, and the compiled product. */
import { execFileSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { AnyProbe, Job, ProbeResults, TargetResult } from '../../../src/model/probe.ts';
import { enterOwnNetwork } from '../../support/own-network.ts';
import { probeTools } from '../../support/probe-tools.ts';
import { StandIns, scionJson } from '../../support/stand-in.ts';

const compiled = (path: string) => new URL(`../../../dist/${path}`, import.meta.url).href;
const { builtInProbes } = (await import(
	compiled('probes/index.js')
)) as typeof import('../../../probes/index.ts');

const ip = (...commands: string[]) => {
	for (const command of commands) execFileSync('sh', ['-c', `ip ${command}`]);
};
const standIns = new StandIns();
let leave = () => {};

beforeAll(() => {
	// Packets to 10.99.0.0/16 leave by loopback and are dropped: they are lost. To all else there is no route.
	leave = enterOwnNetwork([
		'ip route add 10.99.0.0/16 dev lo',
		'ip route add unreachable 10.98.0.0/24',
		'ip route add prohibit 10.98.1.0/24',
		'ip route add blackhole 10.98.2.0/24',
		'ip link add bridge0 type bridge',
		'ip addr add 10.9.0.1/24 dev bridge0',
		// Up, but nobody is at the other end: what is sent there is dropped.
		'ip tuntap add tunnel0 mode tun',
		'ip link set tunnel0 up',
		'ip addr add 10.96.0.1/24 dev tunnel0',
	]);
});
afterAll(() => {
	standIns.remove();
	leave();
});

interface Wanted {
	readonly targets: readonly string[];
	readonly pings?: number;
	readonly seconds?: number;
	readonly options?: Record<string, unknown>;
	readonly command?: string;
}

async function measure(
	name: string,
	{ targets, pings = 2, seconds = 2, options = {}, command }: Wanted,
): Promise<ProbeResults> {
	const probe = builtInProbes.get(name) as AnyProbe;
	const urls = name.startsWith('http') ? targets.map((target) => `http://${target}:1/`) : targets;
	const job: Job = {
		slot: { startSeconds: 0, stepSeconds: seconds },
		...{ stepSeconds: seconds, pings, targets: urls, windowMs: seconds * 1000 },
		options:
			name === 'http'
				? probe.options.parse({ url: urls[0], ...options })
				: { host: targets[0], ...(name === 'ssh' ? { port: 22 } : {}), ...options },
	};
	const results = await probe.measure(job, probeTools(probe.settings.parse(command ? { command } : {})));
	return new Map(targets.map((target, i) => [target, results.get(urls[i] ?? '') as TargetResult]));
}

const unknownBecause = (words: RegExp) => ({ failure: expect.stringMatching(words), code: 'no_route' });
const lost = expect.objectContaining({ rttSeconds: null });
const answered = expect.objectContaining({ rttSeconds: expect.any(Number) });

describe.each(['fping', 'icmp', 'ssh', 'http', 'httping'])('%s', (name) => {
	test('no route: unknown with the reason, and what is there is measured', async () => {
		const results = await measure(name, { targets: ['192.0.2.1', '10.99.0.1', '127.0.0.1'] });
		expect(results.get('192.0.2.1')).toEqual(unknownBecause(/no route/));
		expect(results.get('10.99.0.1')).toMatchObject({ samples: [lost, lost] });
		expect(results.get('127.0.0.1')).toHaveProperty('samples');
	});

	test('a route that lets nothing pass: unknown', async () => {
		const targets = ['10.98.0.1', '10.98.1.1', '10.98.2.1'];
		const results = await measure(name, { targets });
		for (const target of targets) expect(results.get(target)).toEqual(unknownBecause(/route/));
	});

	test('an interface that is down: unknown', async () => {
		const results = await measure(name, { targets: ['10.9.0.2', '10.96.0.2'] });
		for (const result of results.values()) expect(result).toHaveProperty('failure');
	});
});

describe.each(['fping', 'icmp'])('%s', (name) => {
	test('an interface that the order names and that is down: unknown', async () => {
		const results = await measure(name, { targets: ['10.9.0.2'], options: { interface: 'bridge0' } });
		expect(results.get('10.9.0.2')).toHaveProperty('failure');
	});

	test('IPv6 without a route: unknown', async () => {
		const results = await measure(name, { targets: ['2001:db8::1', '::1'], options: { ipv6: true } });
		expect(results.get('2001:db8::1')).toEqual(unknownBecause(/no route/));
		expect(results.get('::1')).toMatchObject({ samples: [answered, answered] });
	});
});

test.each(['fping', 'icmp'])('%s: loopback is down, and takes what it drops', async (name) => {
	ip('link set lo down');
	try {
		const results = await measure(name, { targets: ['127.0.0.1'] });
		expect(results.get('127.0.0.1')).toEqual(unknownBecause(/is down/));
	} finally {
		ip('link set lo up', 'route add 10.99.0.0/16 dev lo');
	}
});

describe('fping: a route that is there for a part of the run', () => {
	const addRoute = () => ip('route add 10.97.0.0/16 dev lo', 'addr add 10.97.0.1/32 dev lo');
	const removeRoute = () => ip('route del 10.97.0.0/16 dev lo', 'addr del 10.97.0.1/32 dev lo');
	let isThere = false;
	const set = (there: boolean) => {
		if (isThere !== there) (there ? addRoute : removeRoute)();
		isThere = there;
	};
	afterEach(() => set(false));
	const course = { pings: 6, seconds: 6, options: { interval: 600 } };

	test('lost in the middle: what was measured before counts, and the rest is unknown', async () => {
		set(true);
		const run = measure('fping', { targets: ['10.97.0.1', '10.97.0.2'], ...course });
		setTimeout(() => set(false), 1200);
		const results = await run;
		const rtts = (target: string) => {
			const result = results.get(target);
			return result !== undefined && 'samples' in result ? result.samples.map((one) => one.rttSeconds) : [];
		};
		expect(rtts('10.97.0.1').length).toBeGreaterThan(0);
		expect(rtts('10.97.0.1').length).toBeLessThan(6);
		expect(rtts('10.97.0.1')).not.toContain(null);
		expect(rtts('10.97.0.2').length).toBeLessThan(6);
		expect(rtts('10.97.0.2')).not.toEqual([]);
	});

	test('missing at first, and there in the end: unknown, not lost', async () => {
		const run = measure('fping', { targets: ['10.97.0.1', '10.97.0.2'], ...course });
		setTimeout(() => set(true), 1500);
		const results = await run;
		const result = results.get('10.97.0.1');
		if (result === undefined || !('samples' in result)) throw new Error(JSON.stringify(result));
		expect(result.samples.length).toBeLessThan(6);
		expect(result.samples.map(({ rttSeconds }) => rttSeconds)).not.toContain(null);
	});
});

test('fping: thousands of hosts without the default route are unknown, none is lost', async () => {
	const targets = Array.from({ length: 1000 }, (_, i) => `198.18.${i >> 8}.${i & 255}`);
	const results = await measure('fping', { targets, pings: 1, seconds: 5 });
	for (const target of targets) expect(results.get(target)).toEqual(unknownBecause(/no route/));
});

test('sping: without a way to the first router nothing is known', async () => {
	const target = '1-ff00:0:110,10.0.0.1';
	const program = standIns.program({ first: scionJson(target, [null, null]) });
	const results = await measure('sping', { targets: [target], command: program.path });
	expect(results.get(target)).toEqual(unknownBecause(/no route to 192\.0\.2\.1/));
});
