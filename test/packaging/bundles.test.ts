/** What a build does with modules that are loaded by their URL. */
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = new URL('../..', import.meta.url).pathname;
const { modulesByUrl } = await import(join(root, 'dist/scripts/bundles/plug-ins.js'));

/** What is bundled for a module with this code, and what becomes of its code. */
function bundled(code: string): { readonly paths: readonly string[]; readonly code: string | null } {
	const paths: string[] = [];
	const context = { emitFile: ({ id }: { id: string }) => `number${paths.push(id)}` };
	const made = modulesByUrl.transform.call(context, code, join(root, 'dist/src/store/store.js'));
	return { paths, code: made };
}

test('a thread is bundled where a module names it', () => {
	expect(bundled(`new Worker(new URL('./store-worker.js', import.meta.url), { name: 'store' })`)).toEqual({
		paths: [join(root, 'dist/src/store/store-worker.js')],
		code: `new Worker(new URL(import.meta.ROLLUP_FILE_URL_number1), { name: 'store' })`,
	});
});

test('a program is not, and other files are where they are', () => {
	const { paths, code } = bundled(
		`new URL('../cli.js', import.meta.url); new URL('./x.json', import.meta.url)`,
	);
	expect(paths).toEqual([]);
	const here = `new URL("../src/store/store.js", import.meta.url).href`;
	expect(code).toBe(`new URL('../cli.js', ${here}); new URL('./x.json', ${here})`);
});

test.each([
	`new URL('./no-such-worker.js', import.meta.url)`,
	`new URL(\`./\${name}-worker.js\`, import.meta.url)`,
	`join(dirname(fileURLToPath(import.meta.url)), 'store-worker.js')`,
	`import.meta.resolve('./store-worker.js')`,
	`join(import.meta.dirname, name)`,
])('a build fails with %s', (code) => {
	expect(() => bundled(code)).toThrow(/no module|write new URL/);
});
