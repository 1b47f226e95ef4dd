/** The disk is full, read-only, or in two parts. */
import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { mountSmall, remount, unmount } from '../store/support/mount.ts';
import { Daemon, fpingOrder } from '../support/daemon.ts';
import { OutputCheck } from './support/output-check.ts';
import { faultRounds, stormTimeoutMs } from './support/rounds.ts';

/** As many as an hour has of a minute each, or so; a slot is a slot however long it is. */
const slotsOfFull = faultRounds(6, 300);

/** Small file systems below one base directory. */
class Disks {
	readonly #daemon: Daemon;
	readonly #mounted: string[] = [];

	constructor(daemon: Daemon) {
		this.#daemon = daemon;
	}

	mount(folder: string, kilobytes: number): void {
		const path = this.#daemon.path(folder);
		mountSmall(path, kilobytes);
		this.#mounted.push(path);
	}

	[Symbol.dispose](): void {
		for (const path of this.#mounted) unmount(path);
	}
}

/** Takes all the space that is left in a file system. Returns how to give it back. */
function fill(folder: string): () => void {
	const path = `${folder}/.ballast`;
	const chunk = Buffer.alloc(64 * 1024);
	for (let size = chunk.length; size >= 1; size = size >> 1) {
		try {
			for (;;) writeFileSync(path, chunk.subarray(0, size), { flag: 'a' });
		} catch (error) {
			expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
		}
	}
	expect(statfsSync(folder).bavail).toBe(0);
	return () => rmSync(path);
}

test.concurrent(
	`a disk that is full for ${slotsOfFull} slots loses the results of these slots and nothing else`,
	async () => {
		await using daemon = new Daemon();
		// Before the base directory is removed.
		using disks = new Disks(daemon);
		const check = new OutputCheck(daemon);
		disks.mount('output', 16 * 1024);
		await daemon.start();
		const ids = ['a', 'deep/er/b', 'c'];
		for (const id of ids) daemon.order(id, fpingOrder('127.0.0.1'));
		for (const id of ids) await daemon.resultOf(id);
		const makeRoom = fill(daemon.path('output'));
		await daemon.logged('no space left: free some space or inodes (ENOSPC)');
		const before = daemon.result('a');
		daemon.order('new', fpingOrder('127.0.0.1'));
		daemon.order('wrong', 'step: -1');
		rmSync(daemon.path('orders/c'));
		await daemon.until('c is archived all the same', () => daemon.exists('archive/c/main.rrd'));
		const endMs = Date.now() + slotsOfFull * 1000;
		while (Date.now() < endMs) {
			await new Promise((resolve) => setTimeout(resolve, 300));
			// Throws when one is torn.
			for (const id of ids) daemon.result(id);
		}
		expect(daemon.result('a')?.time).toBeGreaterThanOrEqual(before?.time ?? Number.NaN);
		await check.files();
		// One trouble, not one line for each slot.
		expect(daemon.output.match(/cannot write/g)?.length).toBeLessThan(5 + slotsOfFull / 30);
		const full = Math.floor(Date.now() / 1000);
		makeRoom();
		for (const id of ['a', 'deep/er/b', 'new']) {
			const { time } = await daemon.resultOf(id, (result) => result.time >= full);
			await daemon.resultOf(id, (result) => result.time > time);
		}
		expect(await daemon.errorOf('wrong')).toMatch(/step/);
		await check.files();
		expect(check.leftovers()).toEqual([]);
		expect(check.inBoth()).toEqual([]);
		await daemon.stop();
		expect(daemon.exitCode).toBe(0);
		await check.end();
	},
	stormTimeoutMs(slotsOfFull, 1500),
);

test.concurrent('a disk that becomes read-only is told, its files stay as they are, and all goes on when it is writable', async () => {
	await using daemon = new Daemon();
	// Before the base directory is removed.
	using disks = new Disks(daemon);
	const check = new OutputCheck(daemon);
	disks.mount('output', 16 * 1024);
	await daemon.start();
	for (const id of ['a', 'b']) daemon.order(id, fpingOrder('127.0.0.1'));
	await daemon.resultOf('a');
	await daemon.resultOf('b');
	remount(daemon.path('output'), 'ro');
	await daemon.logged('the file system is read-only: mount it writable (EROFS)');
	const before = daemon.result('a');
	rmSync(daemon.path('orders/b'));
	await daemon.logged('cannot archive');
	expect(daemon.result('a')).toEqual(before);
	await check.files();
	remount(daemon.path('output'), 'rw');
	await daemon.resultOf('a', ({ time }) => time > (before?.time ?? 0) + 1);
	await daemon.until(
		'b is archived',
		() => daemon.exists('archive/b/main.rrd') && !daemon.exists('output/b'),
	);
	expect(check.inBoth()).toEqual([]);
	await daemon.stop();
	await check.end();
});

test.concurrent('with orders/, output/ and archive/ each on a disk of its own, orders expire and return whole', async () => {
	await using daemon = new Daemon();
	// Before the base directory is removed.
	using disks = new Disks(daemon);
	const check = new OutputCheck(daemon);
	for (const folder of ['orders', 'output', 'archive']) disks.mount(folder, 8 * 1024);
	await daemon.start(['--max-age', '3']);
	const text = fpingOrder('127.0.0.1');
	daemon.order('app/a', text);
	const first = await daemon.resultOf('app/a');
	await daemon.until(
		'it is archived',
		() => daemon.exists('archive/app/a/order') && !daemon.exists('output/app'),
	);
	expect(daemon.read('archive/app/a/order')).toBe(text);
	expect(daemon.exists('orders/app/a')).toBe(false);
	// What is kept of its history is written now and then.
	const isResult = (name: string) => !['histograms', 'slots', 'events'].includes(name);
	expect(readdirSync(daemon.path('archive/app/a')).filter(isResult).sort()).toEqual([
		'last_facts',
		'last_result',
		'main.rrd',
		'order',
	]);
	daemon.order('app/a', text);
	await daemon.logged('revived archived order: app/a');
	await daemon.resultOf('app/a', ({ time }) => time > first.time);
	expect(check.inBoth()).toEqual([]);
	const info = execFileSync('rrdtool', [
		'fetch',
		daemon.path('output/app/a/main.rrd'),
		'AVERAGE',
		'-s',
		`${first.time - 1}`,
	]);
	expect(info.toString()).toMatch(new RegExp(`^${first.time + 1}: 0`, 'm'));
	await daemon.stop();
	await check.end();
});
