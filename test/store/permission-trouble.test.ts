import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, readdirSync, statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readLastResult } from '../../src/store/last-result.ts';
import { asNobody, nobody } from '../support/as-nobody.ts';
import { unmountAll } from './support/mount.ts';
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

describe('without permission', () => {
	beforeEach(() => {
		chmodSync(base.dir, 0o755);
		for (const folder of ['output', 'archive', 'orders']) {
			if (process.geteuid?.() === 0) chownSync(base.path(folder), nobody, nobody);
		}
		asNobody(() => {
			for (const id of ['a', 'b']) {
				base.enrol(order(id));
				base.record(order(id), startSeconds, [0.5, 0.5]);
			}
		});
	});

	it('to write to one order’s folder, the others go on, and it does too when permitted', () => {
		chmodSync(base.path('output/a'), 0o555);
		chmodSync(base.path('output/a/main.rrd'), 0o444);
		asNobody(() => {
			for (const id of ['a', 'b']) base.record(order(id), startSeconds + 60, [0.5, 0.5]);
			base.tree.archive('a');
			base.enrol(order('a'));
		});
		expect(timeOf('a')).toBe(startSeconds);
		expect(timeOf('b')).toBe(startSeconds + 60);
		expect(base.list('output/a')).toEqual(['last_result', 'main.rrd']);
		expect(problems()).toContainEqual(
			expect.stringMatching(/cannot write .*output\/a\/last_result: permission denied: let the user/),
		);
		chmodSync(base.path('output/a'), 0o755);
		chmodSync(base.path('output/a/main.rrd'), 0o644);
		asNobody(() => base.record(order('a'), startSeconds + 120, [0.5, 0.5]));
		expect(timeOf('a')).toBe(startSeconds + 120);
		expect(lastUpdate('output/a/main.rrd')).toBe(startSeconds + 180);
	});

	it('to remove an error file, it goes when it is permitted', () => {
		asNobody(() => {
			base.tree.fail(['a'], 'no fping', 'no_program', startSeconds);
			base.tree.reject('deep/c', 'no');
		});
		for (const folder of ['a', 'deep/c']) chmodSync(base.path(`output/${folder}`), 0o555);
		asNobody(() => {
			base.enrol(order('a'));
			base.tree.clear('deep/c');
			base.tree.retry();
		});
		expect(problems()).toEqual([
			expect.stringMatching(/cannot remove .*output\/a\/error: permission denied/),
		]);
		for (const folder of ['a', 'deep/c']) chmodSync(base.path(`output/${folder}`), 0o755);
		asNobody(() => base.tree.retry());
		expect(base.list('output/a')).toEqual(['last_result', 'main.rrd']);
		expect(existsSync(base.path('output/deep/c/error'))).toBe(false);
	});

	it('to look into one order’s folder, nothing of it is set aside', () => {
		chmodSync(base.path('output/a'), 0);
		asNobody(() => {
			base.record(order('a'), startSeconds + 60, [0.5, 0.5]);
			base.restart();
			base.enrol(order('a'));
			base.record(order('a'), startSeconds + 60, [0.5, 0.5]);
			base.tree.keepOnly([]);
		});
		chmodSync(base.path('output/a'), 0o755);
		expect(base.list('output/a')).toEqual(['last_result', 'main.rrd']);
		asNobody(() => base.record(order('a'), startSeconds + 120, [0.5, 0.5]));
		expect(timeOf('a')).toBe(startSeconds + 120);
	});

	it.each([0o000, 0o200, 0o400])('to use main.rrd (mode %o), it is set aside and a new one made', (mode) => {
		for (const isAway of [false, true]) {
			const id = isAway ? 'a' : 'b';
			chmodSync(base.path(`output/${id}/main.rrd`), mode);
			asNobody(() => {
				if (isAway) {
					base.restart();
					base.enrol(order(id));
				}
				base.record(order(id), startSeconds + 60, [0.5, 0.5]);
			});
			expect(base.list(`output/${id}`)).toEqual([
				'last_result',
				`main.corrupted.${startStamp}.rrd`,
				'main.rrd',
			]);
			expect(lastUpdate(`output/${id}/main.rrd`)).toBe(startSeconds + 120);
		}
	});

	it('to write to archive, an order stays in output until it is permitted', () => {
		chmodSync(base.path('archive'), 0o555);
		asNobody(() => base.tree.archive('a'));
		expect(base.list('output/a')).toEqual(['last_result', 'main.rrd']);
		expect(problems()).toHaveLength(1);
		expect(problems()[0]).toMatch(/cannot archive .*permission denied/);
		chmodSync(base.path('archive'), 0o755);
		asNobody(() => base.tree.retry());
		expect(base.list('archive/a')).toEqual(['last_result', 'main.rrd']);
		expect(base.toldOf('archived')).toEqual(['a']);
	});

	it('to write to archive, an order that has come back meanwhile is not archived when it is permitted', () => {
		chmodSync(base.path('archive'), 0o555);
		asNobody(() => {
			base.tree.archive('a');
			base.enrol(order('a'));
		});
		chmodSync(base.path('archive'), 0o755);
		asNobody(() => base.tree.retry());
		expect(base.list('output/a')).toEqual(['last_result', 'main.rrd']);
		expect(base.list('archive')).toEqual([]);
	});

	it('to remove an expired order file, its output is archived, and the file when it is permitted', () => {
		const path = base.writeOrder('a', 'step: 60\n', 7208);
		chmodSync(base.path('orders'), 0o555);
		asNobody(() => base.tree.expire('a', path, 3_600_000));
		expect(base.list('archive/a')).toEqual(['last_result', 'main.rrd']);
		expect(base.list('output')).toEqual(['b/', 'b/last_result', 'b/main.rrd']);
		expect(existsSync(path)).toBe(true);
		expect(base.toldOf('archived')).toEqual([]);
		expect(problems()[0]).toMatch(/cannot remove the expired order .*orders\/a: permission denied/);
		asNobody(() => base.tree.retry());
		chmodSync(base.path('orders'), 0o755);
		asNobody(() => base.tree.retry());
		expect(base.list('archive/a')).toEqual(['last_result', 'main.rrd', 'order']);
		expect(existsSync(path)).toBe(false);
		expect(base.list('output')).toEqual(['b/', 'b/last_result', 'b/main.rrd']);
		expect(base.toldOf('archived')).toEqual(['a']);
	});

	it('to remove an expired order file, a refresh is seen all the same', () => {
		const path = base.writeOrder('a', 'step: 60\n', 7208);
		chmodSync(base.path('orders'), 0o555);
		asNobody(() => base.tree.expire('a', path, 3_600_000));
		base.touch('orders/a', 0);
		asNobody(() => {
			base.tree.retry();
			base.tree.retry();
		});
		expect(base.toldOf('kept')).toEqual(['a']);
		asNobody(() => base.enrol(order('a')));
		expect(base.toldOf('revived')).toEqual(['a']);
		expect(base.list('archive')).toEqual([]);
	});

	it('to write to output at all, everything is told and tried again', () => {
		chmodSync(base.path('output'), 0o555);
		asNobody(() => {
			base.enrol(order('new'));
			base.tree.reject('bad', 'no');
			base.record(order('new'), startSeconds, [0.5, 0.5]);
		});
		expect(readdirSync(base.path('output'))).toEqual(['a', 'b']);
		chmodSync(base.path('output'), 0o755);
		asNobody(() => {
			base.tree.retry();
			base.record(order('new'), startSeconds + 60, [0.5, 0.5]);
		});
		expect(timeOf('new')).toBe(startSeconds + 60);
		expect(base.read('output/bad/error')).toContain('"no"');
		expect(statSync(base.path('output/new/main.rrd')).size).toBeGreaterThan(0);
	});
});
