import { execFileSync } from 'node:child_process';
import {
	existsSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { justBefore, killedAfter } from './support/failing-fs.ts';
import { mountSmall, unmountAll } from './support/mount.ts';
import { order, startSeconds, startStamp, TreeFixture } from './support/tree-fixture.ts';

const maxAgeMs = 3_600_000;

let base: TreeFixture;
beforeEach(() => {
	base = new TreeFixture();
});
afterEach(() => {
	unmountAll();
	base.remove();
});

/** Enrols orders and records one measurement of each. */
function measure(...ids: string[]): void {
	for (const id of ids) {
		base.enrol(order(id));
		base.record(order(id), startSeconds, [0.5, 0.25]);
	}
}

function lastUpdate(rrd: string): number {
	return Number(execFileSync('rrdtool', ['last', base.path(rrd)], { encoding: 'utf8' }));
}

function problems(): string[] {
	return base.toldOf('problem');
}

describe('archive', () => {
	it('moves the folder, without its error file, and removes empty ones above it', () => {
		measure('office/floor/router');
		base.tree.fail(['office/floor/router'], 'no fping', 'no_program', startSeconds);
		const before = readFileSync(base.path('output/office/floor/router/main.rrd'));
		base.tree.archive('office/floor/router');
		expect(base.list('output')).toEqual([]);
		expect(base.list('archive/office/floor/router')).toEqual(['last_result', 'main.rrd']);
		expect(readFileSync(base.path('archive/office/floor/router/main.rrd')).equals(before)).toBe(true);
		expect(base.toldOf('archived')).toEqual(['office/floor/router']);
		expect(problems()).toEqual([]);
	});

	it('leaves nothing of an order that was only ever rejected', () => {
		base.tree.reject('a/b', 'no');
		base.tree.archive('a/b');
		expect(base.list('output')).toEqual([]);
		expect(base.list('archive')).toEqual([]);
	});

	it('of an order that nobody knows does nothing', () => {
		base.tree.archive('a/b');
		expect(base.toldOf('archived')).toEqual(['a/b']);
		expect(base.list('')).toEqual(['archive/', 'orders/', 'output/']);
	});

	it('takes what else the user put there along', () => {
		measure('a');
		base.write('output/a/notes.txt', 'mine');
		symlinkSync('/dev/null', base.path('output/a/link'));
		base.tree.archive('a');
		expect(base.list('archive/a')).toEqual(['last_result', 'link', 'main.rrd', 'notes.txt']);
		expect(lstatSync(base.path('archive/a/link')).isSymbolicLink()).toBe(true);
	});

	it('moves only its own files where its id is the beginning of others', () => {
		measure('app1', 'app1/target1', 'app1/target1/deep', 'app1/target2');
		base.tree.archive('app1');
		expect(base.list('archive')).toEqual(['app1/', 'app1/last_result', 'app1/main.rrd']);
		base.tree.archive('app1/target1');
		expect(base.list('output').filter((path) => path.endsWith('main.rrd'))).toEqual([
			'app1/target1/deep/main.rrd',
			'app1/target2/main.rrd',
		]);
		base.tree.archive('app1/target2');
		base.tree.archive('app1/target1/deep');
		expect(base.list('output')).toEqual([]);
		expect(base.list('archive').filter((path) => path.endsWith('last_result'))).toEqual([
			'app1/last_result',
			'app1/target1/deep/last_result',
			'app1/target1/last_result',
			'app1/target2/last_result',
		]);
	});

	it('sets leftovers aside, and overwrites nothing', () => {
		measure('a');
		base.write('archive/a/main.rrd', 'older');
		base.write(`archive/a/main.${startStamp}.rrd`, 'oldest');
		base.write('archive/a/last_result', 'time: 1');
		base.write('archive/a/notes', 'mine');
		base.tree.archive('a');
		expect(base.list('output')).toEqual([]);
		expect(base.list('archive/a')).toEqual([
			'last_result',
			`last_result.${startStamp}`,
			`main.${startStamp}.2.rrd`,
			`main.${startStamp}.rrd`,
			'main.rrd',
			'notes',
		]);
		expect(base.read(`archive/a/main.${startStamp}.2.rrd`)).toBe('older');
		expect(base.read(`archive/a/main.${startStamp}.rrd`)).toBe('oldest');
		expect(base.read(`archive/a/last_result.${startStamp}`)).toBe('time: 1');
		expect(lastUpdate('archive/a/main.rrd')).toBe(startSeconds + 60);
	});

	it('leaves the folder of another order alone though it has the name of a file', () => {
		measure('a');
		base.write('archive/a/last_result/main.rrd', 'of a/last_result');
		base.tree.archive('a');
		expect(base.list('archive/a')).toEqual([
			`last_result.${startStamp}`,
			'last_result/',
			'last_result/main.rrd',
			'main.rrd',
		]);
	});

	it('does not write through a symbolic link in archive', () => {
		measure('a');
		mkdirSync(base.path('elsewhere'));
		symlinkSync(base.path('elsewhere'), base.path('archive/a'));
		base.tree.archive('a');
		base.tree.archive('a');
		expect(base.list('elsewhere')).toEqual([]);
		expect(base.list('output/a')).toEqual(['last_result', 'main.rrd']);
		expect(base.toldOf('archived')).toEqual([]);
		expect(problems()[0]).toMatch(/cannot archive .*output\/a: /);
		rmSync(base.path('archive/a'));
		base.tree.retry();
		expect(base.list('archive/a')).toEqual(['last_result', 'main.rrd']);
		expect(base.toldOf('archived')).toEqual(['a']);
		base.tree.retry();
		expect(base.toldOf('archived')).toEqual(['a']);
	});

	it('is not tried again when the order has come back meanwhile', () => {
		measure('a');
		base.write('archive/a', 'in the way');
		base.tree.archive('a');
		expect(problems()).toHaveLength(1);
		base.enrol(order('a'));
		rmSync(base.path('archive/a'));
		base.tree.retry();
		base.record(order('a'), startSeconds + 60, [0.5, 0.5]);
		expect(base.list('output/a')).toEqual(['last_result', 'main.rrd']);
		expect(base.list('archive')).toEqual([]);
	});

	it('works across file systems', () => {
		mountSmall(base.path('archive'), 4096);
		measure('a', 'a/b');
		symlinkSync('main.rrd', base.path('output/a/link'));
		utimesSync(base.path('output/a/last_result'), 1000, 1000);
		const before = readFileSync(base.path('output/a/main.rrd'));
		base.write('archive/a/main.rrd', 'older');
		base.tree.archive('a');
		expect(base.list('archive/a')).toEqual(['last_result', 'link', `main.${startStamp}.rrd`, 'main.rrd']);
		expect(base.list('output')).toEqual(['a/', 'a/b/', 'a/b/last_result', 'a/b/main.rrd']);
		expect(readFileSync(base.path('archive/a/main.rrd')).equals(before)).toBe(true);
		expect(statSync(base.path('archive/a/last_result')).mtimeMs).toBe(1000_000);
		base.enrol(order('a'));
		expect(base.list('output/a')).toEqual([
			'b/',
			'b/last_result',
			'b/main.rrd',
			'last_result',
			'link',
			`main.${startStamp}.rrd`,
			'main.rrd',
		]);
		expect(base.list('archive')).toEqual([]);
		expect(problems()).toEqual([]);
	});

	it('keeps everything where it is when the other file system is full, and goes on when it is not', () => {
		mountSmall(base.path('archive'), 64);
		measure('a');
		base.tree.archive('a');
		expect(base.list('output/a')).toContain('main.rrd');
		expect(base.list('archive').filter((path) => path.includes('/.'))).toEqual([]);
		expect(problems()[0]).toMatch(/cannot archive .*no space left/);
		execFileSync('mount', ['-o', 'remount,size=4m', base.path('archive')]);
		base.tree.retry();
		expect(base.list('archive/a')).toEqual(['last_result', 'main.rrd']);
		expect(base.list('output')).toEqual([]);
	});
});

describe('revive', () => {
	it('brings everything back, and main.rrd goes on', () => {
		measure('x/a');
		base.write('output/x/a/notes', 'mine');
		base.tree.archive('x/a');
		base.nowMs += 120_000;
		base.enrol(order('x/a'));
		expect(base.toldOf('revived')).toEqual(['x/a']);
		expect(base.told.at(-1)).toBe(`enrolled: x/a ${startSeconds}`);
		base.record(order('x/a'), startSeconds + 120, [0.5, 0.5]);
		expect(base.list('output/x/a')).toEqual(['last_result', 'main.rrd', 'notes']);
		expect(base.list('archive')).toEqual([]);
		expect(lastUpdate('output/x/a/main.rrd')).toBe(startSeconds + 180);
	});

	it('keeps the archived main.rrd under a dated name when the order has changed', () => {
		measure('a');
		base.tree.archive('a');
		base.enrol(order('a', { pings: 9 }));
		expect(base.list('output/a')).toEqual(['last_result', `main.${startStamp}.rrd`, 'main.rrd']);
		expect(lastUpdate(`output/a/main.${startStamp}.rrd`)).toBe(startSeconds + 60);
	});

	it('moves only its own files where its id is the beginning of others', () => {
		measure('app1', 'app1/target1');
		base.tree.archive('app1');
		base.tree.archive('app1/target1');
		base.enrol(order('app1'));
		expect(base.list('output')).toEqual(['app1/', 'app1/last_result', 'app1/main.rrd']);
		expect(base.list('archive')).toEqual([
			'app1/',
			'app1/target1/',
			'app1/target1/last_result',
			'app1/target1/main.rrd',
		]);
		base.enrol(order('app1/target1'));
		expect(base.list('archive')).toEqual([]);
		expect(base.toldOf('revived')).toEqual(['app1', 'app1/target1']);
	});

	it('does not revive what is only the beginning of an id, and revives nothing twice', () => {
		measure('app1/target1');
		base.tree.archive('app1/target1');
		base.enrol(order('app1'));
		base.enrol(order('app1'));
		expect(base.toldOf('revived')).toEqual([]);
		expect(base.list('archive/app1')).toEqual(['target1/', 'target1/last_result', 'target1/main.rrd']);
	});

	it('lets a leftover in output make room', () => {
		measure('a');
		base.tree.archive('a');
		base.write('output/a/main.rrd', 'leftover');
		base.write('output/a/last_result', 'time: 1');
		base.touch('output/a/last_result', 1_000_000_000);
		base.enrol(order('a'));
		expect(base.list('output/a')).toEqual([
			'last_result',
			`last_result.${startStamp}`,
			`main.${startStamp}.rrd`,
			'main.rrd',
		]);
		expect(base.read(`output/a/main.${startStamp}.rrd`)).toBe('leftover');
		expect(base.read(`output/a/last_result.${startStamp}`)).toBe('time: 1');
		expect(lastUpdate('output/a/main.rrd')).toBe(startSeconds + 60);
		expect(base.list('archive')).toEqual([]);
		expect(problems()).toEqual([]);
	});

	it('goes on with the main.rrd that is measured into when an older one lies in archive', () => {
		measure('a');
		base.tree.archive('a');
		renameSync(base.path('archive/a'), base.path('older'));
		base.enrol(order('a'));
		base.record(order('a'), startSeconds + 600, [0.1, 0.2]);
		renameSync(base.path('older'), base.path('archive/a'));
		base.touch('archive/a/last_result', 1_000_000_000);
		base.restart();
		base.enrol(order('a'));
		expect(lastUpdate('output/a/main.rrd')).toBe(startSeconds + 660);
		expect(lastUpdate(`output/a/main.${startStamp}.rrd`)).toBe(startSeconds + 60);
		expect(base.read('output/a/last_result')).toContain(`time: ${startSeconds + 600}`);
		expect(base.list('archive')).toEqual([]);
	});

	it('does not touch what is behind a symbolic link in archive', () => {
		base.write('elsewhere/main.rrd', 'mine');
		symlinkSync(base.path('elsewhere'), base.path('archive/a'));
		measure('a');
		expect(base.list('elsewhere')).toEqual(['main.rrd']);
		expect(base.list('output/a')).toEqual(['last_result', 'main.rrd']);
		expect(problems()[0]).toMatch(/cannot bring back .*archive\/a is a symbolic link/);
		rmSync(base.path('archive/a'));
		base.tree.retry();
		base.tree.retry();
		expect(problems()).toHaveLength(1);
	});
});

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

describe('keepOnly', () => {
	it('archives what has no order any more, and nothing else', () => {
		measure('gone', 'gone/too', 'stays', 'stays/gone', 'deep/er/gone');
		base.write('output/README', 'mine');
		base.write('output/notes/of-mine.txt', 'mine');
		mkdirSync(base.path('output/empty/folder'), { recursive: true });
		base.write('output/only-error/error', 'time: 1\n');
		base.write('output/old/main.20250101T000000Z.rrd', 'rrd');
		base.restart();
		base.enrol(order('stays'));
		base.tree.reject('rejected', 'no');
		base.tree.keepOnly(['not-yet-enrolled']);
		expect(base.list('output')).toEqual([
			'README',
			'notes/',
			'notes/of-mine.txt',
			'rejected/',
			'rejected/error',
			'stays/',
			'stays/last_result',
			'stays/main.rrd',
		]);
		expect(base.list('archive').filter((path) => !path.endsWith('/'))).toEqual([
			'deep/er/gone/last_result',
			'deep/er/gone/main.rrd',
			'gone/last_result',
			'gone/main.rrd',
			'gone/too/last_result',
			'gone/too/main.rrd',
			'old/main.20250101T000000Z.rrd',
			'stays/gone/last_result',
			'stays/gone/main.rrd',
		]);
		expect(problems()).toEqual([]);
	});

	it('keeps those whose files were found though they are not enrolled yet', () => {
		measure('a', 'b/c');
		base.restart();
		base.tree.keepOnly(['a', 'b/c']);
		expect(base.list('archive')).toEqual([]);
		base.enrol(order('a'));
		expect(base.told).toEqual([`enrolled: a ${startSeconds}`]);
	});

	it('does not follow links', () => {
		measure('a');
		mkdirSync(base.path('elsewhere'));
		renameSync(base.path('output/a'), base.path('elsewhere/a'));
		symlinkSync(base.path('elsewhere'), base.path('output/link'));
		base.restart();
		base.tree.keepOnly([]);
		expect(base.list('elsewhere')).toEqual(['a/', 'a/last_result', 'a/main.rrd']);
	});
});

describe('killed in the middle', () => {
	const ids = ['app1', 'app1/target1', 'single'];

	/** Contents by path below output/ and archive/, but for dated names and temporary files. */
	function everything(): Map<string, string> {
		const found = new Map<string, string>();
		for (const root of ['output', 'archive']) {
			for (const path of base.list(root)) {
				if (!path.endsWith('/'))
					found.set(`${root}/${path}`, readFileSync(base.path(`${root}/${path}`), 'latin1'));
			}
		}
		return found;
	}

	function prepare(across: boolean): Map<string, string> {
		if (across) for (const root of ['output', 'archive']) mountSmall(base.path(root), 8192);
		measure(...ids);
		for (const id of ids) base.write(`output/${id}/main.20250101T000000Z.rrd`, `old RRD of ${id}`);
		for (const id of ids) base.write(`output/${id}/notes`, `notes on ${id}`);
		return everything();
	}

	/** Kills an action after each number of changes, until it gets through. */
	function atEachMoment(
		across: boolean,
		before: () => void,
		action: () => void,
		after: (all: Map<string, string>) => void,
	): void {
		let isKilled = true;
		let changes = 0;
		for (; isKilled; changes++) {
			base.remove();
			base = new TreeFixture();
			const all = prepare(across);
			before();
			isKilled = killedAfter(changes, action);
			base.restart();
			after(all);
			expect(problems()).toEqual([]);
			unmountAll();
		}
		expect(changes).toBeGreaterThan(3);
	}

	function movedTo(root: string, all: Map<string, string>): Map<string, string> {
		return new Map([...all].map(([path, text]) => [path.replace(/^[^/]*/, root), text]));
	}

	/** An order that is on both sides of a crash may have one file twice; never is one missing. */
	function expectAll(all: Map<string, string>): void {
		const found = everything();
		for (const [path, text] of all) expect(found.get(path), path).toBe(text);
		expect([...found.keys()].sort()).toEqual([...all.keys()].sort());
	}

	describe.each([false, true])('across file systems: %s', (across) => {
		it('of an archiving: the next start finishes it', () => {
			atEachMoment(
				across,
				() => {},
				() => {
					for (const id of ids) base.tree.archive(id);
				},
				(all) => {
					base.tree.keepOnly([]);
					expectAll(movedTo('archive', all));
				},
			);
		});

		it('of an archiving: an order that comes back gets all its files', () => {
			atEachMoment(
				across,
				() => {},
				() => {
					for (const id of ids) base.tree.archive(id);
				},
				(all) => {
					for (const id of ids) base.enrol(order(id));
					expectAll(all);
				},
			);
		});

		it('of a revival: the next start finishes it, or archives all again', () => {
			for (const isGone of [false, true]) {
				atEachMoment(
					across,
					() => {
						for (const id of ids) base.tree.archive(id);
						base.restart();
					},
					() => {
						for (const id of ids) base.enrol(order(id));
					},
					(all) => {
						if (isGone) base.tree.keepOnly([]);
						else for (const id of ids) base.enrol(order(id));
						expectAll(isGone ? movedTo('archive', all) : all);
					},
				);
			}
		});

		it('of an expiry: the order is either still there or archived with its text', () => {
			atEachMoment(
				across,
				() => {
					for (const id of ['single', 'nested']) base.writeOrder(id, `text of ${id}`, 7208);
					base.write('output/nested/order', 'older text');
				},
				() => {
					for (const id of ['single', 'nested']) base.tree.expire(id, base.path(`orders/${id}`), maxAgeMs);
				},
				() => {
					for (const id of readdirSync(base.path('orders'))) {
						base.tree.expire(id, base.path(`orders/${id}`), maxAgeMs);
					}
					base.tree.keepOnly(['app1', 'app1/target1']);
					expect(base.list('orders')).toEqual([]);
					expect(base.read('archive/single/order')).toBe('text of single');
					expect(base.read('archive/nested/order')).toBe('text of nested');
					expect(base.list('archive/nested').map((name) => base.read(`archive/nested/${name}`))).toContain(
						'older text',
					);
					expect(base.list('output').filter((path) => !path.startsWith('app1'))).toEqual([]);
					expect(base.list('archive/single')).toEqual([
						'last_result',
						'main.20250101T000000Z.rrd',
						'main.rrd',
						'notes',
						'order',
					]);
				},
			);
		});
	});
});
