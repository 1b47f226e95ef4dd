import { existsSync, lstatSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { base, maxAgeMs, measure, problems, useTreeAndMounts } from './support/archive-rig.ts';
import { justBefore } from './support/failing-fs.ts';
import { mountSmall } from './support/mount.ts';
import { order, startSeconds, startStamp } from './support/tree-fixture.ts';

useTreeAndMounts();

describe('expire', () => {
	it('archives the output, keeps the text, and removes the order file', () => {
		const path = base.writeOrder('deep/a', 'step: 60\n', 7208);
		measure('deep/a');
		base.tree.expire('deep/a', path, maxAgeMs);
		expect(base.list('archive/deep/a')).toEqual(['last_result', 'main.rrd', 'order']);
		expect(base.read('archive/deep/a/order')).toBe('step: 60\n');
		expect(base.list('output')).toEqual([]);
		expect(existsSync(path)).toBe(false);
		expect(base.toldOf('archived')).toEqual(['deep/a']);
		base.record(order('deep/a'), startSeconds + 60, [0.1, 0.2]);
		expect(base.list('output')).toEqual([]);
	});

	it('also of an order that was never measured', () => {
		const path = base.writeOrder('a', 'step: 60\n', 7208);
		base.tree.expire('a', path, maxAgeMs);
		expect(base.list('archive')).toEqual(['a/', 'a/order']);
		expect(base.list('output')).toEqual([]);
		expect(base.toldOf('archived')).toEqual(['a']);
	});

	it('is called off by a refresh', () => {
		const path = base.writeOrder('a', 'step: 60\n', 3600);
		measure('a');
		base.tree.expire('a', path, maxAgeMs);
		base.tree.expire('b', base.writeOrder('b', 'step: 60\n', 1), maxAgeMs);
		expect(base.toldOf('kept')).toEqual(['a', 'b']);
		expect(base.toldOf('archived')).toEqual([]);
		base.record(order('a'), startSeconds + 60, [0.1, 0.2]);
		expect(base.read('output/a/last_result')).toContain(`time: ${startSeconds + 60}`);
		expect(base.list('output')).toEqual(['a/', 'a/last_result', 'a/main.rrd']);
	});

	it('is called off by a touch at the very moment', () => {
		const path = base.writeOrder('a', 'step: 60\n', 7208);
		measure('a');
		const inode = statSync(path).ino;
		const restore = justBefore('renameSync', () => base.touch('orders/a', 0));
		base.tree.expire('a', path, maxAgeMs);
		restore();
		expect(base.toldOf('kept')).toEqual(['a']);
		expect([base.read('orders/a'), statSync(path).ino]).toEqual(['step: 60\n', inode]);
		expect(base.list('output/a')).toEqual(['last_result', 'main.rrd']);
		expect(base.list('archive')).toEqual([]);
	});

	it('is called off by a new file at the very moment, which is not touched', () => {
		const path = base.writeOrder('a', 'step: 60\n', 7208);
		measure('a');
		const restore = justBefore('renameSync', () => {
			base.touch('orders/a', 0);
			// The refreshed file is taken; then, before it can be given back, there is a newer one.
			justBefore('linkSync', () => writeFileSync(path, 'newer'));
		});
		base.tree.expire('a', path, maxAgeMs);
		restore();
		expect(base.read('orders/a')).toBe('newer');
		expect(base.toldOf('kept')).toEqual(['a']);
		expect(base.read(`output/a/order.${startStamp}`)).toBe('step: 60\n');
	});

	it('archives the old order when a new file comes right after, which is not touched', () => {
		const path = base.writeOrder('a', 'step: 60\n', 7208);
		measure('a');
		const restore = justBefore('statSync', () => {
			justBefore('renameSync', () => {
				justBefore('statSync', () => writeFileSync(path, 'newer'));
			});
		});
		base.tree.expire('a', path, maxAgeMs);
		restore();
		expect(base.read('orders/a')).toBe('newer');
		expect(base.read('archive/a/order')).toBe('step: 60\n');
		expect(base.toldOf('archived')).toEqual(['a']);
	});

	it('is a deletion when the file is gone', () => {
		measure('a');
		base.tree.expire('a', base.path('orders/a'), maxAgeMs);
		expect(base.list('archive/a')).toEqual(['last_result', 'main.rrd']);
		expect(base.toldOf('archived')).toEqual(['a']);
	});

	it('does not take a folder that has got the name of the file', () => {
		measure('a');
		base.write('orders/a/b', 'step: 60\n');
		base.touch('orders/a', 7208);
		base.tree.expire('a', base.path('orders/a'), maxAgeMs);
		expect(base.read('orders/a/b')).toBe('step: 60\n');
		expect(base.list('archive/a')).toEqual(['last_result', 'main.rrd']);
		expect(base.toldOf('archived')).toEqual(['a']);
		expect(problems()).toEqual([]);
	});

	it('of a link keeps the text it leads to, and removes only the link', () => {
		base.write('shared-order', 'step: 60\n');
		base.touch('shared-order', 7208);
		mkdirSync(base.path('orders/deep'));
		symlinkSync('../../shared-order', base.path('orders/deep/a'));
		measure('deep/a');
		base.tree.expire('deep/a', base.path('orders/deep/a'), maxAgeMs);
		expect(base.read('archive/deep/a/order')).toBe('step: 60\n');
		expect(base.read('shared-order')).toBe('step: 60\n');
		expect(base.list('orders')).toEqual(['deep/']);
	});

	it('of a link is called off when what it leads to is fresh, now or at the very moment', () => {
		base.write('shared-order', 'step: 60\n');
		symlinkSync('../shared-order', base.path('orders/a'));
		measure('a');
		base.touch('shared-order', 1);
		base.tree.expire('a', base.path('orders/a'), maxAgeMs);
		base.touch('shared-order', 7208);
		const restore = justBefore('renameSync', () => base.touch('shared-order', 0));
		base.tree.expire('a', base.path('orders/a'), maxAgeMs);
		restore();
		expect(base.toldOf('kept')).toEqual(['a', 'a']);
		expect(base.list('output/a')).toEqual(['last_result', 'main.rrd']);
		expect(lstatSync(base.path('orders/a')).isSymbolicLink()).toBe(true);
	});

	it('of a link that leads nowhere removes it', () => {
		symlinkSync('nowhere', base.path('orders/a'));
		base.nowMs = Date.now() + 2 * maxAgeMs;
		measure('a');
		base.tree.expire('a', base.path('orders/a'), maxAgeMs);
		expect(base.list('orders')).toEqual([]);
		expect(base.list('archive/a')).toEqual(['last_result', 'main.rrd']);
	});

	it('works across file systems, where a refresh at the very moment calls it off too', () => {
		mountSmall(base.path('output'), 4096);
		const path = base.writeOrder('a', 'step: 60\n', 7208);
		measure('a');
		let restore = justBefore('writeFileSync', () => base.touch('orders/a', 0));
		base.tree.expire('a', path, maxAgeMs);
		restore();
		expect(base.toldOf('kept')).toEqual(['a']);
		expect(base.list('output/a')).toEqual(['last_result', 'main.rrd']);
		base.touch('orders/a', 7208);
		restore = justBefore('unlinkSync', () => {});
		base.tree.expire('a', path, maxAgeMs);
		restore();
		expect(base.list('archive/a')).toEqual(['last_result', 'main.rrd', 'order']);
		expect(base.read('archive/a/order')).toBe('step: 60\n');
		expect(base.list('orders')).toEqual([]);
	});

	it('again and again with the same text keeps it once; with another keeps both', () => {
		for (let life = 0; life < 3; life++) {
			const path = base.writeOrder('a', 'step: 60\n', 7208);
			measure('a');
			base.tree.expire('a', path, maxAgeMs);
			base.nowMs += 60_000;
		}
		expect(base.list('archive/a')).toEqual(['last_result', 'main.rrd', 'order']);
		const path = base.writeOrder('a', 'step: 60 # edited\n', 7208);
		measure('a');
		expect(base.list('output/a')).toEqual(['last_result', 'main.rrd', `order.${stampNow()}`]);
		base.tree.expire('a', path, maxAgeMs);
		expect(base.read('archive/a/order')).toBe('step: 60 # edited\n');
		expect(base.read(`archive/a/order.${stampNow()}`)).toBe('step: 60\n');
	});

	it('of a link again and again keeps the same text once', () => {
		base.write('shared-order', 'step: 60\n');
		for (let life = 0; life < 3; life++) {
			symlinkSync('../shared-order', base.path('orders/a'));
			base.touch('shared-order', 7208);
			measure('a');
			base.tree.expire('a', base.path('orders/a'), maxAgeMs);
			base.nowMs += 60_000;
		}
		expect(base.list('archive/a')).toEqual(['last_result', 'main.rrd', 'order']);
	});

	function stampNow(): string {
		return `${new Date(base.nowMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
	}
});
