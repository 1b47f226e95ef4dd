/** Routes through network namespaces as routers. Needs root, and the compiled product. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enterOwnNetwork } from '../../support/own-network.ts';
import { chainOf, openRouters, v4, v6 } from '../../support/router-namespaces.ts';
import { trace, tracedOf } from './rig.ts';

let leave = () => {};
let close = async () => {};

beforeAll(async () => {
	leave = enterOwnNetwork();
	close = await openRouters(chainOf(4));
});

afterAll(async () => {
	await close();
	leave();
});

const way4 = ['1.2', '2.2', '3.2', '4.2', '5.2'].map(v4);
const way6 = ['1.2', '2.2', '3.2', '4.2', '5.2'].map(v6);

describe.each(['icmp', 'udp', 'tcp'])('with %s', (protocol) => {
	test.each([
		['IPv4', way4],
		['IPv6', way6],
	])('the route is exact over %s', async (_, way) => {
		const target = way.at(-1) ?? '';
		const traced = tracedOf(await trace([target], { options: { protocol } }), target);
		expect(traced.way).toEqual(way);
		expect(traced.rtts).toEqual([expect.any(Number), expect.any(Number)]);
		expect(traced.facts).toMatchObject({ reached: true, hops: 5, timestamps: 'kernel' });
	});
});

test('many targets share the first hops, which are asked once a second', async () => {
	const targets = [...way4.slice(1), v6('5.2')];
	const results = await trace(targets, { pings: 3 });
	for (const [at, target] of way4.slice(1).entries())
		expect(tracedOf(results, target).way).toEqual(way4.slice(0, at + 2));
	const first = way4.slice(1).map((target) => tracedOf(results, target).hops[0]);
	expect(first.filter((hop) => hop?.isShared === true).length).toBeGreaterThan(0);
	expect(first.every((hop) => hop !== null && hop?.lost === 0)).toBe(true);
});

test('beginning at a later hop, and not going as far as the target', async () => {
	const target = v4('5.2');
	const late = tracedOf(await trace([target], { options: { first_hop: 3 } }), target);
	expect(late.way).toEqual(way4.slice(2));
	const short = tracedOf(await trace([target], { options: { max_hop: 2 } }), target);
	expect(short.way).toEqual(way4.slice(0, 2));
	expect(short.rtts).toEqual([null, null]);
	expect(short.facts).toMatchObject({ reached: false });
});

test('an address that nobody has ends where the last router says so', async () => {
	const target = v4('4.77');
	const traced = tracedOf(
		await trace([target], { pings: 1, options: { gap_limit: 2, timeout: 400 } }),
		target,
	);
	expect(traced.way.slice(0, 3)).toEqual(way4.slice(0, 3));
	expect(traced.facts).toMatchObject({ reached: false });
	expect(traced.rtts).toEqual([null]);
});
