/**
 * The probe against a responder that delays, loses, doubles, reorders and damages by rule, in a network of this
 * thread's own. Needs root, and the compiled product, which `npm test` builds first.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Facts } from '../../../src/model/facts.ts';
import type { ProbeResults } from '../../../src/model/probe.ts';
import { otherAddress, router } from '../../support/icmp-packets.ts';
import { device, type Responder, reorderMs, rules, type Truth } from '../../support/icmp-responder.ts';
import { enterOwnNetwork } from '../../support/own-network.ts';
import {
	delayMs,
	lost,
	measure,
	pings,
	shell,
	some4,
	startResponder,
	targets4,
	targets6,
} from './network-rig.ts';

let leave = () => {};

let results: ProbeResults;

let truth: Truth;

beforeAll(async () => {
	leave = enterOwnNetwork();
	const responder: Responder = await startResponder(delayMs);
	shell(
		`ip addr add 10.77.255.254/16 dev ${device}; ip link set ${device} up txqueuelen 5000;` +
			`ip -6 addr add fd77::ffff:fe/16 dev ${device} nodad`,
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
