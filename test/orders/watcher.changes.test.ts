import { execFileSync } from 'node:child_process';
import {
	appendFileSync,
	mkdirSync,
	readFileSync,
	renameSync,
	rmSync,
	unlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import {
	base,
	eventually,
	log,
	pause,
	put,
	root,
	sawCall,
	sawIds,
	seen,
	started,
	takeTime,
	useWatcher,
	watcher,
} from './support/watcher-rig.ts';

useWatcher();

describe('one file', () => {
	beforeEach(() => started());

	it('is seen when created, written in place, touched and deleted', async () => {
		const path = put('order');
		await sawIds('order');
		await pause(60);
		seen.calls = [];
		appendFileSync(path, 'step: 60\n');
		await sawCall('changed order');
		await pause(60);
		seen.calls = [];
		utimesSync(path, 1_700_000_000, 1_700_000_000);
		await sawCall('changed order');
		expect(seen.files.get('order')).toBe(1_700_000_000_000);
		unlinkSync(path);
		await sawIds();
		expect(seen.calls.at(-1)).toBe('removed order');
	});

	it('is seen when rewritten with the same size and mtime', async () => {
		const path = put('order', 'step: 60\n');
		utimesSync(path, 1_700_000_000, 1_700_000_000);
		await sawCall('changed order');
		await pause(60);
		seen.calls = [];
		writeFileSync(path, 'step: 30\n');
		utimesSync(path, 1_700_000_000, 1_700_000_000);
		await sawCall('changed order');
	});

	it('is seen in its last state when written many times within a clock tick', async () => {
		const texts: string[] = [];
		seen.changed = ({ path }) => texts.push(readFileSync(path, 'utf8'));
		for (let round = 0; round < 200; round++) {
			const text = String(round).padStart(8);
			put('order', text);
			if (round % 7 === 0) await pause(round % 23);
		}
		await eventually(() => expect(texts.at(-1)?.trim()).toBe('199'));
	});

	it('is seen when renamed into place, over another, and away', async () => {
		renameSync(put('.new'), join(root, 'order'));
		await sawIds('order');
		await pause(60);
		seen.calls = [];
		renameSync(put('.new'), join(root, 'order'));
		await sawCall('changed order');
		renameSync(join(root, 'order'), join(root, 'other'));
		await sawIds('other');
		expect(seen.calls.slice(-2)).toEqual(['removed order', 'changed other']);
		renameSync(join(root, 'other'), join(root, 'other~'));
		await sawIds();
		renameSync(join(root, 'other~'), join(root, 'other'));
		await sawIds('other');
		renameSync(join(root, 'other'), join(base, 'other'));
		await sawIds();
	});

	it('moves between folders', async () => {
		put('a/order');
		put('b/keep');
		await sawIds('a/order', 'b/keep');
		renameSync(join(root, 'a/order'), join(root, 'b/order'));
		await sawIds('b/keep', 'b/order');
	});

	it('costs one report for many events', async () => {
		for (let i = 0; i < 50; i++) put('order', `${i}`);
		await sawIds('order');
		await pause(200);
		// Twice at most: a first look within the tick of the kernel's clock does not settle the matter.
		expect(seen.calls.length).toBeLessThanOrEqual(2);
	});

	it('may be a FIFO, a socket or a device: reported, never opened', async () => {
		execFileSync('mkfifo', [join(root, 'fifo')]);
		execFileSync('mknod', [join(root, 'device'), 'c', '1', '3']);
		const server = createServer().listen(join(root, 'socket'));
		await sawIds('device', 'fifo', 'socket');
		server.close();
		await sawIds('device', 'fifo');
	});

	it('survives a listener that throws', async () => {
		seen.changed = ({ id }) => {
			seen.files.set(id, 0);
			throw new Error(`cannot take ${id}`);
		};
		put('one');
		put('two');
		await sawIds('one', 'two');
		expect(log.lines).toContainEqual(expect.stringMatching(/^error: .*cannot take two/));
	});
});

describe('folders', () => {
	beforeEach(async () => {
		put('app/x/1');
		put('app/x/2');
		put('app/y/3');
		await started();
	});

	it('are seen when created with their files at once', async () => {
		for (let i = 0; i < 30; i++) put(`new/${'n/'.repeat(i)}order`);
		await eventually(() => expect(seen.files.size).toBe(33));
		expect(watcher.watches).toBe(4 + 30);
	});

	it('are seen when moved in, within and out', async () => {
		mkdirSync(join(base, 'made/a/b'), { recursive: true });
		writeFileSync(join(base, 'made/1'), '');
		writeFileSync(join(base, 'made/a/2'), '');
		writeFileSync(join(base, 'made/a/b/3'), '');
		renameSync(join(base, 'made'), join(root, 'in'));
		await sawIds('app/x/1', 'app/x/2', 'app/y/3', 'in/1', 'in/a/2', 'in/a/b/3');
		expect(watcher.watches).toBe(7);
		renameSync(join(root, 'in/a'), join(root, 'app/x/a'));
		await sawIds('app/x/1', 'app/x/2', 'app/x/a/2', 'app/x/a/b/3', 'app/y/3', 'in/1');
		// The moved folders are watched under their new ids, and no longer under the old ones.
		seen.calls = [];
		put('app/x/a/b/4');
		await sawCall('changed app/x/a/b/4');
		expect(seen.calls).toEqual(['changed app/x/a/b/4']);
		renameSync(join(root, 'app'), join(base, 'out'));
		await sawIds('in/1');
		expect(watcher.watches).toBe(2);
		seen.calls = [];
		writeFileSync(join(base, 'out/x/5'), '');
		put('in/2');
		await sawCall('changed in/2');
		expect(seen.calls).toEqual(['changed in/2']);
	});

	it('are seen when deleted with all that is in them, and made again at once', async () => {
		rmSync(join(root, 'app'), { recursive: true });
		await sawIds();
		expect(watcher.watches).toBe(1);
		put('app/x/1');
		await sawIds('app/x/1');
		for (let round = 0; round < 20; round++) {
			rmSync(join(root, 'app'), { recursive: true });
			put('app/x/1');
			put(`app/x/${round}`);
			if (round % 3 === 0) await pause(round);
		}
		await sawIds('app/x/1', 'app/x/19');
		seen.calls = [];
		put('app/x/after');
		await sawCall('changed app/x/after');
		expect(watcher.watches).toBe(3);
	});

	it('are seen when they change places', async () => {
		renameSync(join(root, 'app/x'), join(root, 'app/.swap'));
		renameSync(join(root, 'app/y'), join(root, 'app/x'));
		renameSync(join(root, 'app/.swap'), join(root, 'app/y'));
		await sawIds('app/x/3', 'app/y/1', 'app/y/2');
		put('app/x/4');
		await sawIds('app/x/3', 'app/x/4', 'app/y/1', 'app/y/2');
	});

	it('are replaced as a whole: what left is reported before what came', async () => {
		for (let i = 0; i < 500; i++) {
			put(`app/many/${i}`);
			put(`app/.new/${i}`);
		}
		await eventually(() => expect(seen.files.size).toBe(503));
		seen.calls = [];
		takeTime(0.1, () => {});
		renameSync(join(root, 'app/many'), join(base, 'old'));
		renameSync(join(root, 'app/.new'), join(root, 'app/many'));
		await eventually(() => expect(seen.calls).toHaveLength(1000));
		expect(seen.calls.findLastIndex((call) => call.startsWith('removed'))).toBe(499);
		expect(seen.files.size).toBe(503);
	});

	it('may be replaced by a file, and a file by a folder', async () => {
		renameSync(join(root, 'app/x'), join(base, 'out'));
		put('app/x');
		await sawIds('app/x', 'app/y/3');
		expect(seen.calls).toHaveLength(3);
		expect(seen.calls.at(-1)).toBe('changed app/x');
		unlinkSync(join(root, 'app/x'));
		put('app/x/1');
		await sawIds('app/x/1', 'app/y/3');
	});

	it('may have the name of a file in them, and of each other', async () => {
		put('x/x');
		put('orders/orders/orders');
		await sawIds('app/x/1', 'app/x/2', 'app/y/3', 'orders/orders/orders', 'x/x');
		rmSync(join(root, 'x'), { recursive: true });
		unlinkSync(join(root, 'orders/orders/orders'));
		await sawIds('app/x/1', 'app/x/2', 'app/y/3');
		put('orders/orders/orders');
		await sawIds('app/x/1', 'app/x/2', 'app/y/3', 'orders/orders/orders');
	});
});
