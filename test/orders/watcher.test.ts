import { renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../src/model/clock.ts';
import {
	base,
	begun,
	eventually,
	log,
	pause,
	put,
	root,
	sawCall,
	sawIds,
	seen,
	silent,
	started,
	takeTime,
	useWatcher,
	watcher,
} from './support/watcher-rig.ts';

useWatcher();

describe('the first scan', () => {
	it('finds files at any depth and says that it was the first', async () => {
		put('a');
		put('app/b');
		put(`${'deep/'.repeat(40)}c`);
		await started();
		expect(seen.ids).toEqual(['a', 'app/b', `${'deep/'.repeat(40)}c`]);
		expect(seen.scans[0]).toMatchObject({ first: true, complete: true, files: 3 });
		expect(seen.scans[0]?.elapsedMs).toBeGreaterThan(0);
		expect(watcher.watches).toBe(42);
		expect(log.lines).toEqual([]);
	});

	it('reports the mtime, and the path as it was given', async () => {
		utimesSync(put('old'), 1_600_000_000, 1_600_000_000.25);
		const files: unknown[] = [];
		await started({
			listener: { ...silent, changed: (file) => files.push(file), scanned: (s) => seen.scans.push(s) },
		});
		expect(files).toMatchObject([{ id: 'old', path: `${root}/old`, mtimeMs: 1_600_000_000_250 }]);
	});

	it('ignores editor leftovers and hidden names, of files and of folders', async () => {
		for (const name of ['.hidden', 'x~', 'x.swp', 'x.tmp', '#x#', '##']) {
			put(name);
			put(`folder/${name}`);
		}
		for (const folder of ['.git', 'old~', 'new.tmp', '#f#']) put(`${folder}/order`);
		for (const name of ['x.swpx', '#', '#x', 'x#', '~x', 'x.', 'tmp']) put(name);
		await started();
		expect(seen.ids).toEqual(['#', '#x', 'tmp', 'x#', 'x.', 'x.swpx', '~x']);
		put('.later');
		put('later~');
		put('.later.d/order');
		put('done');
		await sawCall('changed done');
		expect(seen.calls).toEqual(['changed done']);
	});

	it('takes any name that is valid UTF-8, and says once where one is not', async () => {
		put('line\nfeed');
		put('tab\t and "quotes"');
		put('grüße/日本 😀');
		put('replacement \uFFFD');
		for (const name of ['a\xff', 'b\xff']) {
			writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name, 'latin1')]), '');
		}
		await started({ scanIntervalMs: 20 });
		await eventually(() => expect(seen.scans.length).toBeGreaterThan(3));
		expect(seen.ids).toEqual(['grüße/日本 😀', 'line\nfeed', 'replacement \uFFFD', 'tab\t and "quotes"']);
		expect(log.lines).toEqual([
			expect.stringMatching(
				/^warn: ignoring order files in .*\/orders whose names are not valid UTF-8.*rename/,
			),
		]);
	});

	it('sees what arrives while it goes on, before it is done', async () => {
		for (let i = 0; i < 2000; i++) put(`many/${i}`);
		takeTime(0.1, () => {
			if (seen.calls.length === 20) put('new/order');
		});
		await begun();
		const position = seen.calls.indexOf('changed new/order');
		expect(position).toBeGreaterThan(20);
		// After the settling time, which is some 200 calls, but never after all.
		expect(position).toBeLessThan(1500);
		expect(seen.files.size).toBe(2001);
	});

	it('sees what arrives in the folder that is being listed', async () => {
		for (let i = 0; i < 100; i++) put(`few/${i}`);
		takeTime(0.1, () => {
			if (seen.calls.length === 50) put('few/late');
		});
		await begun();
		await sawCall('changed few/late');
		expect(seen.files.size).toBe(101);
	});

	it('does not mistake a folder for the one that takes its place meanwhile', async () => {
		for (let i = 0; i < 1000; i++) put(`many/${i}`);
		takeTime(0.1, () => {
			if (seen.calls.length !== 50) return;
			renameSync(join(root, 'many'), join(base, 'old'));
			for (let i = 0; i < 1000; i += 2) put(`many/${i}`);
		});
		await begun({ scanIntervalMs: 50 });
		await eventually(() => expect(seen.files.size).toBe(500));
		const scans = seen.scans.length;
		await eventually(() => expect(seen.scans.length).toBeGreaterThan(scans + 2));
		expect(watcher.files).toBe(500);
	});
});

/** A clock that moves 0.01 ms each time it is read, and knows how much time goes by in one turn of the event loop. */
class TurnClock implements Clock {
	readonly wallMs = () => systemClock.wallMs();
	readonly after: Clock['after'] = (...wanted) => systemClock.after(...wanted);
	longestTurnMs = 0;
	#nowMs = 0;
	#turnStartMs = 0;
	#next = setImmediate(() => this.#turn());

	monotonicMs(): number {
		this.#nowMs += 0.01;
		return this.#nowMs;
	}

	spend(ms: number): void {
		this.#nowMs += ms;
	}

	stop(): void {
		clearImmediate(this.#next);
	}

	#turn(): void {
		this.longestTurnMs = Math.max(this.longestTurnMs, this.#nowMs - this.#turnStartMs);
		this.#turnStartMs = this.#nowMs;
		this.#next = setImmediate(() => this.#turn());
	}
}

describe('the main thread', () => {
	let clock: TurnClock;

	beforeEach(() => {
		clock = new TurnClock();
		for (let i = 0; i < 3000; i++) put(`${i}`);
	});

	afterEach(() => clock.stop());

	it('has its turn every 5 ms while a slow listener hears of what came and what left', async () => {
		takeTime(0, () => clock.spend(1));
		await started({ clock });
		// The last call may begin just before the slice is over.
		expect(clock.longestTurnMs).toBeGreaterThan(4);
		expect(clock.longestTurnMs).toBeLessThan(6.2);
		renameSync(root, join(base, 'elsewhere'));
		await sawIds();
		expect(clock.longestTurnMs).toBeLessThan(6.2);
	});

	it('has its turn every 5 ms while a large folder is scanned in which nothing changed', async () => {
		await pause(30);
		await started({ clock, scanIntervalMs: 20 });
		await eventually(() => expect(seen.scans.length).toBeGreaterThan(2));
		expect(seen.calls).toEqual([]);
		expect(clock.longestTurnMs).toBeGreaterThan(4);
		expect(clock.longestTurnMs).toBeLessThan(5.2);
	});
});
