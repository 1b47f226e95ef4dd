/** Links in orders/: what the daemon finds, and what it refuses. */
import {
	mkdirSync,
	mkdtempSync,
	realpathSync,
	renameSync,
	rmSync,
	symlinkSync,
	unlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { builtInProbes } from '../../probes/index.ts';
import { isOrderFor } from '../../src/orders/is-order.ts';
import { listOrderFiles } from '../../src/orders/list-orders.ts';
import { OrdersWatcher } from '../../src/orders/watcher.ts';
import { FakeLog } from '../support/fake-log.ts';
import { OrdersRecorder } from '../support/orders-recorder.ts';
import { rightOrder } from '../support/random-orders.ts';

let base: string;
let root: string;
let watcher: OrdersWatcher | null = null;
let seen: OrdersRecorder;

beforeEach(() => {
	base = realpathSync(mkdtempSync(join(tmpdir(), 'pingmachine-links-')));
	root = join(base, 'orders');
	mkdirSync(root);
	seen = new OrdersRecorder();
});
afterEach(() => {
	watcher?.stop();
	watcher = null;
	expect(seen.faults).toEqual([]);
	rmSync(base, { recursive: true });
});

function put(path: string, text = rightOrder): void {
	mkdirSync(join(base, path, '..'), { recursive: true });
	writeFileSync(join(base, path), text);
}

function link(path: string, to: string): void {
	mkdirSync(join(base, path, '..'), { recursive: true });
	symlinkSync(join(base, to), join(base, path));
}

/** Wrong orders in a folder. */
function fill(folder: string, count: number, prefix = ''): void {
	for (let index = 0; index < count; index++) put(`${folder}/${prefix}${index}`, 'no order');
}

const isOrder = isOrderFor(builtInProbes);

/** What is found, and for what is refused the path that counts, or what else is wrong. */
function listed(): Record<string, string | null> {
	const { files } = listOrderFiles(root, isOrder);
	return Object.fromEntries(
		files.map(({ id, refusal }) => [id, refusal === undefined ? null : brief(refusal)]),
	);
}

function brief(refusal: string): string {
	return /found as (.*) already, which counts\. Remove the link$/.exec(refusal)?.[1] ?? refusal;
}

async function watch(): Promise<void> {
	watcher = new OrdersWatcher({
		root,
		listener: seen,
		log: new FakeLog(),
		isOrder,
		scanIntervalMs: 3_600_000,
	});
	watcher.start();
	await eventually(() => expect(seen.scans).toHaveLength(1));
}

async function eventually(check: () => void): Promise<void> {
	await vi.waitFor(check, { timeout: 20_000, interval: 20 });
}

describe('a real folder is visited once', () => {
	it('by its own path, whatever the links are called', () => {
		put('orders/real/order');
		link('orders/a', 'orders/real');
		link('orders/sub/b', 'orders/real');
		expect(listed()).toEqual({ 'real/order': null, a: 'real', 'sub/b': 'real' });
	});

	it('else by the link that is first by name, at whatever depth', () => {
		put('outside/order');
		link('orders/z', 'outside');
		link('orders/b/c/d', 'outside');
		link('orders/y', 'outside');
		expect(listed()).toEqual({ 'b/c/d/order': null, y: 'b/c/d', z: 'b/c/d' });
	});

	it('also when a link leads into what another leads to', () => {
		put('outside/in/order');
		put('outside/other');
		link('orders/b', 'outside');
		link('orders/a', 'outside/in');
		link('orders/c', 'outside/in');
		expect(listed()).toEqual({ 'a/order': null, 'b/in': 'a', 'b/other': null, c: 'a' });
	});

	it('and rather by one link than through two', () => {
		put('outside/order');
		put('other/file');
		link('other/a', 'outside');
		link('orders/a', 'other');
		link('orders/b', 'outside');
		expect(listed()).toEqual({ 'a/a': 'b', 'a/file': null, 'b/order': null });
	});

	it('but a hidden folder below orders/ has no path of its own', () => {
		put('orders/.releases/5/order');
		link('orders/current', 'orders/.releases/5');
		expect(listed()).toEqual({ 'current/order': null });
	});

	it('ten folders with ninety links to each other are ten folders', async () => {
		const names = Array.from({ length: 10 }, (_, index) => `f${index}`);
		for (const name of names) {
			put(`orders/${name}/order`);
			for (const other of names) if (other !== name) link(`orders/${name}/${other}`, `orders/${other}`);
		}
		await watch();
		expect(seen.ids).toEqual(names.map((name) => `${name}/order`));
		expect(seen.refused.size).toBe(90);
		for (const [id, refusal] of seen.refused) expect(brief(refusal)).toBe(id.split('/')[1]);
		expect(Object.keys(listed())).toHaveLength(100);
	});

	it('and so they are elsewhere, behind one link', async () => {
		const names = Array.from({ length: 10 }, (_, index) => `f${index}`);
		for (const name of names) {
			put(`outside/${name}/order`);
			for (const other of names) if (other !== name) link(`outside/${name}/${other}`, `outside/${other}`);
		}
		link('orders/l', 'outside');
		await watch();
		expect(seen.ids).toEqual(names.map((name) => `l/${name}/order`));
		expect(seen.refused.size).toBe(90);
	});

	it('when the path that counts goes, the next one counts', async () => {
		put('outside/order');
		for (const name of ['a', 'b', 'c']) link(`orders/${name}`, 'outside');
		await watch();
		expect(seen.ids).toEqual(['a/order']);
		unlinkSync(join(root, 'a'));
		await eventually(() => expect(seen.ids).toEqual(['b/order']));
		await eventually(() => expect(brief(seen.refused.get('c') ?? '')).toBe('b'));
		expect(seen.refused.has('b')).toBe(false);
		// And one that comes before it takes its place.
		link('orders/a', 'outside');
		await eventually(() => expect(seen.ids).toEqual(['a/order']));
		await eventually(() => expect(brief(seen.refused.get('b') ?? '')).toBe('a'));
	});

	it('a folder that is renamed is no folder found twice', async () => {
		put('orders/b/order');
		await watch();
		for (const [from, to] of [
			['b', 'a'],
			['a', 'c'],
			['c', 'b'],
		] as const) {
			renameSync(join(root, from), join(root, to));
			await eventually(() => expect(seen.ids).toEqual([`${to}/order`]));
		}
		expect(seen.calls.filter((call) => call.startsWith('refused'))).toEqual([]);
	});
});

describe('a link to a folder that is no folder of orders', () => {
	it('is refused itself, and that is all that is told', async () => {
		fill('share/docs', 700);
		fill('share/more/deep', 700);
		put('share/order');
		put('orders/right');
		link('orders/share', 'share');
		await watch();
		expect(seen.calls.sort()).toEqual(['changed right', 'refused share']);
		expect(seen.refused.get('share')).toMatch(/^more than 1000 files behind this link are no orders\./);
		expect(listed()).toEqual({ right: null, share: expect.stringContaining('more than 1000 files') });
	});

	it('is followed as long as there are a thousand', async () => {
		fill('share', 1000);
		for (let index = 0; index < 50; index++) put(`share/right${index}`);
		link('orders/share', 'share');
		await watch();
		expect(seen.files.size).toBe(1050);
		expect(Object.keys(listed())).toHaveLength(1050);
		// One more, and all of it goes.
		put('share/last', 'no order');
		put('share/right0', 'no order any more');
		watcher?.stop();
		expect(listed()).toEqual({ share: expect.stringContaining('more than 1000 files') });
	});

	it('is refused when there come to be too many', async () => {
		fill('share', 990);
		link('orders/share', 'share');
		await watch();
		expect(seen.files.size).toBe(990);
		fill('share/more', 20);
		await eventually(() => expect([...seen.refused.keys()]).toEqual(['share']));
		await eventually(() => expect(seen.files.size).toBe(0));
	});

	it('keeps others from what it leads to, and is followed when it is made anew', async () => {
		fill('share', 1001);
		put('outside/order');
		link('orders/a', 'share');
		link('orders/b', 'share');
		await watch();
		expect(seen.refused.get('a')).toContain('more than 1000 files');
		expect(brief(seen.refused.get('b') ?? '')).toBe('a');
		expect(seen.files.size).toBe(0);
		link('orders/.new', 'outside');
		renameSync(join(root, '.new'), join(root, 'a'));
		await eventually(() => expect(seen.ids).toEqual(['a/order']));
		await eventually(() => expect(seen.refused.get('b')).toContain('more than 1000 files'));
	});

	it('counts what is behind a link in it for that one', () => {
		fill('share', 600);
		fill('other', 600);
		link('share/other', 'other');
		link('orders/share', 'share');
		expect(Object.keys(listed())).toHaveLength(1200);
		fill('other', 500, 'more');
		expect(Object.keys(listed())).toHaveLength(601);
	});

	it('names of ours are rejected there too', () => {
		for (let index = 0; index <= 1000; index++) put(`share/@${index}`);
		link('orders/share', 'share');
		expect(Object.keys(listed())).toEqual(['share']);
	});
});

describe('the first scan', () => {
	it('lets nobody wait for the tree of somebody else', async () => {
		for (let index = 0; index < 1500; index++) put(`orders/a-huge/${index % 7}/${index}`);
		fill('share', 900);
		link('orders/b-link', 'share');
		for (const name of ['m', 'z']) put(`orders/${name}/deep/er/order`);
		await watch();
		const callsBefore = (id: string) => seen.calls.indexOf(`changed ${id}`);
		expect(callsBefore('m/deep/er/order')).toBeLessThan(100);
		expect(callsBefore('z/deep/er/order')).toBeLessThan(100);
		expect(seen.files.size).toBe(2402);
	});
});
