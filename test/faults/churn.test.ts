/** Orders that are replaced by the thousands while slots run. */
import { readFileSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Daemon, fpingOrder } from '../support/daemon.ts';
import { faultRounds, stormTimeoutMs } from './support/rounds.ts';

const orders = faultRounds(1000, 50_000);

test(
	`${orders} orders replaced while slots run come to what was written last, and the others are measured meanwhile`,
	async () => {
		await using daemon = new Daemon();
		await daemon.start();
		const steady = ['steady/1', 'steady/2'];
		for (const id of steady) daemon.order(id, fpingOrder('127.0.0.1'));
		for (const id of steady) await daemon.resultOf(id);
		const ids = Array.from({ length: orders }, (_, i) => `many/${i % 50}/${i}`);
		const textOf = (index: number, round: number) =>
			fpingOrder(`127.0.${round}.${1 + (index % 200)}`, { step: 3600, more: 'rrd_template: norrd\n' });
		let longestGap = 0;
		let last = 0;
		const watch = setInterval(() => {
			const time = daemon.result('steady/1')?.time ?? 0;
			if (last > 0) longestGap = Math.max(longestGap, time - last);
			last = time;
		}, 100);
		for (const round of [0, 1, 2]) {
			for (const [index, id] of ids.entries()) {
				const isWrong = round === 2 && index % 100 === 0;
				daemon.order(id, isWrong ? 'step: wrong' : textOf(index, round));
				if (index % 200 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
			}
		}
		for (const id of ids.filter((_, index) => index % 10 === 5)) rmSync(daemon.path('orders', id));
		const wrong = ids.filter((_, index) => index % 100 === 0);
		const left = orders - orders / 10 - wrong.length + steady.length;
		await daemon.until(
			`${left} orders are measured`,
			() => readFileSync(`/proc/${daemon.pid}/cmdline`, 'latin1').startsWith(`pingmachine [orders: ${left}]`),
			120_000,
		);
		for (const id of wrong) expect(await daemon.errorOf(id)).toMatch(/step/);
		for (const id of steady) {
			const { time } = await daemon.resultOf(id);
			await daemon.resultOf(id, (result) => result.time > time);
		}
		clearInterval(watch);
		// A slot may be missed on a busy machine, but not one after the other.
		expect(longestGap).toBeLessThan(30);
		expect(daemon.output).not.toContain('a fault in pingmachine');
		await daemon.stop();
		expect(daemon.exitCode).toBe(0);
	},
	stormTimeoutMs(orders, 10),
);
