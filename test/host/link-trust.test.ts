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
	unlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realPathOf, whereRemovable, wrongWithLink } from '../../src/host/link-trust.ts';
import { readOrderFile } from '../../src/orders/order-file.ts';
import { order, TreeFixture } from '../store/support/tree-fixture.ts';

const app = 4711;
let base: TreeFixture;

beforeEach(() => {
	base = new TreeFixture(mkdtempSync(join(tmpdir(), 'pingmachine-links-')));
	chmodSync(base.dir, 0o755);
	mkdirSync(base.path('theirs'));
	chownSync(base.path('theirs'), app, app);
	mkdirSync(base.path('private'), { mode: 0o700 });
});
afterEach(() => base.remove());

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
