import { expect, test } from 'vitest';
import { z } from 'zod';
import { describeFinding } from '../../src/model/findings.ts';
import type { AnyProbe } from '../../src/model/probe.ts';
import { readOrder } from '../../src/reading/order.ts';
import { readStrict } from '../../src/reading/strict-section.ts';

/** What is said of one option with this schema and this value. */
function said(option: z.ZodType, value: unknown): string[] {
	return saidOf(z.strictObject({ option }), { option: value });
}

function saidOf(schema: z.ZodType, section: unknown): string[] {
	const read = readStrict(schema, section, 'probe');
	return 'findings' in read ? read.findings.map(describeFinding) : [];
}

const port = z.number().min(1).lt(65_536);

test.each<[string, z.ZodType, unknown, string]>([
	['text', z.string(), ['a'], 'must be text, not a list'],
	['text, but a number', z.string(), 1.1, 'must be text, not 1.1. Put it in quotes'],
	['text, but a truth value', z.string(), true, 'must be text, not true. Put it in quotes'],
	['text, but long', z.number(), 'x'.repeat(100), `must be a number, not "${'x'.repeat(60)}..."`],
	['text, but unprintable', z.number(), 'a\x1b[2J', 'must be a number, not "a\\x1b[2J"'],
	['number', z.number(), { a: 1 }, 'must be a number, not a mapping'],
	['whole number', z.int(), 2.5, 'must be a whole number, not 2.5'],
	['truth value', z.boolean(), 'maybe', 'must be true or false, not "maybe"'],
	['list', z.array(z.string()), 'a', 'must be a list, not "a"'],
	['mapping', z.record(z.string(), z.string()), 'a', 'must be a mapping, not "a"'],
	['missing', z.string(), undefined, 'is missing. Write option: below probe:, indented'],
	['without a value', z.string(), null, 'is missing. Write option: below probe:, indented'],
	['empty', z.string().min(1), '', 'is empty. Write a value, or leave it out'],
	['short', z.string().min(3), 'ab', 'must have at least 3 characters: "ab"'],
	['long', z.string().max(3), 'abcd', 'must have at most 3 characters: "abcd"'],
	['few entries', z.array(z.string()).min(2), ['a'], 'must have at least 2 entries'],
	['small', port, 0, 'must be at least 1, not 0'],
	['large', port, 65_536, 'must be less than 65536, not 65536'],
	['not a multiple', z.number().multipleOf(5), 7, 'must be a multiple of 5, not 7'],
	[
		'choice',
		z.enum(['smokeping', 'norrd']),
		'nord',
		'must be one of smokeping, norrd, not "nord". Did you mean norrd?',
	],
	['choice, far off', z.enum(['smokeping', 'norrd']), 'x', 'must be one of smokeping, norrd, not "x"'],
	['address', z.ipv4(), '::1', 'must be an IPv4 address, not "::1"'],
	['pattern', z.string().regex(/^a/), 'b', 'must be of another form, not "b"'],
	['either', z.union([z.string(), z.number()]), [], 'must be text or a number, not a list'],
	[
		'either, of the right type',
		z.union([z.number(), z.string().min(2)]),
		'a',
		'must have at least 2 characters: "a"',
	],
	[
		'either, missing',
		z.union([z.string(), z.number()]),
		undefined,
		'is missing. Write option: below probe:, indented',
	],
	['own words', z.string().refine(() => false, 'must be nicer'), 'a', 'must be nicer'],
	['no words', z.string().refine(() => false), 'a', 'is not valid: "a"'],
	['read as a number', z.preprocess(Number, z.number()), 'often', 'must be a number, not "often"'],
])('%s', (_name, option, value, message) => {
	expect(said(option, value)).toEqual([`probe.option: ${message}`]);
});

test('the place inside lists and mappings is named', () => {
	const schema = z.strictObject({ hops: z.array(z.strictObject({ host: z.string() })) });
	expect(saidOf(schema, { hops: [{ host: 'a' }, { hots: 'b' }, { host: 1 }] })).toEqual([
		'probe.hops[2].host: must be text, not 1. Put it in quotes',
		'probe.hops[1].hots: unknown option. Did you mean host?',
	]);
});

test('known options are found through refinements, transforms and defaults', () => {
	const plain = z.strictObject({ host: z.string().default('a'), port: port.optional() });
	const wrapped = [
		plain.refine(() => true),
		plain.transform((value) => value),
		z.preprocess((value) => value, plain),
		plain.default({ host: 'b' }),
		plain.readonly(),
	];
	for (const schema of wrapped) {
		expect(saidOf(schema, { prot: 1 })).toEqual(['probe.prot: unknown option. Did you mean port?']);
		expect(saidOf(schema, { protocol: 1 })).toEqual(['probe.protocol: unknown option. Known: host, port']);
		expect(saidOf(schema, { port: null })).toEqual([]);
	}
});

test('an unknown option without a value is no less unknown', () => {
	expect(saidOf(z.strictObject({ host: z.string() }), { host: 'a', interval: null })).toEqual([
		'probe.interval: unknown option. Known: host',
	]);
});

test('of very many unknown options the first are told, and the others counted', () => {
	const section = Object.fromEntries(Array.from({ length: 25 }, (_, i) => [`x${i}`, i]));
	const findings = saidOf(z.strictObject({}), section);
	expect(findings).toHaveLength(21);
	expect(findings[19]).toBe('probe.x19: unknown option. Remove it');
	expect(findings[20]).toBe('probe: 5 more unknown options. Remove them');
});

test('a section without any options says so', () => {
	expect(saidOf(z.strictObject({}), { host: 'a' })).toEqual(['probe.host: unknown option. Remove it']);
});

// ---- The probe and its section ----

const httping: AnyProbe = {
	...fakeProbe('httping', 'url'),
	options: z.strictObject({ url: z.string() }),
};

function fakeProbe(name: string, target: string): AnyProbe {
	return {
		name,
		target,
		options: z.strictObject({ [target]: z.string() }),
		settings: z.strictObject({}),
		lanes: 1,
		batchMax: () => 1,
		needMs: () => 0,
		measure: () => Promise.reject(new Error('not asked for')),
	};
}

function saidOfOrder(text: string, ...probes: AnyProbe[]): string[] {
	const table = new Map([fakeProbe('ssh', 'host'), httping, ...probes].map((probe) => [probe.name, probe]));
	const read = readOrder('app/ping', `user: tmon\nstep: 60\npings: 5\n${text}`, table);
	return 'findings' in read ? read.findings.map(describeFinding) : [];
}

test('a section for another probe than the chosen one is pointed out', () => {
	expect(saidOfOrder('probe: ssh\nhttping:\n    url: http://example.net/\n')).toEqual([
		'ssh: section is missing, but there is one for httping. Write probe: httping, or ssh: with host: below it',
	]);
});

test('all probes are named to choose from', () => {
	expect(saidOfOrder('ssh:\n    host: a\n')).toEqual(['probe: is missing. Write one of: ssh, httping']);
	expect(saidOfOrder('probe: hping\n')).toEqual([
		'probe: unknown probe "hping". Did you mean httping? Known: ssh, httping',
	]);
});

test('what the probe itself finds is said with the key in its section', () => {
	const picky: AnyProbe = {
		...fakeProbe('picky', 'host'),
		check: ({ host }, { stepSeconds, pings }) => [
			{ key: 'host', message: `is ${host}, ${pings} times in ${stepSeconds} s. Write another` },
		],
	};
	expect(saidOfOrder('probe: picky\npicky:\n    host: a\n', picky)).toEqual([
		'picky.host: is a, 5 times in 60 s. Write another',
	]);
});

test('a probe whose check fails costs its own orders only', () => {
	const broken: AnyProbe = {
		...fakeProbe('broken', 'host'),
		check: () => {
			throw new Error('no such thing\n');
		},
	};
	expect(saidOfOrder('probe: broken\nbroken:\n    host: a\n', broken)).toEqual([
		'broken: could not be checked, which is a fault of pingmachine: no such thing\\x0a',
	]);
	expect(saidOfOrder('probe: ssh\nssh:\n    host: a\n', broken)).toEqual([]);
});
