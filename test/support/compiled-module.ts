import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/**
 * A module and what it imports as JavaScript, for a process of its own, which cannot read TypeScript. Call `remove`
 * when done.
 *
 * @param source its path in the repository, such as `src/tools/resolve-names.ts`
 */
export function compileModule(source: string): { readonly module: string; remove(): void } {
	const folder = mkdtempSync(join(tmpdir(), 'pingmachine-compiled-'));
	const project = {
		extends: join(repository, 'tsconfig.json'),
		compilerOptions: {
			noEmit: false,
			outDir: folder,
			rootDir: repository,
			typeRoots: [join(repository, 'node_modules/@types')],
		},
		files: [join(repository, source)],
		include: [],
	};
	writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(project));
	writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
	symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
	const remove = () => rmSync(folder, { recursive: true });
	try {
		execFileSync(join(repository, 'node_modules/.bin/tsc'), ['-p', folder], { stdio: 'inherit' });
	} catch (error) {
		remove();
		throw error;
	}
	return { module: join(folder, source.replace(/\.ts$/, '.js')), remove };
}
