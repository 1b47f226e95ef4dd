import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { onBusyMachine } from '../support/busy.ts';
import { compileWatcher, OrdersChild, type OrdersChildOptions } from '../support/orders-child.ts';

const neverMs = 3_600_000;

let compiled: ReturnType<typeof compileWatcher>;
let base: string;
let root: string;
let child: OrdersChild;

beforeAll(() => {
	compiled = compileWatcher();
});

afterAll(() => compiled.remove());

beforeEach(() => {
	base = mkdtempSync(join(tmpdir(), 'pingmachine-orders-'));
	chmodSync(base, 0o755);
	root = join(base, 'orders');
	mkdirSync(root);
});

afterEach(async () => {
	expect(await child.stop()).toBe(0);
	expect(child.seen.faults).toEqual([]);
	rmSync(base, { recursive: true, force: true });
});

async function started(options: Partial<OrdersChildOptions>): Promise<void> {
	child = new OrdersChild({ module: compiled.module, root, scanIntervalMs: neverMs, ...options });
	await eventually(() => expect(child.seen.scans).not.toHaveLength(0));
}

async function eventually(check: () => void): Promise<void> {
	await vi.waitFor(check, { timeout: 60_000, interval: 10 });
}

async function sawIds(...ids: string[]): Promise<void> {
	await eventually(() => expect(child.seen.ids).toEqual(ids.sort()));
}

function put(id: string): string {
	const path = join(root, id);
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, 'user: me\n');
	return path;
}

describe('without the right to read', () => {
	const unprivileged = true;

	it('a folder is said once, retried, and found when it can be read', async () => {
		put('open/1');
		put('closed/2');
		put('closed/sub/3');
		chmodSync(join(root, 'closed'), 0);
		await started({ unprivileged, scanIntervalMs: 20 });
		expect(child.seen.ids).toEqual(['open/1']);
		expect(child.seen.scans[0]).toMatchObject({ first: true, complete: false, files: 1 });
		await eventually(() => expect(child.seen.scans.length).toBeGreaterThan(5));
		expect(child.log).toEqual([
			`warn: cannot read order folder ${root}/closed (EACCES), the orders known below it are kept; ` +
				`make it readable for the user pingmachine runs as: chmod a+rx '${root}/closed'`,
		]);
		chmodSync(join(root, 'closed'), 0o755);
		await sawIds('closed/2', 'closed/sub/3', 'open/1');
		await eventually(() => expect(child.log[1]).toBe(`info: order folder ${root}/closed can be read again`));
		await eventually(() => expect(child.seen.scans.at(-1)?.complete).toBe(true));
	});

	it.each([0o000, 0o444, 0o111])('a folder with mode %o keeps what is known below it', async (mode) => {
		for (const id of ['app/1', 'app/2', 'app/sub/3', 'app/sub/4']) put(id);
		await started({ unprivileged, scanIntervalMs: 100 });
		chmodSync(join(root, 'app'), mode);
		put('app/5');
		await eventually(() => expect(child.seen.scans.at(-1)?.complete).toBe(false));
		const scans = child.seen.scans.length;
		await eventually(() => expect(child.seen.scans.length).toBeGreaterThan(scans + 2));
		for (const id of ['app/1', 'app/2', 'app/sub/3', 'app/sub/4']) expect(child.seen.ids).toContain(id);
		unlinkSync(join(root, 'app/1'));
		put('app/sub/6');
		chmodSync(join(root, 'app'), 0o755);
		await sawIds('app/2', 'app/5', 'app/sub/3', 'app/sub/4', 'app/sub/6');
		await eventually(() => expect(child.log.at(-1)).toMatch(/can be read again$/));
	});

	it('a folder is found by its change of mode alone, without a scan in turn', async () => {
		put('app/sub/1');
		chmodSync(join(root, 'app'), 0);
		await started({ unprivileged });
		expect(child.seen.ids).toEqual([]);
		chmodSync(join(root, 'app'), 0o755);
		await sawIds('app/sub/1');
	});

	it('orders/ itself is found by its change of mode, at the start and later on', onBusyMachine, async () => {
		put('app/1');
		chmodSync(root, 0);
		await started({ unprivileged });
		expect(child.seen.scans[0]).toMatchObject({ complete: false, files: 0 });
		chmodSync(root, 0o755);
		await sawIds('app/1');
		// Not while app/ is still looked through, which would be in trouble, too.
		await eventually(() => expect(child.log).toHaveLength(2));
		chmodSync(root, 0);
		await eventually(() =>
			expect(child.log.at(-1)).toMatch(/^warn: cannot read order folder .*\/orders \(EACCES\)/),
		);
		put('app/2');
		put('3');
		chmodSync(root, 0o755);
		await sawIds('3', 'app/1', 'app/2');
		// One line at each change; the last comes when all of the folder has been seen.
		await eventually(() => expect(child.log).toHaveLength(4));
	});

	it('orders/ itself is kept, and looked through once it can be reached again', async () => {
		put('app/1');
		await started({ unprivileged });
		chmodSync(base, 0o700);
		await eventually(() => expect(child.log).toHaveLength(1));
		expect(child.log[0]).toMatch(
			/^warn: cannot read order folder .* \(EACCES\), the orders known below it are kept/,
		);
		put('app/2');
		await eventually(() => expect(child.log).toHaveLength(2));
		expect(child.seen.ids).toEqual(['app/1']);
		chmodSync(base, 0o755);
		await sawIds('app/1', 'app/2');
	});

	it('a file is reported, for its reader to say what is wrong', async () => {
		chmodSync(put('secret'), 0);
		mkdirSync(join(base, 'private'));
		writeFileSync(join(base, 'private/order'), '');
		chmodSync(join(base, 'private'), 0);
		symlinkSync('../private/order', join(root, 'link'));
		await started({ unprivileged });
		expect(child.seen.ids).toEqual(['link', 'secret']);
		child.seen.calls = [];
		chmodSync(join(root, 'secret'), 0o644);
		chmodSync(join(base, 'private'), 0o755);
		await eventually(() => expect(child.seen.calls.sort()).toEqual(['changed link', 'changed secret']));
	});
});

describe('at the limits of inotify', () => {
	const folders = ['a', 'b', 'c', 'd', 'e', 'f'];

	it('scans while there are too few watches, says so once, and recovers', async () => {
		for (const folder of folders) put(`${folder}/1`);
		await started({ limits: { max_inotify_watches: 3 } });
		expect(child.seen.files.size).toBe(6);
		expect(child.watches).toBe(3);
		// Every half second, and no more often.
		const [before, begunMs] = [child.seen.scans.length, performance.now()];
		await new Promise((resolve) => setTimeout(resolve, 1_100));
		const most = 1 + Math.ceil((performance.now() - begunMs) / 500);
		expect(child.seen.scans.length - before).toBeLessThanOrEqual(most);
		for (const folder of folders) put(`${folder}/2`);
		put('g/new');
		await eventually(() => expect(child.seen.files.size).toBe(13));
		for (const folder of folders) unlinkSync(join(root, folder, '1'));
		rmSync(join(root, 'g'), { recursive: true });
		await sawIds('a/2', 'b/2', 'c/2', 'd/2', 'e/2', 'f/2');
		expect(child.log).toEqual([
			'warn: 4 of 7 order folders are not watched (ENOSPC); scanning all orders every 0.5 s instead. ' +
				'Raise the limit: sysctl fs.inotify.max_user_watches=1048576',
		]);
		await child.setLimits({ max_inotify_watches: 100 });
		await eventually(() => expect(child.watches).toBe(7));
		expect(child.log[1]).toBe('info: all 7 order folders are watched again');
		// From here on, nothing but inotify can tell.
		const scans = child.seen.scans.length;
		put('f/3');
		await sawIds('a/2', 'b/2', 'c/2', 'd/2', 'e/2', 'f/2', 'f/3');
		expect(child.seen.scans).toHaveLength(scans);
	});

	it('scans when the limit is reached later on', async () => {
		put('a/1');
		await started({ limits: { max_inotify_watches: 3 } });
		for (const folder of folders) put(`${folder}/deep/2`);
		await eventually(() => expect(child.seen.files.size).toBe(7));
		for (const folder of folders) put(`${folder}/deep/3`);
		await eventually(() => expect(child.seen.files.size).toBe(13));
		await eventually(() => expect(child.log).toHaveLength(1));
		expect(child.log[0]).toMatch(/^warn: \d+ of \d+ order folders are not watched \(ENOSPC\)/);
	});

	it('scans when there is no inotify at all', async () => {
		put('a/1');
		await started({ limits: { max_inotify_instances: 0 } });
		expect(child.watches).toBe(0);
		put('a/2');
		put('b/3');
		await sawIds('a/1', 'a/2', 'b/3');
		expect(child.log).toEqual([
			'warn: 2 of 2 order folders are not watched (EMFILE); scanning all orders every 0.5 s instead. ' +
				'Raise the limits: sysctl fs.inotify.max_user_instances=1024, and LimitNOFILE= of the service',
		]);
		await child.setLimits({ max_inotify_instances: 10 });
		await eventually(() => expect(child.watches).toBe(3));
	});
});

it('without files to open, folders are tried again soon', async () => {
	put('app/1');
	await started({ openFiles: 100 });
	await child.hoardFiles(true);
	put('app/new/2');
	await eventually(() => expect(child.log).toHaveLength(1));
	expect(child.log[0]).toMatch(
		/cannot read order folder .*\/app\/new \(EMFILE\).*; too many open files: raise LimitNOFILE=/,
	);
	await child.hoardFiles(false);
	await sawIds('app/1', 'app/new/2');
	await eventually(() => expect(child.log[1]).toMatch(/app\/new can be read again$/));
});
