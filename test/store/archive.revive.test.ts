import { readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { faultRounds } from '../faults/support/rounds.ts';
import {
	base,
	lastUpdate,
	maxAgeMs,
	measure,
	problems,
	renewTree,
	useTreeAndMounts,
} from './support/archive-rig.ts';
import { killedAfter } from './support/failing-fs.ts';
import { mountSmall, unmountAll } from './support/mount.ts';
import { order, startSeconds, startStamp } from './support/tree-fixture.ts';

useTreeAndMounts();

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

	/** Kills an action after each number of changes, or after some of them in `npm test`, until it gets through. */
	function atEachMoment(
		across: boolean,
		before: () => void,
		action: () => void,
		after: (all: Map<string, string>) => void,
	): void {
		let isKilled = true;
		let changes = 0;
		for (; isKilled; changes += faultRounds(4, 1)) {
			renewTree();
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
