import { execFileSync } from 'node:child_process';
import {
	appendFileSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	renameSync,
	rmSync,
	symlinkSync,
	unlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Clock, systemClock } from '../../src/model/clock.ts';
import { OrdersWatcher, type OrdersWatcherOptions } from '../../src/orders/watcher.ts';
import { FakeLog } from '../support/fake-log.ts';
import { OrdersRecorder } from '../support/orders-recorder.ts';

/** So that what a test sees was not found by a later scan. */
const neverMs = 3_600_000;

let base: string;
let root: string;
let seen: OrdersRecorder;
let log: FakeLog;
let watcher: OrdersWatcher;

beforeEach(() => {
	base = mkdtempSync(join(tmpdir(), 'pingmachine-orders-'));
	root = join(base, 'orders');
	mkdirSync(root);
	seen = new OrdersRecorder();
	log = new FakeLog();
});

afterEach(() => {
	watcher.stop();
	rmSync(base, { recursive: true, force: true });
	expect(seen.faults).toEqual([]);
});

/** Starts a watcher and waits for its first scan. */
async function begun(options: Partial<OrdersWatcherOptions> = {}): Promise<void> {
	watcher = new OrdersWatcher({ root, listener: seen, log, scanIntervalMs: neverMs, ...options });
	watcher.start();
	await eventually(() => expect(seen.scans).not.toHaveLength(0));
}

/** And forgets what it reported. */
async function started(options: Partial<OrdersWatcherOptions> = {}): Promise<void> {
	await begun(options);
	seen.calls = [];
}

async function eventually(check: () => void): Promise<void> {
	await vi.waitFor(check, { timeout: 60_000, interval: 5 });
}

async function sawIds(...ids: string[]): Promise<void> {
	await eventually(() => expect(seen.ids).toEqual(ids.sort()));
}

async function sawCall(call: string): Promise<void> {
	await eventually(() => expect(seen.calls).toContain(call));
}

/** Writes a file below `orders/`, and its folders. */
function put(id: string, text = 'user: me\n'): string {
	const path = join(root, id);
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, text);
	return path;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

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
		expect(files).toEqual([{ id: 'old', path: `${root}/old`, mtimeMs: 1_600_000_000_250 }]);
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

/** Makes the recorder need time for each file, `ms` of the processor's, and do something besides. */
function takeTime(ms: number, besides: () => void): void {
	const plain = { changed: seen.changed.bind(seen), removed: seen.removed.bind(seen) };
	const spend = (): void => {
		besides();
		const endMs = performance.now() + ms;
		while (performance.now() < endMs);
	};
	seen.changed = (file) => {
		plain.changed(file);
		spend();
	};
	seen.removed = (id) => {
		plain.removed(id);
		spend();
	};
}

const silent = { changed() {}, removed() {}, scanned() {} };

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
		watcher = new OrdersWatcher({ root, listener: seen, log, scanIntervalMs: neverMs });
		watcher.start();
		// It was looked at, and is listed in the next turn of the event loop.
		renameSync(root, join(base, 'away'));
		await eventually(() => expect(seen.scans).toHaveLength(1));
		renameSync(join(base, 'away'), root);
		put('order');
		await sawIds('order');
	});

	it('may vanish with the folder that holds it', async () => {
		root = join(base, 'var/orders');
		put('order');
		await started();
		rmSync(join(base, 'var'), { recursive: true });
		await sawIds();
		put('order');
		await sawIds('order');
	});
});

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
		watcher = new OrdersWatcher({
			root,
			log,
			listener: {
				...silent,
				changed: (file) => {
					seen.changed(file);
					if (seen.files.size === 100) watcher.stop();
				},
			},
		});
		watcher.start();
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
