/** What is counted of an order goes on where files, the daemon and the last slots say. */
import { expect, test } from 'vitest';
import { OrderCounts } from '../../../src/counts/order-counts.ts';
import { Tally } from '../../../src/history/tally.ts';
import type { FactDeclaration } from '../../../src/model/facts.ts';
import { measured, notMeasured } from '../../../src/model/outcome.ts';
import type { Beginning } from '../../../src/web/metrics/beginning.ts';
import { OrderSeries } from '../../../src/web/metrics/order-series.ts';

const facts: readonly FactDeclaration[] = [
	{ name: 'duplicates', kind: 'count', help: 'x', per: 'measurement' },
	{ name: 'ttl', kind: 'gauge', help: 'x', per: 'ping' },
];
const order = { id: 'a', user: 'me', probe: 'icmp', target: '192.0.2.7', tags: {} };
const at = (slots: number) => 1_795_240_800 + 60 * slots;
const slot = (slots: number) => ({ startSeconds: at(slots), stepSeconds: 60 });

function answered(slots: number, duplicates = 0) {
	const samples = [{ sentAtSeconds: at(slots), rttSeconds: 0.02 }];
	return measured(order, slot(slots), 1, samples, { duplicates, ttl: [57] });
}

function failed(slots: number) {
	return notMeasured('failed', order, slot(slots), 1, { code: 'no_route', reason: 'x' });
}

/** Files that count so many slots up to the one that begins then. */
function files(slots: number, untilSlot: number, unexplained = 0): NonNullable<Beginning['before']> {
	const tally = new Tally();
	for (let n = 0; n < slots; n++) tally.addMeasured([{ sentAtSeconds: 0, rttSeconds: 0.02 }]);
	return { tally, untilSeconds: at(untilSlot), unexplained };
}

const nothing: Beginning = { before: null, counts: null, last: null, recent: [] };

function begun(beginning: Partial<Beginning>): OrderSeries {
	const series = new OrderSeries(facts);
	series.begin({ ...nothing, ...beginning });
	return series;
}

test('a slot that was told before we listened and is not in the files yet is counted once', () => {
	const series = begun({ before: files(3, 3), recent: [answered(2), answered(3)] });
	expect(series.total.sent).toBe(4);
	series.add(answered(3));
	series.add(answered(2));
	expect(series.total.sent).toBe(4);
	series.add(answered(4));
	expect(series.total.sent).toBe(5);
	expect(series.last?.startSeconds).toBe(at(4));
	expect(series.gauges.get('ttl')).toBe(57);
});

test('sums of facts and reasons go on from what the daemon counted, and none is counted twice', () => {
	const counts = new OrderCounts();
	counts.add(answered(3, 5), facts.slice(0, 1));
	counts.add(failed(4), []);
	const series = begun({ before: files(4, 4), counts, recent: [answered(3, 5)] });
	expect([series.counts.facts.get('duplicates'), series.unknownSlots]).toEqual([5, 1]);
	series.add(answered(3, 5));
	series.add(failed(4));
	expect([series.counts.facts.get('duplicates'), series.unknownSlots]).toEqual([5, 1]);
	series.add(answered(5, 2));
	series.add(failed(6));
	expect([series.counts.facts.get('duplicates'), series.unknownSlots]).toEqual([7, 2]);
});

test('all of an order without main.rrd is what the daemon counted', () => {
	const counts = new OrderCounts();
	for (let n = 0; n < 7; n++) counts.addUnfiled(answered(n));
	const series = begun({ counts, recent: [answered(6)] });
	expect(series.total).toMatchObject({ sent: 7, slots: 7 });
	series.add(answered(6));
	series.add(answered(7));
	expect(series.total.sent).toBe(8);
});

test('slots that nobody counted by reason stand beside those that somebody did', () => {
	const counts = new OrderCounts();
	for (let n = 120; n < 130; n++) counts.add(failed(n), []);
	const series = begun({ before: files(20, 120, 100), counts });
	expect(series.unknownSlots).toBe(110);
	series.add(failed(130));
	expect(series.unknownSlots).toBe(111);
});

test('what is told again by a daemon that was away never goes back, and brings what was missed', () => {
	const series = begun({ before: files(3, 3) });
	series.add(answered(3));
	series.add(failed(4));
	// Its files are older than what we heard.
	series.begin({ ...nothing, before: files(3, 3) });
	expect([series.total.sent, series.unknownSlots]).toEqual([4, 1]);
	const counts = new OrderCounts();
	for (const outcome of [failed(4), failed(5)]) counts.add(outcome, []);
	series.begin({ ...nothing, before: files(5, 7), counts, recent: [answered(7)] });
	expect([series.total.sent, series.unknownSlots]).toEqual([6, 2]);
	series.add(answered(7));
	expect(series.total.sent).toBe(6);
});

test('the last slot of a copy is that of its files', () => {
	const last = {
		startSeconds: at(9),
		stepSeconds: 60,
		sent: 4,
		loss: 1,
		medianSeconds: 0.02,
		facts: { ttl: [null, 61] },
	};
	const series = begun({ last });
	expect(series.last).toEqual(last);
	expect(series.gauges.get('ttl')).toBe(61);
});
