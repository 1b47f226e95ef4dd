import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { OrdersWatcher } from '../../src/orders/watcher.ts';
import {
	base,
	eventually,
	log,
	neverMs,
	pause,
	put,
	root,
	sawIds,
	seen,
	start,
	started,
	takeRoot,
	useWatcher,
	watcher,
} from './support/watcher-rig.ts';

useWatcher();

describe('links', () => {
	let outside: string;
	beforeEach(() => {
		outside = join(base, 'outside');
		mkdirSync(outside);
	});

	it('to files are followed, also to where they come to lead later', async () => {
		const target = join(outside, 'target');
		writeFileSync(target, '');
		utimesSync(target, 1_600_000_000, 1_600_000_000);
		symlinkSync(target, join(root, 'link'));
		symlinkSync('../outside/later', join(root, 'dangling'));
		symlinkSync('self', join(root, 'self'));
		await started();
		// A link that leads in a circle is reported too, so that whoever reads it can say so.
		expect(seen.ids).toEqual(['link', 'self']);
		expect(seen.files.get('link')).toBe(1_600_000_000_000);
		// The rest happens where nothing is watched.
		utimesSync(target, 1_700_000_000, 1_700_000_000);
		await eventually(() => expect(seen.files.get('link')).toBe(1_700_000_000_000));
		writeFileSync(join(outside, 'later'), '');
		await sawIds('dangling', 'link', 'self');
		unlinkSync(target);
		await sawIds('dangling', 'self');
		unlinkSync(join(root, 'dangling'));
		unlinkSync(join(root, 'self'));
		await sawIds();
	});

	it('to files inside are orders of their own', async () => {
		put('app/order');
		symlinkSync('app/order', join(root, 'link'));
		await started();
		expect(seen.ids).toEqual(['app/order', 'link']);
		utimesSync(join(root, 'app/order'), 1_700_000_000, 1_700_000_000);
		await eventually(() => expect(seen.files.get('link')).toBe(1_700_000_000_000));
		expect(seen.files.get('app/order')).toBe(1_700_000_000_000);
	});

	it('to folders are followed and watched; of two that lead to one folder, the first by name', async () => {
		mkdirSync(join(outside, 'sub'));
		writeFileSync(join(outside, 'sub/1'), '');
		symlinkSync(outside, join(root, 'one'));
		symlinkSync(outside, join(root, 'two'));
		await started();
		expect(seen.ids).toEqual(['one/sub/1']);
		expect([...seen.refused]).toEqual([['two', expect.stringContaining('found as one already')]]);
		writeFileSync(join(outside, 'sub/2'), '');
		await sawIds('one/sub/1', 'one/sub/2');
		unlinkSync(join(root, 'one'));
		await sawIds('two/sub/1', 'two/sub/2');
		writeFileSync(join(outside, 'sub/3'), '');
		await sawIds('two/sub/1', 'two/sub/2', 'two/sub/3');
		mkdirSync(join(base, 'other'));
		writeFileSync(join(base, 'other/4'), '');
		symlinkSync(join(base, 'other'), join(root, '.new'));
		renameSync(join(root, '.new'), join(root, 'two'));
		await sawIds('two/4');
		// The folder it leads to is replaced where nothing is watched.
		renameSync(join(base, 'other'), join(base, 'gone'));
		await sawIds();
		mkdirSync(join(base, 'other'));
		writeFileSync(join(base, 'other/5'), '');
		await sawIds('two/5');
		expect(watcher.watches).toBe(2);
	});

	it('that lead into a circle are refused, and said once', async () => {
		put('app/sub/order');
		symlinkSync('..', join(root, 'app/sub/up'));
		symlinkSync('.', join(root, 'here'));
		symlinkSync('..', join(root, 'base'));
		symlinkSync('/', join(root, 'all'));
		symlinkSync(outside, join(root, 'app/out'));
		symlinkSync(root, join(outside, 'back'));
		await started({ scanIntervalMs: 20 });
		expect(seen.ids).toEqual(['app/sub/order']);
		await eventually(() => expect(seen.scans.length).toBeGreaterThan(3));
		await pause(600);
		const refused = log.lines.filter((line) => line.includes('leads to a folder that it lies in'));
		expect(refused.map((line) => line.replace(/^.*orders\/(.*?):.*$/, '$1')).sort()).toEqual([
			'all',
			'app/out/back',
			'app/sub/up',
			'base',
			'here',
		]);
		expect(log.lines).toHaveLength(5);
		// One that is mended is followed.
		mkdirSync(join(base, 'elsewhere'));
		writeFileSync(join(base, 'elsewhere/order'), '');
		unlinkSync(join(root, 'here'));
		symlinkSync('../elsewhere', join(root, 'here'));
		await eventually(() => expect(seen.ids).toContain('here/order'));
		expect(seen.refused.size).toBe(0);
	});
});

describe('orders/ itself', () => {
	it('may be a link, and may come to lead elsewhere', async () => {
		for (const name of ['one', 'two']) {
			mkdirSync(join(base, name));
			writeFileSync(join(base, name, name), '');
		}
		rmSync(root, { recursive: true });
		symlinkSync('one', root);
		await started();
		expect(seen.ids).toEqual(['one']);
		put('more');
		await sawIds('more', 'one');
		unlinkSync(root);
		symlinkSync('two', root);
		await sawIds('two');
		put('again');
		await sawIds('again', 'two');
	});

	it('may be deleted and return', async () => {
		put('a');
		put('app/b');
		await started();
		rmSync(root, { recursive: true });
		await sawIds();
		expect(watcher.watches).toBe(0);
		await eventually(() => expect(log.lines).toHaveLength(1));
		expect(log.lines[0]).toMatch(
			/^warn: order folder .*\/orders is missing or not a folder; waiting for it$/,
		);
		put('app/c');
		await sawIds('app/c');
		expect(log.lines[1]).toMatch(/^info: order folder .*\/orders is back$/);
		put('app/d');
		await sawIds('app/c', 'app/d');
	});

	it('may be replaced at once, whether or not the new one has its inode number', async () => {
		put('app/b');
		await started();
		for (let round = 0; round < 10; round++) {
			rmSync(root, { recursive: true });
			put(`app/${round}`);
			await sawIds(`app/${round}`);
			put('app/later');
			await sawIds(`app/${round}`, 'app/later');
		}
		renameSync(root, join(base, 'old'));
		put('new');
		await sawIds('new');
		writeFileSync(join(base, 'old/unseen'), '');
		put('newer');
		await sawIds('new', 'newer');
	});

	it('may be missing or a file at the start', async () => {
		rmSync(root, { recursive: true });
		writeFileSync(root, '');
		await started();
		expect(seen.scans[0]).toMatchObject({ first: true, complete: false, files: 0 });
		expect(seen.calls).toEqual([]);
		expect(log.lines).toHaveLength(1);
		unlinkSync(root);
		put('order');
		await sawIds('order');
	});

	it('may be away just when it is to be watched', async () => {
		start(new OrdersWatcher({ root, listener: seen, log, scanIntervalMs: neverMs }));
		// It was looked at, and is listed in the next turn of the event loop.
		renameSync(root, join(base, 'away'));
		await eventually(() => expect(seen.scans).toHaveLength(1));
		renameSync(join(base, 'away'), root);
		put('order');
		await sawIds('order');
	});

	it('may vanish with the folder that holds it', async () => {
		takeRoot('var/orders');
		put('order');
		await started();
		rmSync(join(base, 'var'), { recursive: true });
		await sawIds();
		put('order');
		await sawIds('order');
	});
});
