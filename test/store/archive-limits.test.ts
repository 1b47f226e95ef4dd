import { rmSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ArchiveLimits } from '../../src/store/archive-limits.ts';
import { order, startSeconds, TreeFixture } from './support/tree-fixture.ts';

const day = 24 * 3600;
/** Of main.rrd and the last_result that there are two of: they take whole blocks. */
const orderBytes = 384_008;

let base: TreeFixture;
beforeEach(() => {
	base = new TreeFixture();
});
afterEach(() => rmSync(base.dir, { recursive: true, force: true }));

/** Archives an order. Times of files cannot be made up, so that the first one archived is the oldest. */
async function archive(id: string): Promise<void> {
	base.enrol(order(id));
	base.record(order(id), startSeconds, [0.1, 0.2]);
	base.tree.archive(id);
	await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Does it all at once, `days` from now. Returns what was removed. */
function limit(days: number, limits: Partial<ArchiveLimits>): string[] {
	base.nowMs = Date.now() + days * day * 1000;
	for (const _step of base.tree.limitArchive({ maxAgeSeconds: null, maxBytes: null, ...limits }));
	return base.toldOf('dropped');
}

it('removes what was archived longer ago than the limit', async () => {
	await archive('a');
	await archive('x/b');
	expect(limit(9, { maxAgeSeconds: 10 * day })).toEqual([]);
	expect(base.list('archive')).toHaveLength(7);
	expect(limit(11, { maxAgeSeconds: 10 * day })).toEqual(['a', 'x/b']);
	expect(base.list('archive')).toEqual([]);
});

it('removes the oldest until the rest fits', async () => {
	for (const id of ['c', 'a', 'b']) await archive(id);
	expect(limit(0, { maxBytes: 3.5 * orderBytes })).toEqual([]);
	expect(limit(0, { maxBytes: 2.5 * orderBytes })).toEqual(['c']);
	expect(limit(0, { maxBytes: 0 })).toEqual(['c', 'a', 'b']);
});

it('leaves alone what a user has put there, and orders below', async () => {
	await archive('a');
	base.write('archive/a/notes', 'mine');
	base.write('archive/other/file', 'mine');
	await archive('a/b');
	expect(limit(11, { maxAgeSeconds: 10 * day })).toEqual(['a', 'a/b']);
	expect(base.list('archive')).toEqual(['a/', 'a/notes', 'other/', 'other/file']);
});

it('leaves alone what was brought back meanwhile', async () => {
	await archive('a');
	base.nowMs = Date.now() + 11 * day * 1000;
	const limiting = base.tree.limitArchive({ maxAgeSeconds: 10 * day, maxBytes: null });
	// The walk is over when it comes to what it has found.
	for (let step = 0; step < 3; step++) limiting.next();
	base.enrol(order('a'));
	for (const _step of limiting);
	expect(base.toldOf('dropped')).toEqual([]);
	expect(base.list('output/a')).toEqual(['last_result', 'main.rrd']);
});

it('does not remove others in the place of one that was brought back', async () => {
	for (const id of ['a', 'b', 'c']) await archive(id);
	base.nowMs = Date.now();
	const limiting = base.tree.limitArchive({ maxAgeSeconds: null, maxBytes: 2.5 * orderBytes });
	for (let step = 0; step < 4; step++) limiting.next();
	base.enrol(order('a'));
	for (const _step of limiting);
	expect(base.toldOf('dropped')).toEqual([]);
});

it('never touches live orders, and nothing without limits', async () => {
	base.enrol(order('live'));
	await archive('a');
	expect(limit(1000, {})).toEqual([]);
	expect(limit(1000, { maxBytes: 0 })).toEqual(['a']);
	expect(base.list('output')).toEqual(['live/', 'live/main.rrd']);
});
