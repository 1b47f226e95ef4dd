import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Plugin } from 'rolldown';
import { quick, root } from './places.ts';

/** What plug-ins are given is all of it, which makes up half of what is loaded where it is inside. */
export function isLent(name: string, importer: string | undefined): boolean {
	return name === 'zod' && importer?.endsWith('/plug-in-module.js') === true;
}

/** Files are found at the places where modules would find them if they stood alone. */
export const placesOfModules: Plugin = {
	name: 'places-of-modules',
	transform: (code, id) => withPlace(code, id),
};

function withPlace(code: string, id: string): string | null {
	// What is the bundler's own has no place.
	if (!code.includes('import.meta.url') || id.startsWith('\0')) return null;
	const path = JSON.stringify(relative(quick, id));
	return code.replaceAll('import.meta.url', `new URL(${path}, import.meta.url).href`);
}

/** The programs of package.json are started, and are what they are. */
function isProgram(path: string): boolean {
	const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
		readonly bin: Readonly<Record<string, string>>;
	};
	return Object.values(bin).some((program) => join(root, program) === path);
}

/** How a module is named that is loaded by its URL. */
const byUrl = /new URL\((['"])(\.[^'"]*\.js)\1, import\.meta\.url\)/g;
/** Other ways, which would lead out of the bundles. */
const inOtherWords = /\.[jt]s\b[^;\n]*import\.meta|import\.meta\.url[^;\n]*\.[jt]s\b|import\.meta(?!\.url\b)/;

/**
 * Threads, and modules that are loaded by their URL, are bundles too, which share with those that name them what is in
 * both. All that are written `new URL('./x.js', import.meta.url)` are found, and no other words for it are allowed.
 */
export const modulesByUrl: Plugin = {
	name: 'modules-by-url',
	transform(code, id) {
		if (!code.includes('import.meta') || id.startsWith('\0')) return null;
		if (inOtherWords.test(code.replaceAll(byUrl, '')))
			throw new Error(`${relative(root, id)}: write new URL('./x.js', import.meta.url), which bundles know`);
		const withBundles = code.replaceAll(byUrl, (whole, _, place: string) => {
			const path = join(dirname(id), place);
			if (isProgram(path)) return whole;
			if (!existsSync(path)) throw new Error(`${relative(root, id)}: there is no module ${place}`);
			const bundle = this.emitFile({ type: 'chunk', id: path, name: nameOf(path) });
			return `new URL(import.meta.ROLLUP_FILE_URL_${bundle})`;
		});
		return withPlace(withBundles, id) ?? withBundles;
	},
};

/** For those who look for it in a stack: src/store/store-worker.js is store-store-worker. */
function nameOf(path: string): string {
	return relative(join(root, 'dist'), path)
		.replace(/^src\//, '')
		.replace(/\.js$/, '')
		.replaceAll('/', '-');
}

/** All of them are needed at once: what is imported when it is needed would be a file each. */
export const probesAtOnce: Plugin = {
	name: 'probes-at-once',
	transform(code, id) {
		if (id !== join(root, 'dist/probes/modules.js')) return null;
		const imports: string[] = [];
		const atOnce = code.replaceAll(/\(await import\('(.+)'\)\)\.(\w+)/g, (_, path: string, name: string) => {
			imports.push(`import { ${name} } from '${path}';`);
			return name;
		});
		return [...imports, atOnce].join('\n');
	},
};
