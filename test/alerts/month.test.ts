/** The rules of `packaging/alerts` over a month of which the truth is known. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { builtInProbes } from '../../probes/index.ts';
import { type CompiledRule, compileRule } from '../../src/alerts/compiled-rule.ts';
import { type Fired, pastSight, replay } from '../../src/alerts/replay.ts';
import { ruleContextOf } from '../../src/alerts/rule-context.ts';
import { isOrderRule } from '../../src/model/alert.ts';
import { factTableOf } from '../../src/model/probe.ts';
import { readRule } from '../../src/reading/rule.ts';
import {
	firstSeconds,
	type MonthSlot,
	makeMonth,
	monthBytes,
	pings,
	readMonth,
	stepSeconds,
} from './support/month.ts';

const file = new URL('../../fixtures/alerts/month.gz', import.meta.url);
// To make it anew, after a change of the script.
if (process.env['PINGMACHINE_MAKE_FIXTURES'] === '1') writeFileSync(file, monthBytes(makeMonth()));
const { truth, orders } = readMonth(readFileSync(file));

function ruleOf(name: string): CompiledRule {
	const text = readFileSync(new URL(`../../packaging/alerts/${name}.yaml`, import.meta.url), 'utf8');
	const read = readRule(name, text, ruleContextOf(factTableOf(builtInProbes)));
	if (!('rule' in read) || !isOrderRule(read.rule)) throw new Error(JSON.stringify(read));
	return compileRule(read.rule);
}

const weekSlots = (7 * 86_400) / stepSeconds;
const weekEvery = (6 * 3600) / stepSeconds;

/** Of the slots before, as the daemon has it of histograms; made anew each six hours. */
function weeksOf(slots: readonly MonthSlot[]) {
	const known = new Map<number, number | null>();
	return (_: string, atSeconds: number): number | null => {
		const at = Math.floor((atSeconds - firstSeconds) / stepSeconds / weekEvery) * weekEvery;
		const before = known.get(at);
		if (before !== undefined) return before;
		const medians = slots
			.slice(Math.max(0, at - weekSlots), at)
			.flatMap(({ medianSeconds }) => (medianSeconds === null ? [] : [medianSeconds]))
			.sort((a, b) => a - b);
		const median = medians.length < 86_400 / stepSeconds ? null : (medians[medians.length >> 1] ?? null);
		known.set(at, median);
		return median;
	};
}

function firedBy(rule: CompiledRule, slots: readonly MonthSlot[]): readonly Fired[] {
	const past = slots.map(({ lost, medianSeconds }, at) => ({
		...{ startSeconds: firstSeconds + at * stepSeconds, stepSeconds },
		sights: new Map([['local', pastSight(lost, pings, medianSeconds)]]),
	}));
	return replay(rule, past, weeksOf(slots));
}

/** An alert is right where it began while something was wrong, and the trouble is found where an alert began in it. */
function score(name: string, troubles: readonly string[]) {
	let [alerts, right, found, doubled] = [0, 0, 0, 0];
	const wanted = truth.filter(({ trouble }) => troubles.includes(trouble));
	for (const [order, slots] of orders) {
		const fired = firedBy(ruleOf(name), slots);
		const hits = wanted
			.filter((event) => event.order === order)
			.map(({ from, until }) => {
				const [begin, end] = [from, until].map((slot) => firstSeconds + slot * stepSeconds);
				return fired.filter((one) => one.raisedSeconds > (begin ?? 0) && one.sinceSeconds < (end ?? 0))
					.length;
			});
		alerts += fired.length;
		right += hits.reduce((sum, count) => sum + count, 0);
		found += hits.filter((count) => count > 0).length;
		doubled += hits.filter((count) => count > 1).length;
	}
	return { alerts, precision: right / alerts, recall: found / wanted.length, doubled, events: wanted.length };
}

test('the month is the one that the script makes', () => {
	const made = readMonth(monthBytes(makeMonth()));
	expect(made.truth).toEqual(truth);
	expect([...made.orders]).toEqual([...orders]);
});

test.each<[string, string[], number, number]>([
	['down', ['down'], 1, 1],
	['loss', ['down', 'loss'], 0.95, 0.95],
	['latency', ['latency'], 0.95, 0.95],
	// A restart that took two slots by chance is told too.
	['unknown', ['unknown'], 0.9, 1],
])('%s: what it tells is so, and it tells what is so', (name, troubles, precision, recall) => {
	const scored = score(name, troubles);
	process.stdout.write(`packaging/alerts/${name}.yaml over the month: ${JSON.stringify(scored)}\n`);
	expect(scored.precision).toBeGreaterThanOrEqual(precision);
	expect(scored.recall).toBeGreaterThanOrEqual(recall);
	// One alert is one alert.
	expect(scored.doubled).toBeLessThanOrEqual(scored.events / 10);
});

test.each(['http-errors', 'dns-failures', 'certificates', 'silent-pops', 'jitter'])('%s is a rule', (name) =>
	expect(ruleOf(name).rule.name).toBe(name),
);
