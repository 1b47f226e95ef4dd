/** bench: rules of alerts, 100,000 orders x 5 rules: CPU and memory */

/**
 * How much rules take: 100,000 orders x 5 rules, each result held against all of them, without threads and files.
 * `npm run bench -- alerts [--orders N]`
 */
import { parseArgs } from 'node:util';
import { AlertRoom } from '../src/alerts/room.ts';
import { ruleContextOf } from '../src/alerts/rule-context.ts';
import { SystemClock } from '../src/model/clock.ts';
import { declaredFacts } from '../src/model/facts.ts';
import { describeFindings } from '../src/model/findings.ts';
import { measured, type OrderIdentity } from '../src/model/outcome.ts';
import { readRule } from '../src/reading/rule.ts';

const { values } = parseArgs({ options: { orders: { type: 'string', default: '100000' } } });
const orders = Number(values.orders);
const step = 60;
const rounds = 10;
const facts = new Map([['icmp', declaredFacts()]]);

const texts: Readonly<Record<string, string>> = {
	loss: 'loss: {over: 20%, for: 3 of 5 slots, clear: 5 slots under 5%}',
	slow: 'median: {over: 80ms, for: 5 slots}',
	mos: 'mos: {under: 3.6, for: 8 of 10 slots}',
	unknown: 'unknown: {for: 10min}',
	week: 'median: {over: 150% of last week, for: 8 of 10 slots}',
};

const rules = Object.entries(texts).map(([name, text]) => {
	const read = readRule(name, text, ruleContextOf(facts));
	if ('findings' in read) throw new Error(describeFindings(read.findings));
	return read.rule;
});

/** Time that goes on by steps. */
class BenchClock extends SystemClock {
	now = 1_800_000_000_000;
	override wallMs(): number {
		return this.now;
	}
}

const clock = new BenchClock();
let lines = 0;
const quiet = () => {};
const room = new AlertRoom({
	...{ clock, facts, log: { error: quiet, warn: quiet, info: quiet, debug: quiet } },
	queue: {
		names: () => ['ops'],
		wantsState: () => false,
		send: quiet,
		toldOf: () => null,
		openOf: () => null,
	},
	...{ load: () => null, loadOwn: () => null, saveOwn: quiet },
	save: (_, some) => {
		lines += some.length;
	},
	...{ lastWeek: () => 0.02, slots: () => [], route: () => null, lastRoute: () => null },
	...{ watch: quiet, removeMutes: quiet, report: quiet },
});

const memory = () => {
	globalThis.gc?.();
	const { heapUsed, arrayBuffers } = process.memoryUsage();
	return (heapUsed + arrayBuffers) / 1e6;
};

const before = memory();
room.rules(rules);
const identities = Array.from({ length: orders }, (_, at): OrderIdentity => {
	const target = `10.${(at >> 16) & 255}.${(at >> 8) & 255}.${at & 255}`;
	return { id: `bench/${at}`, user: 'bench', probe: 'icmp', target, tags: {} };
});
const startedAt = performance.now();
for (const identity of identities)
	room.order({ identity, stepSeconds: step, pings: 5, alerts: [], parents: [] });
while (room.isReadying) room.tick();
const readyMs = performance.now() - startedAt;
const readyMb = memory();

/** One in fifty is lossy, as in a bad night. */
const outcomesOf = (slot: number) =>
	identities.map((identity, at) => {
		const isBad = (at + slot) % 50 === 0;
		const startSeconds = 1_800_000_000 + slot * step;
		const samples = [0, 1, 2, 3, 4].map((ping) => ({
			sentAtSeconds: startSeconds + ping,
			rttSeconds: isBad && ping < 3 ? null : 0.02 + ping / 10_000,
		}));
		return measured(identity, { startSeconds, stepSeconds: step }, 5, samples, { jitter: 0.0001, mos: 4.3 });
	});

let cpuMs = 0;
let worstMs = 0;
for (let slot = 0; slot < rounds; slot++) {
	let outcomes = outcomesOf(slot);
	clock.now = (1_800_000_000 + (slot + 1) * step) * 1000;
	const begun = process.cpuUsage();
	for (const outcome of outcomes) room.accept(outcome);
	const used = process.cpuUsage(begun);
	cpuMs += (used.user + used.system) / 1000;
	outcomes = [];
	const tickAt = performance.now();
	room.tick();
	worstMs = Math.max(worstMs, performance.now() - tickAt);
}
const after = memory();

const perResultUs = (cpuMs * 1000) / (rounds * orders);
console.log(`${orders} orders x ${rules.length} rules, ${rounds} slots`);
console.log(`ready after         ${readyMs.toFixed(0)} ms`);
console.log(
	`CPU a result        ${perResultUs.toFixed(2)} us (${(perResultUs / rules.length).toFixed(2)} us a rule)`,
);
console.log(`at a step of ${step} s    ${((perResultUs * orders) / step / 1e4).toFixed(1)} % of a processor`);
console.log(`longest tick        ${worstMs.toFixed(1)} ms`);
console.log(`memory when ready   ${(readyMb - before).toFixed(0)} MB, with the orders themselves`);
console.log(`memory at the end   ${(after - before).toFixed(0)} MB, with what the results left behind`);
console.log(`alerts that fire    ${room.firing().length}`);
console.log(`lines for the store ${lines}`);
