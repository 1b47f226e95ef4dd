import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readLastResult } from '../../src/store/last-result.ts';
import { mountSmall, remount, unmountAll } from './support/mount.ts';
import { order, startSeconds, startStamp, TreeFixture } from './support/tree-fixture.ts';

let base: TreeFixture;

beforeEach(() => {
	base = new TreeFixture();
});

afterEach(() => {
	unmountAll();
	base.remove();
});

function problems(): string[] {
	return base.toldOf('problem');
}

function timeOf(id: string): number {
	const read = readLastResult(base.read(`output/${id}/last_result`));
	if ('reason' in read) throw new Error(`${id}: ${read.reason}`);
	return read.time;
}

function lastUpdate(rrd: string): number {
	return Number(execFileSync('rrdtool', ['last', base.path(rrd)], { encoding: 'utf8' }));
}

function temporaryFiles(): string[] {
	return base.list('output').filter((path) => /(^|\/)\./.test(path));
}

/** Fills a file system to the last byte. */
function fill(folder: string): void {
	for (const bytes of [65536, 4096, 1]) {
		try {
			for (;;) writeFileSync(`${folder}/filling`, 'x'.repeat(bytes), { flag: 'a' });
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
		}
	}
}

describe('a full disk', () => {
	const live = ['a', 'b/c'];

	beforeEach(() => {
		mountSmall(base.path('output'), 3072);
		for (const id of live) {
			base.enrol(order(id));
			base.record(order(id), startSeconds, [0.5, 0.5]);
		}
		fill(base.path('output'));
	});

	it('leaves last_result whole, main.rrd goes on, and all is well again when there is space', () => {
		for (let slot = 1; slot <= 5; slot++) {
			for (const id of live) base.record(order(id), startSeconds + slot * 60, [0.5, 0.5]);
		}
		for (const id of live) {
			expect(timeOf(id)).toBe(startSeconds);
			expect(lastUpdate(`output/${id}/main.rrd`)).toBe(startSeconds + 360);
		}
		expect(temporaryFiles()).toEqual([]);
		expect(problems()).toHaveLength(1);
		expect(problems()[0]).toMatch(/cannot write .*output\/a\/last_result: no space left: free some space/);
		expect(base.counters.get('lastResultErrors')).toBe(10);
		execFileSync('rm', [base.path('output/filling')]);
		for (const id of live) base.record(order(id), startSeconds + 360, [0.5, 0.5]);
		for (const id of live) expect(timeOf(id)).toBe(startSeconds + 360);
	});

	it('an order that comes meanwhile is measured as soon as there is space', () => {
		base.enrol(order('new'));
		base.tree.reject('bad', 'no');
		base.record(order('new'), startSeconds + 60, [0.5, 0.5]);
		base.tree.retry();
		expect(base.told).toContain('enrolled: new null');
		expect(temporaryFiles()).toEqual([]);
		expect(existsSync(base.path('output/bad/error'))).toBe(false);
		execFileSync('rm', [base.path('output/filling')]);
		base.tree.retry();
		base.record(order('new'), startSeconds + 120, [0.5, 0.5]);
		expect(base.read('output/bad/error')).toContain('message: "no"');
		expect(timeOf('new')).toBe(startSeconds + 120);
		expect(lastUpdate('output/new/main.rrd')).toBe(startSeconds + 180);
		expect(base.list('output/new')).toEqual(['last_result', 'main.rrd']);
	});

	it('does not cost a damaged main.rrd, which is set aside all the same', () => {
		writeFileSync(base.path('output/a/main.rrd'), 'short');
		fill(base.path('output'));
		base.record(order('a'), startSeconds + 60, [0.5, 0.5]);
		expect(base.read(`output/a/main.corrupted.${startStamp}.rrd`)).toBe('short');
		expect(existsSync(base.path('output/a/main.rrd'))).toBe(false);
		execFileSync('rm', [base.path('output/filling')]);
		base.record(order('a'), startSeconds + 120, [0.5, 0.5]);
		expect(lastUpdate('output/a/main.rrd')).toBe(startSeconds + 180);
	});

	it('does not keep an order from being archived', () => {
		base.tree.archive('b/c');
		expect(base.list('archive/b/c')).toEqual(['last_result', 'main.rrd']);
		expect(base.list('output')).toEqual(['a/', 'a/last_result', 'a/main.rrd', 'filling']);
		// Its history is made of main.rrd when it comes back.
		expect(problems().filter((one) => !one.includes('/histograms: no space left'))).toEqual([]);
	});
});

describe('a file system that became read-only', () => {
	it('is told, and all goes on when it is writable again', () => {
		mountSmall(base.path('output'), 3072);
		base.enrol(order('a'));
		base.record(order('a'), startSeconds, [0.5, 0.5]);
		remount(base.path('output'), 'ro');
		base.record(order('a'), startSeconds + 60, [0.5, 0.5]);
		base.enrol(order('new'));
		base.tree.fail(['a'], 'no fping', 'no_program', startSeconds);
		base.tree.reject('bad', 'no');
		base.tree.archive('a');
		base.tree.expire('b', base.writeOrder('b', 'step: 60\n', 7208), 3_600_000);
		expect(base.list('output/a')).toEqual(['last_result', 'main.rrd']);
		expect(existsSync(base.path('orders/b'))).toBe(true);
		for (const action of ['update', 'write', 'prepare', 'archive', 'remove the expired order']) {
			expect(problems().filter((line) => line.startsWith(`cannot ${action} `))).not.toEqual([]);
		}
		expect(problems().every((line) => line.includes('read-only: mount it writable'))).toBe(true);
		base.tree.retry();
		remount(base.path('output'), 'rw');
		base.tree.retry();
		base.record(order('new'), startSeconds + 60, [0.5, 0.5]);
		expect(base.list('archive')).toEqual(['a/', 'a/last_result', 'a/main.rrd', 'b/', 'b/order']);
		expect(base.list('output')).toEqual(['bad/', 'bad/error', 'new/', 'new/last_result', 'new/main.rrd']);
		expect(base.toldOf('archived')).toEqual(['a', 'b']);
	});
});
