import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';

/** An entry of a tree: a file with a text, or a link, at a path below the base directory. */
export type Planted =
	| { readonly path: string; readonly text: string }
	| { readonly path: string; readonly to: string };

export const rightOrder = 'user: me\nstep: 60\npings: 5\nprobe: fping\nfping:\n    host: 127.0.0.1\n';

/** Few names, so that paths meet; one is ignored, two are ours, one holds a character of patterns. */
const name = fc.constantFrom('a', 'b', 'c', '.hidden', 'error', '@x', '*');
const path = fc
	.tuple(fc.constantFrom('orders', 'orders', 'outside'), fc.array(name, { minLength: 1, maxLength: 3 }))
	.map(([top, names]) => [top, ...names].join('/'));
const folder = fc
	.tuple(fc.constantFrom('orders', 'outside'), fc.array(name, { maxLength: 2 }))
	.map(([top, names]) => [top, ...names].join('/'));

/** Trees of orders, right and wrong, with links among them and to the outside. */
export const randomTree: fc.Arbitrary<readonly Planted[]> = fc.array(
	fc.oneof(
		fc.record({ path, text: fc.constantFrom(rightOrder, rightOrder, 'wrong: [') }),
		fc.record({ path, to: folder }),
	),
	{ maxLength: 25 },
);

/** A base directory with such a tree. What has no room in it is left out. */
export function plant(tree: readonly Planted[]): { readonly baseDir: string; remove(): void } {
	const baseDir = realpathSync(mkdtempSync(join(tmpdir(), 'pingmachine-tree-')));
	for (const top of ['orders', 'outside', 'output']) mkdirSync(join(baseDir, top));
	for (const planted of tree) {
		const at = join(baseDir, planted.path);
		try {
			mkdirSync(dirname(at), { recursive: true });
			if ('to' in planted) symlinkSync(join(baseDir, planted.to), at);
			else writeFileSync(at, planted.text, { flag: 'wx' });
		} catch {
			// Something is there already, or in the way.
		}
	}
	return { baseDir, remove: () => rmSync(baseDir, { recursive: true }) };
}
