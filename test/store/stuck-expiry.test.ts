/** Expired orders whose files cannot be removed. */
import { chmodSync, chownSync, existsSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { asNobody, nobody } from '../support/as-nobody.ts';
import { mountSmall, remount, unmountAll } from './support/mount.ts';
import { order, startSeconds, TreeFixture } from './support/tree-fixture.ts';

let base: TreeFixture;
beforeEach(() => {
	base = new TreeFixture();
	base.tellsStuck = true;
	base.restart();
});
afterEach(() => {
	unmountAll();
	base.remove();
});

const maxAgeMs = 3_600_000;

function measured(id: string): string {
	base.enrol(order(id));
	base.record(order(id), startSeconds, [0.5, 0.5]);
	return base.writeOrder(id, 'step: 60\n', 7208);
}

function fails(id: string, path: string, reason: string, action: (act: () => void) => void): void {
	action(() => base.tree.expire(id, path, maxAgeMs));
	const files = ['error', 'last_result', 'main.rrd'];
	expect(base.list('output')).toEqual([`${id}/`, ...files.map((name) => `${id}/${name}`)]);
	expect(base.list('archive')).toEqual([]);
	expect(base.read(`output/${id}/error`)).toContain(`its file cannot be removed: ${reason}`);
	expect(base.toldOf('stuck')[0]).toContain(`${id} ${reason}`);
	expect(base.toldOf('archived')).toEqual([]);
	expect(base.toldOf('revived')).toEqual([]);
	action(() => base.tree.retry());
	base.record(order(id), startSeconds + 60, [0.5, 0.5]);
	expect(base.list('output').filter((name) => !name.endsWith('/'))).toEqual(
		files.map((name) => `${id}/${name}`),
	);
	expect(base.counters.get('ignored')).toBe(1);
}

function endsWell(id: string, path: string): void {
	expect(existsSync(path)).toBe(false);
	expect(base.list(`archive/${id}`)).toEqual(['last_result', 'main.rrd', 'order']);
	expect(base.list('output')).toEqual([]);
	expect(base.toldOf('archived')).toEqual([id]);
}

it('in a folder that may not be written: its error file says so, and all goes on when it may', () => {
	const path = measured('a');
	for (const folder of ['output', 'archive', 'output/a']) chownSync(base.path(folder), nobody, nobody);
	chmodSync(base.dir, 0o755);
	chmodSync(base.path('orders'), 0o555);
	fails('a', path, 'permission denied', asNobody);
	chmodSync(base.path('orders'), 0o777);
	asNobody(() => base.tree.retry());
	endsWell('a', path);
});

it('on a file system that became read-only', () => {
	mountSmall(base.path('orders'), 1024);
	const path = measured('a');
	remount(base.path('orders'), 'ro');
	fails('a', path, 'the file system is read-only', (act) => act());
	remount(base.path('orders'), 'rw');
	base.tree.retry();
	endsWell('a', path);
});

it('is told too when the order failed before, and is over when the order is refreshed', () => {
	mountSmall(base.path('orders'), 1024);
	const path = measured('a');
	base.tree.fail(['a'], 'no fping', 'no_program', startSeconds);
	remount(base.path('orders'), 'ro');
	fails('a', path, 'the file system is read-only', (act) => act());
	remount(base.path('orders'), 'rw');
	base.touch('orders/a', 0);
	base.tree.retry();
	expect(base.toldOf('kept')).toEqual(['a']);
	base.enrol(order('a'));
	expect(base.list('output/a')).toEqual(['last_result', 'main.rrd']);
	expect(base.toldOf('revived')).toEqual([]);
});
