/** What a kill loses is made of main.rrd. */
import { appendFileSync, existsSync, truncateSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Tally } from '../../src/history/tally.ts';
import type { StoredOrder } from '../../src/store/live-order.ts';
import {
	base,
	histograms,
	hour,
	measure,
	slots,
	startAnew,
	useHistory,
	work,
} from './support/history-rig.ts';
import { order, startSeconds } from './support/tree-fixture.ts';

useHistory();

describe('what a kill loses is made of main.rrd', () => {
	test('wherever it comes, and whatever is torn', () => {
		const rtt = fc.option(
			fc.integer({ min: 1, max: 40 }).map((count) => count / 1000),
			{ nil: null },
		);
		const slot = fc.option(fc.array(rtt, { minLength: 2, maxLength: 2 }), { nil: undefined, freq: 6 });
		const deed = fc.oneof(
			{
				weight: 6,
				arbitrary: fc.record({
					deed: fc.constant('slots'),
					slots: fc.array(slot, { minLength: 1, maxLength: 40 }),
				}),
			},
			{ weight: 3, arbitrary: fc.record({ deed: fc.constantFrom('work', 'kill', 'stop', 'tear', 'lose') }) },
		);
		fc.assert(
			fc.property(fc.array(deed, { minLength: 3, maxLength: 25 }), (deeds) => {
				startAnew();
				const one = order('a');
				base.enrol(one);
				const known = new Map<number, readonly (number | null)[] | undefined>();
				let at = 0;
				for (const step of deeds) {
					if ('slots' in step) {
						for (const rtts of step.slots as (readonly (number | null)[] | undefined)[]) {
							known.set(at, rtts);
							measure(one, at, at + 1, () => rtts);
							at++;
						}
					} else doIt(step.deed, one);
				}
				// A slot that is measured in the end makes those before it unknown for good.
				measure(one, at, at + 1, () => [0.5, 0.5]);
				known.set(at, [0.5, 0.5]);
				base.tree.history.end(10_000);
				const first = [...known].find(([, rtts]) => rtts !== undefined)?.[0] ?? 0;
				const hours = new Map<number, Tally>();
				for (const [number, rtts] of known) {
					if (number < first) continue;
					const tally = hours.get(Math.floor(number / 60)) ?? new Tally();
					hours.set(Math.floor(number / 60), tally);
					if (rtts === undefined) tally.addUnknown();
					else tally.addMeasured(rtts.map((rttSeconds) => ({ sentAtSeconds: 0, rttSeconds })));
				}
				const lines = histograms().hours.filter(({ tally }) => tally.slots > 0);
				expect(lines.map(({ tally }) => tally.toJSON())).toEqual(
					[...hours.values()].filter((tally) => tally.slots > 0).map((tally) => tally.toJSON()),
				);
				const begin = startSeconds + first * 60;
				expect(slots('output/a/slots', begin).map(({ loss }) => loss)).toEqual(
					[...known].slice(first).map(([, rtts]) => rtts?.filter((one) => one === null).length ?? null),
				);
			}),
			{ numRuns: 40, endOnFailure: true },
		);
	});

	function doIt(deed: string, one: StoredOrder): void {
		const file = base.path('output/a/histograms');
		if (deed === 'work') work();
		else if (deed === 'stop') base.tree.history.end(10_000);
		else if (deed === 'lose' && existsSync(file)) truncateSync(file, 0);
		else if (deed === 'tear' && existsSync(file)) appendFileSync(file, '{"time":1,"span":36');
		if (deed === 'work') return;
		base.restart();
		base.enrol(one);
	}

	test('also in a main.rrd of before there were histories', () => {
		const one = order('a');
		base.enrol(one);
		measure(one, 0, 130, () => [0.01, 0.02]);
		base.restart();
		base.enrol(one);
		work(5000);
		expect(histograms().hours).toHaveLength(2);
		expect(slots()).toHaveLength(130);
	});

	test('before a gap that is longer than main.rrd goes back overwrites it', () => {
		const one = order('a');
		base.enrol(one);
		measure(one, 0, 50, () => [0.01, 0.02]);
		base.restart();
		base.clock.advance(3 * 24 * hour * 1000);
		base.enrol(one);
		measure(one, 5000, 5001, () => [0.01, 0.02]);
		base.tree.history.end(1000);
		expect(histograms().hours.map(({ tally }) => tally.slots)).toEqual([50, 1]);
	});

	test('also when the order was changed meanwhile, and its slots are kept under another name', () => {
		const one = order('a');
		base.enrol(one);
		measure(one, 0, 50, () => [0.01, 0.02]);
		const other = order('a', { pings: 3 });
		base.restart();
		base.enrol(other);
		measure(other, 50, 60, () => [0.01, 0.02, null]);
		work();
		base.tree.history.end(1000);
		expect(histograms().hours).toMatchObject([{ tally: { slots: 60, sent: 130, lost: 10 } }]);
		expect(slots('output/a/slots', startSeconds + 3000)).toHaveLength(10);
		expect(slots().filter(({ loss }) => loss !== null)).toHaveLength(10);
		const [kept = ''] = base.read('output/a/events').match(/slots\.[^"]*/) ?? [];
		expect(slots(`output/a/${kept}`)).toHaveLength(50);
	});
});
