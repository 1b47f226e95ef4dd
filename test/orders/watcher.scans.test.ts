import { execFileSync } from 'node:child_process';
import {
	mkdirSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	renameSync,
	rmSync,
	unlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
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
	silent,
	start,
	started,
	useWatcher,
	watcher,
} from './support/watcher-rig.ts';

useWatcher();

describe('full scans', () => {
	it('find what happened unseen, and repeat', async () => {
		put('a');
		put('b');
		await started({ scanIntervalMs: 30, settleMs: neverMs });
		unlinkSync(join(root, 'a'));
		utimesSync(join(root, 'b'), 1_700_000_000, 1_700_000_000);
		put('new/c');
		await sawIds('b', 'new/c');
		await eventually(() => expect(seen.files.get('b')).toBe(1_700_000_000_000));
		expect(seen.scans.filter((scan) => scan.first)).toHaveLength(1);
		rmSync(join(root, 'new'), { recursive: true });
		await sawIds('b');
	});

	it('do not report what has not changed', async () => {
		put('app/a');
		put('b');
		await pause(30);
		await started({ scanIntervalMs: 10 });
		await eventually(() => expect(seen.scans.length).toBeGreaterThan(5));
		expect(seen.calls).toEqual([]);
	});

	it('follow when inotify has silently lost events', async () => {
		mkdirSync(join(root, 'sub'));
		await started();
		// Two events each, all while the main thread is blocked: the queue holds 16,384.
		for (let i = 0; i < 12_000; i++) put(`${i % 2 === 0 ? '' : 'sub/'}${i}`);
		await eventually(() => expect(seen.files.size).toBe(12_000));
		await eventually(() => expect(seen.scans.length).toBe(2));
		for (let i = 0; i < 12_000; i++) unlinkSync(join(root, `${i % 2 === 0 ? '' : 'sub/'}${i}`));
		await sawIds();
	});
});

describe('bursts', () => {
	it('of 10,000 files, touches and deletions by another process lose nothing', async () => {
		await started();
		const shell = (script: string) => execFileSync('sh', ['-c', script], { cwd: root });
		shell(
			'mkdir d1 d2 d3; for d in d1 d2 d3; do (cd $d; seq 1 3000 | xargs touch); done; seq 1 1000 | xargs touch',
		);
		await eventually(() => expect(seen.files.size).toBe(10_000));
		shell('find . -type f -print0 | xargs -0 touch -d @1700000000');
		await eventually(() => {
			expect([...seen.files.values()].filter((mtimeMs) => mtimeMs !== 1_700_000_000_000)).toHaveLength(0);
		});
		shell('rm -r *');
		await sawIds();
		expect(watcher.watches).toBe(1);
	});

	it('of nested folders moved in lose nothing', async () => {
		await started();
		for (let i = 0; i < 2_500; i++) {
			const folder = join(base, 'made', `f${i % 50}`, `g${i % 250}`);
			mkdirSync(folder, { recursive: true });
			writeFileSync(join(folder, `${i}`), '');
		}
		for (const name of readdirSync(join(base, 'made')))
			renameSync(join(base, 'made', name), join(root, name));
		await eventually(() => expect(seen.files.size).toBe(2_500));
		expect(watcher.watches).toBe(1 + 50 + 250);
	});
});

describe('stopping', () => {
	it('closes every watch, and the listener hears nothing more', async () => {
		for (let i = 0; i < 20; i++) put(`${i}/order`);
		const before = inotifyWatches();
		await started();
		expect(inotifyWatches()).toBe(before + 21);
		put('pending');
		watcher.stop();
		watcher.stop();
		expect(watcher.watches).toBe(0);
		expect(inotifyWatches()).toBe(before);
		put('late');
		await pause(100);
		expect(seen.calls).toEqual([]);
	});

	it('is possible from within a call, in the middle of a scan', async () => {
		for (let i = 0; i < 500; i++) put(`${i}`);
		const before = inotifyWatches();
		start(
			new OrdersWatcher({
				root,
				log,
				listener: {
					...silent,
					changed: (file) => {
						seen.changed(file);
						if (seen.files.size === 100) watcher.stop();
					},
				},
			}),
		);
		await eventually(() => expect(seen.files.size).toBe(100));
		await pause(50);
		expect(seen.files.size).toBe(100);
		expect(inotifyWatches()).toBe(before);
		expect(openFiles(root)).toEqual([]);
		expect(log.lines).toEqual([]);
	});
});

/** How many inotify watches this process has, going by the kernel. */
function inotifyWatches(): number {
	let count = 0;
	for (const fd of readdirSync('/proc/self/fdinfo')) {
		try {
			count += readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8').match(/^inotify /gm)?.length ?? 0;
		} catch {
			// The descriptor that the listing itself used.
		}
	}
	return count;
}

function openFiles(path: string): string[] {
	const folder = `/proc/${process.pid}/fd`;
	return readdirSync(folder).filter((fd) => {
		try {
			return readlinkSync(join(folder, fd)) === path;
		} catch {
			// Closed since.
			return false;
		}
	});
}
