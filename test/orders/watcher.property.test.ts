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
import { listOrderFiles } from '../../src/orders/list-orders.ts';
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
	// Few places, so that several links lead to the same one.
	{
		weight: 4,
		arbitrary: fc.record({
			do: fc.constant('link' as const),
			path,
			to: fc.constantFrom('outside', 'outside/a', 'outside/a/c', 'orders/b'),
		}),
	},
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

interface Truth {
	/** mtime in milliseconds by id. */
	readonly files: Map<string, number>;
	/** Links that are not followed. */
	readonly refused: Set<string>;
}

interface Place {
	readonly folder: string;
	readonly prefix: string;
	readonly links: number;
	readonly above: readonly string[];
}

/** What is there, found the plain way: the path that counts first, and every folder once. */
function truth(root: string): Truth {
	const files = new Map<string, number>();
	const refused = new Set<string>();
	if (!existsSync(root) || !statSync(root).isDirectory()) return { files, refused };
	const realRoot = realpathSync(root);
	const hasOwnPath = (real: string) =>
		real.startsWith(`${realRoot}/`) &&
		!real
			.slice(realRoot.length + 1)
			.split('/')
			.some((part) => part.startsWith('.'));
	const waiting: Place[] = [{ folder: root, prefix: '', links: 0, above: [] }];
	const seen = new Set<string>();
	const enter = (place: Place, isLink: boolean): void => {
		const { folder, prefix, above } = place;
		const real = realpathSync(folder);
		const leadsUp = isLink && [...above, base(root)].some((up) => up === real || up.startsWith(`${real}/`));
		if (leadsUp) return;
		if (isLink && hasOwnPath(real)) refused.add(prefix.slice(0, -1));
		else waiting.push({ ...place, above: [...above, real] });
	};
	for (;;) {
		waiting.sort((a, b) => a.links - b.links || (sortable(a.prefix) < sortable(b.prefix) ? -1 : 1));
		const next = waiting.shift();
		if (next === undefined) return { files, refused };
		const real = realpathSync(next.folder);
		if (seen.has(real)) {
			refused.add(next.prefix.slice(0, -1));
			continue;
		}
		seen.add(real);
		for (const name of readdirSync(next.folder)) {
			if (name.startsWith('.')) continue;
			const path = join(next.folder, name);
			const stats = statsOf(path);
			if (stats === null) continue;
			const isLink = lstatSync(path).isSymbolicLink();
			const prefix = `${next.prefix}${name}/`;
			const links = next.links + (isLink ? 1 : 0);
			if (stats.isDirectory()) enter({ folder: path, prefix, links, above: next.above }, isLink);
			else files.set(next.prefix + name, stats.mtimeMs);
		}
	}
}

/** Links to folders above `orders/` lead up too. */
function base(root: string): string {
	return realpathSync(root);
}

function sortable(prefix: string): string {
	return prefix.replaceAll('/', '\0');
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
	for (const link of ['orders/c', 'orders/b/c', 'outside/a/b'])
		symlinkSync(join(base, 'outside/a/c'), join(base, link));
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
		const agrees = (): void => {
			const { files, refused } = truth(root);
			expect(sorted(seen.files)).toEqual(sorted(files));
			expect([...seen.refused.keys()].sort()).toEqual([...refused].sort());
		};
		await vi.waitFor(agrees, { timeout: 60_000, interval: 20 });
		// And it stays so.
		await new Promise((resolve) => setTimeout(resolve, 60));
		agrees();
		const listed = listOrderFiles(root, () => true);
		expect(listed.files.filter(({ refusal }) => refusal === undefined).map(({ id }) => id)).toEqual(seen.ids);
		expect(listed.files.flatMap(({ id, refusal }) => (refusal === undefined ? [] : [id]))).toEqual(
			[...seen.refused.keys()].sort(),
		);
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
