/** Links that one user makes to what another may read or remove. Needs root, which all may. */
import { execFileSync } from 'node:child_process';
import {
	chmodSync,
	chownSync,
	closeSync,
	existsSync,
	fstatSync,
	lchownSync,
	mkdirSync,
	mkdtempSync,
	openSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
	truncateSync,
	unlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realPathOf, whereRemovable, wrongWithLink } from '../../src/host/link-trust.ts';
import { readOrderFile } from '../../src/orders/order-file.ts';
import { mountSmall, unmountAll } from '../store/support/mount.ts';
import { order, TreeFixture } from '../store/support/tree-fixture.ts';
import { asNobody, nobody } from '../support/as-nobody.ts';

const app = 4711;
let base: TreeFixture;

beforeEach(() => {
	base = new TreeFixture(mkdtempSync(join(tmpdir(), 'pingmachine-links-')));
	chmodSync(base.dir, 0o755);
	mkdirSync(base.path('theirs'));
	chownSync(base.path('theirs'), app, app);
	mkdirSync(base.path('private'), { mode: 0o700 });
});
afterEach(() => {
	unmountAll();
	base.remove();
});

function file(path: string, uid: number, mode: number): string {
	base.write(path, 'root:$6$secret:19000\nuser: me\n');
	chmodSync(base.path(path), mode);
	chownSync(base.path(path), uid, uid);
	return base.path(path);
}

function fifo(path: string): string {
	execFileSync('mkfifo', ['--mode=600', base.path(path)]);
	return base.path(path);
}

/** A link made by the user `app`. */
function link(target: string, path = 'orders/link'): string {
	symlinkSync(target, base.path(path));
	lchownSync(base.path(path), app, app);
	return base.path(path);
}

describe('an order file that a link leads to', () => {
	it.each<[string, () => string]>([
		['belongs to whoever made the link', () => file('theirs/a', app, 0o400)],
		['may be read by all', () => file('theirs/a', 0, 0o644)],
	])('is read when it %s', (_, target) => {
		expect(readOrderFile(link(target()))).toHaveProperty('text');
	});

	it.each<[string, () => string]>([
		['file that only root may read', () => file('theirs/a', 0, 0o600)],
		['file of a group', () => file('theirs/a', 0, 0o640)],
		['readable file in a folder that only root may enter', () => file('private/a', 0, 0o644)],
		['large file in such a folder', () => file('private/a', 0, 0o644)],
		['folder that only root may enter', () => base.path('private')],
		['FIFO that only root may read', () => fifo('theirs/a')],
	])('is not read when it is a %s, and nothing of it is told', (what, target) => {
		if (what === 'large file in such a folder') base.write('private/a', 'x'.repeat(100_000));
		const path = link(what.startsWith('large') ? base.path('private/a') : target());
		expect(readOrderFile(path)).toEqual({
			problem: `${path} is a link of the user with the number ${app}, who may not read what it leads to: put a file in its place, or give that user the right to; it was not read`,
			isPassing: false,
		});
	});

	it('is not read through a link to its folder either', () => {
		file('private/a', 0, 0o644);
		link(base.path('private'));
		expect(readOrderFile(base.path('orders/link/a'))).toMatchObject({
			problem: expect.stringMatching(/may not read what it leads to/),
		});
		file('theirs/b', 0, 0o600);
		link(base.path('theirs'), 'orders/other');
		expect(readOrderFile(base.path('orders/other/b'))).toMatchObject({
			problem: expect.stringMatching(/may not read/),
		});
	});

	it('is read when root made the link, whatever it leads to', () => {
		symlinkSync(file('private/a', 0, 0o600), base.path('orders/link'));
		expect(readOrderFile(base.path('orders/link'))).toHaveProperty('text');
	});

	it.each<[string, (folder: string) => void]>([
		['of somebody else', (folder) => chownSync(folder, app, app)],
		['that others may write to', (folder) => chmodSync(folder, 0o1777)],
		['that a group may write to', (folder) => chmodSync(folder, 0o775)],
	])('is not read through a relative link of root that may have been moved into a folder %s', (_, open) => {
		file('private/a', 0, 0o600);
		mkdirSync(base.path('orders/app'));
		symlinkSync('../../private/a', base.path('orders/app/link'));
		expect(readOrderFile(base.path('orders/app/link'))).toHaveProperty('text');
		open(base.path('orders/app'));
		expect(readOrderFile(base.path('orders/app/link'))).toMatchObject({
			problem: expect.stringMatching(
				/orders\/app\/link is a link .*, who may not read what it leads to: put a file/,
			),
		});
		chmodSync(base.path('private'), 0o755);
		chmodSync(base.path('private/a'), 0o644);
		expect(readOrderFile(base.path('orders/app/link'))).toHaveProperty('text');
	});

	it('is not read when a link of root leads to a link of somebody who may not read it', () => {
		link(file('private/a', 0, 0o600), 'theirs/secret');
		symlinkSync(base.path('theirs/secret'), base.path('orders/link'));
		symlinkSync(base.path('theirs'), base.path('orders/folder'));
		for (const path of ['orders/link', 'orders/folder/secret']) {
			expect(readOrderFile(base.path(path))).toMatchObject({
				problem: `${base.path('theirs/secret')} is a link of the user with the number ${app}, who may not read what it leads to: put a file in its place, or give that user the right to; it was not read`,
			});
		}
		file('theirs/b', app, 0o600);
		link('./../theirs/b', 'theirs/own');
		symlinkSync(base.path('theirs/own'), base.path('orders/own'));
		expect(readOrderFile(base.path('orders/own'))).toHaveProperty('text');
	});

	it('may be below a base directory that is reached by root’s links', () => {
		const elsewhere = mkdtempSync(join(tmpdir(), 'pingmachine-links-'));
		symlinkSync(base.dir, join(elsewhere, 'base'));
		file('orders/a', app, 0o600);
		expect(readOrderFile(join(elsewhere, 'base/orders/a'))).toHaveProperty('text');
		link(file('private/a', 0, 0o600));
		expect(readOrderFile(join(elsewhere, 'base/orders/link'))).toHaveProperty('problem');
		rmSync(elsewhere, { recursive: true });
	});

	it('is not used when a link was there only while it was opened', () => {
		const path = base.path('orders/a');
		symlinkSync(file('private/a', 0, 0o600), path);
		const fd = openSync(path, 'r');
		const stats = fstatSync(fd);
		const realPath = realPathOf(fd, stats);
		unlinkSync(path);
		writeFileSync(path, 'user: me\n');
		expect(wrongWithLink(path, realPath, stats, 'read')).toMatchObject({ isPassing: true });
		closeSync(fd);
	});

	it('may be replaced while it is read', () => {
		const path = file('orders/a', app, 0o600);
		const fd = openSync(path, 'r');
		file('orders/b', app, 0o600);
		renameSync(base.path('orders/b'), path);
		const stats = fstatSync(fd);
		expect(wrongWithLink(path, realPathOf(fd, stats), stats, 'read')).toBeNull();
		closeSync(fd);
	});
});

describe('an expired order', () => {
	const maxAgeMs = 3_600_000;

	function expire(id: string): void {
		base.tree.enrol(order(id), base.nowMs / 1000);
		utimesSync(base.path(`orders/${id}`), 1_000_000_000, 1_000_000_000);
		base.tree.expire(id, base.path(`orders/${id}`), maxAgeMs);
	}

	it('leaves a file alone that whoever made the link may not remove, and says so', () => {
		mkdirSync(base.path('rooted'));
		file('rooted/a', 0, 0o644);
		link(base.path('rooted'));
		expire('link/a');
		expect(existsSync(base.path('rooted/a'))).toBe(true);
		expect(base.toldOf('problem')[0]).toMatch(
			/cannot remove the expired order .*\/orders\/link is a link of the user with the number 4711, who may not remove files where it leads/,
		);
	});

	it('of whoever made the link goes', () => {
		file('theirs/a', app, 0o644);
		link(base.path('theirs'));
		expire('link/a');
		expect(existsSync(base.path('theirs/a'))).toBe(false);
		expect(readFileSync(base.path('archive/link/a/order'), 'utf8')).toContain('user: me');
	});

	const readers = (path: string) => {
		const { uid, mode } = statSync(base.path(path));
		return [uid, (mode & 0o777).toString(8)];
	};

	it('behind a link is kept with its owner and rights', () => {
		file('theirs/a', app, 0o640);
		link(base.path('theirs/a'));
		expire('link');
		expect(readers('archive/link/order')).toEqual([app, '640']);
		expect(readFileSync(base.path('archive/link/order'), 'utf8')).toContain('user: me');
	});

	it('on another file system is kept with its owner and rights', () => {
		mountSmall(base.path('orders'), 1024);
		file('orders/a', app, 0o600);
		expire('a');
		expect(readers('archive/a/order')).toEqual([app, '600']);
	});

	it('keeps its owner and rights when archive/ is another file system', () => {
		mountSmall(base.path('archive'), 4096);
		file('orders/a', app, 0o604);
		expire('a');
		expect(readers('archive/a/order')).toEqual([app, '604']);
	});

	it('in a folder that only some may enter can be read by no others afterwards', () => {
		file('orders/app/a', app, 0o664);
		chmodSync(base.path('orders/app'), 0o750);
		chownSync(base.path('orders/app'), app, app);
		expire('app/a');
		expect(readers('archive/app/a/order')).toEqual([app, '660']);
		file('orders/b', app, 0o664);
		expire('b');
		expect(readers('archive/b/order')).toEqual([app, '664']);
	});

	it('is given to nobody else where it cannot be given to its owner', () => {
		mountSmall(base.path('orders'), 1024);
		for (const path of ['orders', 'output', 'archive']) chmodSync(base.path(path), 0o777);
		for (const [id, mode, left] of [
			['a', 0o604, '600'],
			['b', 0o644, '644'],
		] as const) {
			file(`orders/${id}`, app, mode);
			utimesSync(base.path(`orders/${id}`), 1_000_000_000, 1_000_000_000);
			asNobody(() => base.tree.expire(id, base.path(`orders/${id}`), maxAgeMs));
			expect(readers(`archive/${id}/order`)).toEqual([nobody, left]);
		}
	});

	it.each(['orders', 'archive'])(
		'that was made huge is not copied, when %s/ is another file system',
		(folder) => {
			mountSmall(base.path(folder), 4096);
			file('orders/a', app, 0o600);
			truncateSync(base.path('orders/a'), 1e12);
			expire('a');
			expect(existsSync(base.path('orders/a'))).toBe(true);
			expect(base.list('archive')).toEqual(['a/', 'a/main.rrd']);
		},
	);

	it('does not copy what its link has come to lead to', () => {
		link(file('private/a', 0, 0o600));
		expire('link');
		expect(existsSync(base.path('orders/link'))).toBe(false);
		expect(base.list('archive/link')).toEqual(['main.rrd']);
	});
});

it('in a folder such as /tmp nobody may remove what others own', () => {
	mkdirSync(base.path('tmp'));
	chmodSync(base.path('tmp'), 0o1777);
	file('tmp/a', 0, 0o644);
	link(base.path('tmp'));
	expect(() => whereRemovable(base.path('orders/link/a'), () => {})).toThrow(/may not remove files/);
	chmodSync(base.path('tmp'), 0o777);
	expect(whereRemovable(base.path('orders/link/a'), (held) => statSync(held).size)).toBeGreaterThan(0);
});
