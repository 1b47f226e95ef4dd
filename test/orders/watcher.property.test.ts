import {
	existsSync,
	lstatSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	realpathSync,
	renameSync,
	rmSync,
	type Stats,
	statSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { OrdersWatcher } from '../../src/orders/watcher.ts';
import { FakeLog } from '../support/fake-log.ts';
import { OrdersRecorder } from '../support/orders-recorder.ts';

type Action =
	| { readonly do: 'write'; readonly path: string; readonly text: string }
	| { readonly do: 'touch' | 'delete' | 'makeFolder'; readonly path: string }
	| { readonly do: 'rename' | 'link'; readonly path: string; readonly to: string }
	| { readonly do: 'pause'; readonly ms: number };

/** Few names, so that actions meet; one is ignored, one is outside. */
const name = fc.constantFrom('a', 'b', 'c', '.hidden');
const path = fc
	.tuple(fc.constantFrom('orders', 'orders', 'orders', 'outside'), fc.array(name, { maxLength: 3 }))
	.map(([top, names]) => [top, ...names].join('/'));

const action: fc.Arbitrary<Action> = fc.oneof(
	{
		weight: 4,
		arbitrary: fc.record({ do: fc.constant('write' as const), path, text: fc.string({ maxLength: 2 }) }),
	},
	{ weight: 1, arbitrary: fc.record({ do: fc.constant('touch' as const), path }) },
	{ weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), path }) },
	{ weight: 2, arbitrary: fc.record({ do: fc.constant('makeFolder' as const), path }) },
	{ weight: 4, arbitrary: fc.record({ do: fc.constant('rename' as const), path, to: path }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant('link' as const), path, to: path }) },
	{
		weight: 2,
		arbitrary: fc.record({ do: fc.constant('pause' as const), ms: fc.integer({ min: 0, max: 40 }) }),
	},
);

/** What cannot be done, because something is missing or in the way, is not done. */
function perform(base: string, action: Exclude<Action, { do: 'pause' }>): void {
	const path = join(base, action.path);
	try {
		if ('to' in action) {
			if (action.do === 'rename') renameSync(path, join(base, action.to));
			else symlinkSync(join(base, action.to), path);
		} else if (action.do === 'write') writeFileSync(path, action.text);
		else if (action.do === 'touch') utimesSync(path, 1_700_000_000, 1_700_000_000);
		else if (action.do === 'delete') rmSync(path, { recursive: true });
		else mkdirSync(path, { recursive: true });
	} catch (error) {
		expect((error as NodeJS.ErrnoException).code).toMatch(/^E[A-Z]+$/);
	}
}

/** What is there, found by walking the tree the plain way: mtime in milliseconds by id. */
function truth(root: string): Map<string, number> {
	const files = new Map<string, number>();
	const walk = (folder: string, prefix: string, above: readonly string[]): void => {
		const real = realpathSync(folder);
		if (above.some((path) => path === real || path.startsWith(`${real}/`))) return;
		for (const name of readdirSync(folder)) {
			if (name.startsWith('.')) continue;
			const path = join(folder, name);
			const stats = statsOf(path);
			if (stats === null) continue;
			if (stats.isDirectory()) walk(path, `${prefix}${name}/`, [...above, real]);
			else files.set(prefix + name, stats.mtimeMs);
		}
	};
	if (existsSync(root) && statSync(root).isDirectory()) walk(root, '', []);
	return files;
}

/** Of what a link leads to; of the link itself, which is a wrong order then, when it leads in a circle. */
function statsOf(path: string): Stats | null {
	try {
		return statSync(path, { throwIfNoEntry: false }) ?? null;
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		return code === 'ELOOP' && lstatSync(path).isSymbolicLink() ? lstatSync(path) : null;
	}
}

/** `orders` is a link that leads to itself. */
function leadsInCircle(root: string): boolean {
	return statsOf(root)?.isSymbolicLink() ?? false;
}

const sorted = (files: Map<string, number>): [string, number][] =>
	[...files].sort(([a], [b]) => (a < b ? -1 : 1));

async function holds(
	actions: readonly Action[],
	watched: { readonly scanIntervalMs: number; readonly settleMs: number },
) {
	const base = mkdtempSync(join(tmpdir(), 'pingmachine-orders-'));
	const root = join(base, 'orders');
	for (const folder of ['orders/a/b', 'orders/b', 'outside/a/c'])
		mkdirSync(join(base, folder), { recursive: true });
	for (const file of ['orders/a/c', 'orders/a/b/a', 'outside/a/c/b']) writeFileSync(join(base, file), '');
	const seen = new OrdersRecorder();
	const watcher = new OrdersWatcher({ root, listener: seen, log: new FakeLog(), ...watched });
	try {
		watcher.start();
		for (const action of actions) {
			if (action.do === 'pause') await new Promise((resolve) => setTimeout(resolve, action.ms));
			else perform(base, action);
		}
		// What was there is kept then, since it may only be out of reach.
		if (leadsInCircle(root)) return;
		await vi.waitFor(() => expect(sorted(seen.files)).toEqual(sorted(truth(root))), {
			timeout: 60_000,
			interval: 20,
		});
		// And it stays so.
		await new Promise((resolve) => setTimeout(resolve, 60));
		expect(sorted(seen.files)).toEqual(sorted(truth(root)));
		expect(seen.faults).toEqual([]);
	} finally {
		watcher.stop();
		rmSync(base, { recursive: true });
	}
}

it('whatever happens to the tree, events alone lead to what is there', async () => {
	const run = (actions: Action[]): Promise<void> =>
		holds(actions, { scanIntervalMs: 3_600_000, settleMs: 20 });
	await fc.assert(fc.asyncProperty(fc.array(action, { maxLength: 40 }), run), {
		numRuns: 40,
		endOnFailure: true,
	});
}, 300_000);

it('whatever happens to the tree, scans alone lead to what is there', async () => {
	const run = (actions: Action[]): Promise<void> =>
		holds(actions, { scanIntervalMs: 10, settleMs: 3_600_000 });
	await fc.assert(fc.asyncProperty(fc.array(action, { maxLength: 40 }), run), {
		numRuns: 40,
		endOnFailure: true,
	});
}, 300_000);
