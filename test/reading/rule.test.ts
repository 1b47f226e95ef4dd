import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { builtInProbes } from '../../probes/index.ts';
import { ruleContextOf } from '../../src/alerts/rule-context.ts';
import { declaredFacts } from '../../src/model/facts.ts';
import { describeFindings } from '../../src/model/findings.ts';
import { factTableOf } from '../../src/model/probe.ts';
import { readMute } from '../../src/reading/mute.ts';
import { readRule } from '../../src/reading/rule.ts';

const context = ruleContextOf(
	new Map([
		['icmp', declaredFacts()],
		[
			'http',
			declaredFacts([
				{ name: 'certificate_left', kind: 'seconds', help: 'until it ends', per: 'measurement' },
				{ name: 'valid', kind: 'flag', help: 'whether it is valid', per: 'measurement' },
			]),
		],
	]),
);

function read(text: string, file = 'core/loss.yaml') {
	const result = readRule(file, text, context);
	return 'rule' in result ? result.rule : describeFindings(result.findings);
}

test('a rule of all kinds of keys', () => {
	const rule = read(`
match: {orders: core/**, users: tmon, probes: [icmp, fping], tags: {role: edge}, pops: [zrh]}
loss: {over: 20%, for: 3 of 5 slots, clear: 5 slots under 5%}
severity: critical
notify: [ops]
remind: 4h
quorum: {pops: 2, of: 3}
title: loss
named: true
`);
	expect(rule).toEqual({
		name: 'core/loss',
		title: 'loss',
		match: {
			orders: ['core/**'],
			users: ['tmon'],
			probes: ['icmp', 'fping'],
			tags: { role: ['edge'] },
			pops: ['zrh'],
		},
		condition: {
			kind: 'loss',
			threshold: {
				bad: 'over',
				limit: 0.2,
				raise: { count: 3, of: 5 },
				clearSlots: { count: 5, of: 5 },
				clearLimit: 0.05,
			},
		},
		quorum: { pops: 2, of: 3 },
		severity: 'critical',
		notify: ['ops'],
		remindSeconds: 14_400,
		named: true,
	});
});

test.each<[string, object]>([
	['median: {over: 80ms}', { limit: 0.08, raise: { count: 1, of: 1 }, clearSlots: { count: 1, of: 1 } }],
	[
		'median: {over: 150% of last week, clear: 3 slots under 120% of last week}',
		{ limit: { ofLastWeek: 1.5 }, clearLimit: { ofLastWeek: 1.2 } },
	],
	['jitter: {over: 20ms, for: 10min}', { raise: { forSeconds: 600 }, clearSlots: { forSeconds: 600 } }],
	['mos: {under: 3.6, clear: 2 slots over 4}', { bad: 'under', limit: 3.6, clearLimit: 4 }],
	['loss: {over: 20%, for: 3 of 10 slots}', { clearSlots: { count: 8, of: 8 } }],
	['fact: {http.certificate_left: {under: 14d}}', { limit: 1_209_600 }],
	['fact: {http.certificate_left: {under: 1209600}}', { limit: 1_209_600 }],
	['fact: {http.certificate_left: {under: 0}}', { limit: 0 }],
])('%s', (text, threshold) => {
	expect(read(text)).toMatchObject({ condition: { threshold } });
});

test('conditions about pingmachine itself', () => {
	const conditionOf = (text: string) => (read(text) as { readonly condition: unknown }).condition;
	expect(conditionOf('sink: {failing_for: 5min}')).toEqual({
		...{ kind: 'sink', of: 'failing', overSeconds: 300, names: null },
	});
	expect(conditionOf('notifier: {lag_over: 1h, names: am*}')).toEqual({
		...{ kind: 'notifier', of: 'lag', overSeconds: 3600, names: ['am*'] },
	});
	expect(conditionOf('pop: {silent_for: 2min, names: [zrh, gva]}')).toMatchObject({ names: ['zrh', 'gva'] });
	expect(conditionOf('clock: {offset_over: 500ms}')).toMatchObject({ of: 'offset', overSeconds: 0.5 });
});

describe('what is wrong, and what to write instead', () => {
	test.each<[string, string | RegExp]>([
		['', 'there is nothing in it. Write a condition, such as loss: {over: 20%}'],
		['severity: critical', /^has no condition\. Write one of loss, median/],
		['loss: {over: 20%}\nmos: {under: 3}', /^has 2 conditions\. Write one of/],
		['los: {over: 20%}', /los: unknown option\. Did you mean loss\?/],
		['loss: {over: 20}', 'loss.over: must be a percentage such as 20%, not "20"'],
		['loss: {over: 120%}', /no value that there can be/],
		['loss: {over: 100%}', /nothing is ever over 100%/],
		['loss: {over: 20%, under: 5%}', /must have over: or under:, one of them/],
		['loss: {over: 20%, for: 6 of 5 slots}', /loss\.for: must be 5 slots, 3 of 5 slots or a span/],
		['loss: {over: 20%, for: 3}', /loss\.for: must be 5 slots/],
		['loss: {over: 20%, for: 1.5}', /loss\.for: must be 5 slots/],
		['loss: {over: 20%, for: 0 slots}', /loss\.for: must be 5 slots/],
		['loss: {over: 20%, for: 2000000 slots}', /loss\.for: must be 5 slots/],
		['loss: {over: 20%, clear: 5 slots over 5%}', /loss\.clear: must be 5 slots.* with under/],
		['loss: {over: 20%, clear: 5 slots under 50%}', /what is over the limit cannot be good/],
		['median: {over: 80}', /median\.over: must be a time such as 80ms/],
		['loss: {over: 150% of last week}', /loss\.over: must be a percentage/],
		['fact: {http.certficate_left: {under: 14d}}', /Did you mean http\.certificate_left\?/],
		['fact: {http.valid: {over: 1}}', /unknown|Unrecognized|must have is/],
		['fact: {http.valid: {is: perhaps}}', /must be true or false/],
		["pattern: {loss: '>20'}", /losses are percent/],
		["pattern: {loss: '*3*'}", /begins or ends with \*N\*/],
		['score: {failed: 9, of: 8}', /must be at most of: 8/],
		['route: moved', /must be changed/],
		['quorum: {pops: 3, of: 2}\nloss: {over: 20%}', /pops: must be at most of:/],
		['quorum: {pops: 2}\nscore: {failed: 5, of: 8}', /score has its own pops/],
		['severity: bad\nloss: {over: 20%}', /severity: must be one of info, warning, critical/],
		['remind: 5s\nloss: {over: 20%}', /must be a span of time of a minute or more/],
		['loss: [', /line 1:/],
		['sink: {}', 'sink: must have failing_for: or lag_over:, one of them'],
		['sink: {failing_for: 5min, lag_over: 5min}', /must have failing_for: or lag_over:, one of them/],
		['sink: {failing_for: 5}', /sink\.failing_for: must be a time such as 5min/],
		['sink: {failing_for: 0s}', /sink\.failing_for: must be a time such as 5min/],
		['clock: {ofset_over: 1s}', /Did you mean offset_over\?/],
		['pop: {}', /pop\.silent_for/],
		['sink: {failing_for: 5min}\nmatch: {orders: a}', /^match: sink is about pingmachine itself/],
		['clock: {offset_over: 1s}\nquorum: {pops: 2}', /^quorum: clock is about pingmachine itself/],
		['loss: {over: 5%}\nsink: {failing_for: 5min}', /^has 2 conditions/],
	])('%s', (text, message) => {
		expect(read(text)).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
	});
});

test('the rules of packaging/alerts can be read', () => {
	const folder = new URL('../../packaging/alerts/', import.meta.url);
	const files = readdirSync(folder);
	expect(files.length).toBeGreaterThanOrEqual(5);
	const real = ruleContextOf(factTableOf(builtInProbes));
	for (const file of files)
		expect(readRule(file, readFileSync(new URL(file, folder), 'utf8'), real)).toHaveProperty('rule');
});

describe('mutes', () => {
	const now = 1_800_000_000;
	const mute = (text: string) => {
		const result = readMute('works', text, now);
		return 'mute' in result ? result.mute : describeFindings(result.findings);
	};

	test('orders and an end', () => {
		expect(mute('orders: core/**\nuntil: 2030-01-01T00:00:00Z\nwhy: new cards')).toEqual({
			...{ name: 'works', orders: ['core/**'], rules: null, untilSeconds: 1_893_456_000, why: 'new cards' },
		});
		expect(mute('alert: loss|a|1\nby: ann')).toEqual({
			...{ name: 'works', orders: null, rules: null, untilSeconds: null, alert: 'loss|a|1', by: 'ann' },
		});
	});

	test.each<[string, RegExp]>([
		['', /nothing in it/],
		['orders: a', /until: is missing/],
		['until: 1900000000', /orders: is missing/],
		['orders: a\nuntil: soon', /until: must be seconds since the epoch/],
		['order: a\nuntil: 1', /Did you mean orders\?/],
	])('%j', (text, message) => {
		expect(mute(text)).toMatch(message);
	});
});
