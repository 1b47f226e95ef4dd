/** A disk without room: histories stay whole, and what is missing is made of main.rrd when there is room. */
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readEvents } from '../../src/store/events-file.ts';
import { base, histograms, measure, slots, useHistory, work } from './support/history-rig.ts';
import { mountSmall, unmountAll } from './support/mount.ts';
import { order } from './support/tree-fixture.ts';

useHistory();

beforeEach(() => mountSmall(base.path('output'), 3072));
afterEach(unmountAll);

/** Takes all the room but for a few bytes at the end of the files' last pages. */
function fill(): void {
	const path = base.path('output/.ballast');
	for (let size = 64 * 1024; size >= 1; size >>= 1) {
		try {
			for (;;) writeFileSync(path, Buffer.alloc(size), { flag: 'a' });
		} catch (error) {
			expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
		}
	}
	expect(statfsSync(base.path('output')).bavail).toBe(0);
}

const rtts = (slot: number) => [0.001 * (1 + (slot % 40)), slot % 7 === 0 ? null : 0.02];
const events = () =>
	readEvents(base.path('output/a')).map((line) => JSON.parse(line) as { readonly keys: readonly string[] });

const hours = 12;

test.each([
	['that were begun', 130],
	['that are not there yet', 1],
])('histories %s', (_, begun) => {
	const one = order('a');
	base.enrol(one);
	const tally = measure(one, 0, begun, rtts);
	if (begun > 1) {
		base.tree.history.edited('a', ['before']);
		work();
	}
	fill();
	// Each hour some bytes fit into the last page of a file, until one does not.
	for (let at = 0; at < hours; at++) {
		tally.merge(measure(one, begun + at * 60, begun + at * 60 + 60, rtts));
		base.tree.history.edited('a', [`key ${at}`]);
		work();
		base.tree.retry();
		if (begun === 1) continue;
		// Whole lines, and none of them torn.
		expect(base.read('output/a/histograms')).toMatch(/\}\n$/);
		expect(histograms().hours.map(({ tally: { slots: count } }) => count)).not.toContain(0);
		expect(base.read('output/a/events')).toMatch(/\}\n$/);
		expect(slots().length).toBeGreaterThanOrEqual(begun);
	}
	expect(base.toldOf('problem').join()).toContain('no space left');
	expect(base.list('output').filter((path) => /(^|\/)\.(?!ballast)/.test(path))).toEqual([]);
	rmSync(base.path('output/.ballast'));
	base.tree.retry();
	work();
	base.tree.history.end(10_000);
	const lines = histograms().hours.map((line) => line.tally);
	expect(lines.reduce((sum, line) => sum + line.slots, 0)).toBe(tally.slots);
	expect(lines.reduce((sum, line) => sum + line.lost, 0)).toBe(tally.lost);
	expect(slots().filter(({ loss }) => loss !== null)).toHaveLength(tally.slots);
	const keys = Array.from({ length: hours }, (_, at) => [`key ${at}`]);
	expect(events().map((event) => event.keys)).toEqual([...(begun > 1 ? [['before']] : []), ...keys]);
});
