/** A load balancer, a router that limits its answers, a silent one, a narrow link. Needs root, and the compiled product. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { meaningOfLoss } from '../../../src/model/hop.ts';
import { enterOwnNetwork } from '../../support/own-network.ts';
import { openRouters, type Topology, v4, v6 } from '../../support/router-namespaces.ts';
import { hurriedOptions, trace, tracedOf } from './rig.ts';

/** host - r1 - (r2a | r2b) - r3 - r4, silent - target, behind a narrow link. */
const topology: Topology = {
	links: [
		{ from: 'host', to: 'r1', network: 1 },
		{ from: 'r1', to: 'r2a', network: 2 },
		{ from: 'r1', to: 'r2b', network: 3 },
		{ from: 'r2a', to: 'r3', network: 4 },
		{ from: 'r2b', to: 'r3', network: 5 },
		{ from: 'r3', to: 'r4', network: 6 },
		{ from: 'r4', to: 'target', network: 7, mtu: 1400 },
	],
	ways: [
		{ at: 'host', to: 'default', via: ['1.2'] },
		{ at: 'r1', to: 'default', via: ['2.2', '3.2'] },
		{ at: 'r2a', to: 'default', via: ['4.2'] },
		{ at: 'r2a', to: 1, via: ['2.1'] },
		{ at: 'r2b', to: 'default', via: ['5.2'] },
		{ at: 'r2b', to: 1, via: ['3.1'] },
		{ at: 'r3', to: 'default', via: ['6.2'] },
		{ at: 'r3', to: 1, via: ['4.1'] },
		{ at: 'r4', to: 'default', via: ['6.1'] },
		{ at: 'target', to: 'default', via: ['7.1'] },
	],
	more: {
		r1: ['sysctl -qw net.ipv4.fib_multipath_hash_policy=1 net.ipv6.fib_multipath_hash_policy=1'],
		r3: ['sysctl -qw net.ipv4.icmp_ratelimit=1000 net.ipv4.icmp_ratemask=2048'],
		r4: [
			'sysctl -qw net.ipv4.icmp_ratelimit=10000000 net.ipv4.icmp_ratemask=2048',
			`ip route add blackhole ${v4('7.99')}`,
		],
		target: [...Array(20).keys()].map((i) => `ip addr add ${v4(`7.${i + 10}` as '7.2')}/24 dev n7b`),
	},
};

let leave = () => {};
let close = async () => {};

beforeAll(async () => {
	leave = enterOwnNetwork();
	close = await openRouters(topology);
});

afterAll(async () => {
	await close();
	leave();
});

const target = v4('7.2');

test.each(['icmp', 'udp', 'tcp'])(
	'behind a load balancer %s goes one way, the same each time',
	async (protocol) => {
		const options = { protocol, timeout: 300 };
		const ways = new Set<string | null>();
		for (let slot = 0; slot < 2; slot++) {
			const traced = tracedOf(await trace([target], { pings: 6, options, windowMs: 3000 }), target);
			expect(traced.hops[1]?.addresses).toHaveLength(1);
			ways.add(traced.way[1] ?? null);
		}
		expect(ways.size).toBe(1);
		expect([v4('2.2'), v4('3.2')]).toEqual(expect.arrayContaining([...ways]));
	},
);

test('targets behind a load balancer go both ways', async () => {
	const targets = [...Array(20).keys()].map((i) => `10.50.7.${i + 10}`);
	const results = await trace(targets, { options: { protocol: 'udp', timeout: 300 }, pings: 1 });
	const ways = new Set(targets.map((one) => tracedOf(results, one).way[1]));
	expect([...ways].sort()).toEqual([v4('2.2'), v4('3.2')]);
});

test.each([4500, 1000])('where the way to a silent target ends is known within %d ms', async (windowMs) => {
	const silent = v4('7.99');
	const options = hurriedOptions(silent, windowMs);
	const traced = tracedOf(await trace([silent], { pings: 1, windowMs, options }), silent);
	expect(traced.way).toEqual([v4('1.2'), expect.any(String), v4('4.2')]);
	expect(traced.rtts).toEqual([null]);
});

test('a router that limits its answers loses nothing, and a silent one hides no other', async () => {
	const traced = tracedOf(
		await trace([target], { pings: 20, windowMs: 6000, options: { timeout: 300 } }),
		target,
	);
	expect(traced.way).toEqual([v4('1.2'), expect.any(String), v4('4.2'), null, target]);
	expect(traced.rtts.every((rtt) => rtt !== null)).toBe(true);
	expect(traced.hops[2]?.lost).toBeGreaterThan(0);
	expect(meaningOfLoss(traced.hops)).toEqual(['none', 'none', 'limited', null, 'none']);
});

test.each([
	['icmp', target],
	['udp', target],
	['icmp', v6('7.2')],
])('the longest packet that gets through is found with %s to %s', async (protocol, to) => {
	const options = { protocol, mtu: true, timeout: 300 };
	const traced = tracedOf(await trace([to], { pings: 1, options }), to);
	expect(traced.facts).toMatchObject({ reached: true, path_mtu: 1400 });
});
