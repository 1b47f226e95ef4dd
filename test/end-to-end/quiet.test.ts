/** How often a daemon with little to do wakes the machine. Counted, not timed: load makes it no more often. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { sumOf, wakeUpsBetween, wakeUpsOf } from '../../bench/wake-ups.ts';
import { Daemon } from '../support/daemon.ts';

const spanSeconds = 10;
/** Tasks of the collector of V8 from Node.js 24 on wake four threads each, now and then. */
const collecting = Number.parseInt(process.versions.v8, 10) >= 13 ? 10 : 0;
/** While it starts there is more to do, and a garbage collection now and then wakes some threads. */
const spansMax = 12;

/** The fewest wake-ups of all its threads in a span, looking no longer than until there are so few. */
async function fewestWakeUps(daemon: Daemon, few: number): Promise<number> {
	let fewest = Number.POSITIVE_INFINITY;
	for (let spans = 0; spans < spansMax && fewest > few; spans++) {
		const before = wakeUpsOf(daemon.pid);
		await sleep(spanSeconds * 1000);
		const wakeUps = sumOf(wakeUpsBetween(before, wakeUpsOf(daemon.pid)));
		expect(wakeUps).toBeGreaterThan(0);
		fewest = Math.min(fewest, wakeUps);
	}
	return fewest;
}

test.concurrent.each([
	{ what: 'nothing to do', args: [] },
	{ what: 'nothing to do, and a sink', args: ['--telegraf', '127.0.0.1:9'] },
])('at most twice a second: $what', async ({ args }) => {
	await using daemon = new Daemon();
	await daemon.start(args);
	const few = 2 * spanSeconds;
	expect(await fewestWakeUps(daemon, few)).toBeLessThanOrEqual(few);
});

test.concurrent('with 10 orders a few times more than they send pings', async () => {
	await using daemon = new Daemon();
	for (let i = 0; i < 10; i++) {
		daemon.order(
			`quiet/${i}`,
			`user: me\nstep: ${spanSeconds}\npings: 1\nprobe: icmp\nicmp:\n    host: 127.9.0.${i}\n`,
		);
	}
	await daemon.start();
	for (let i = 0; i < 10; i++) await daemon.result(`quiet/${i}`);
	const [pings, further] = [10, 10];
	const few = 2 * spanSeconds + pings + further + collecting;
	expect(await fewestWakeUps(daemon, few)).toBeLessThanOrEqual(few);
});
