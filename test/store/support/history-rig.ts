/** Measures on a tree of its own, for each test, and reads the histories that are written. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach } from 'vitest';
import { readHistograms } from '../../../src/history/histogram-lines.ts';
import { readRing } from '../../../src/history/slot-ring.ts';
import { Tally } from '../../../src/history/tally.ts';
import type { StoredOrder } from '../../../src/store/live-order.ts';
import { startSeconds, TreeFixture } from './tree-fixture.ts';

export let base: TreeFixture;

/** For all tests of the file. Take `base` only within them. */
export function useHistory(): void {
	beforeEach(() => {
		base = new TreeFixture();
	});
	afterEach(() => base.remove());
}

export const hour = 3600;

/** Has all that is due by then written. */
export function work(afterMs = 600_000): void {
	base.clock.advance(afterMs);
	for (let at = 0; at < 10_000 && base.tree.history.restMs === 0; at++) base.tree.history.work(1000);
}

export function histograms(path = 'output/a/histograms') {
	return readHistograms(base.read(path));
}

export function slots(path = 'output/a/slots', from = startSeconds) {
	return readRing(readFileSync(base.path(path)), from, Number.POSITIVE_INFINITY);
}

/** Slots from the start on, each with the round-trip times that it gives; undefined: none is measured. */
export function measure(
	one: StoredOrder,
	from: number,
	to: number,
	rttsOf: (slot: number) => readonly (number | null)[] | undefined,
): Tally {
	const tally = new Tally();
	for (let slot = from; slot < to; slot++) {
		const rtts = rttsOf(slot);
		if (rtts === undefined) tally.addUnknown();
		else {
			base.record(one, startSeconds + slot * one.stepSeconds, rtts);
			tally.addMeasured(rtts.map((rttSeconds) => ({ sentAtSeconds: 0, rttSeconds })));
		}
	}
	return tally;
}

/** Leaves the tree, and begins with another. */
export function startAnew(): void {
	base.remove();
	base = new TreeFixture();
}
