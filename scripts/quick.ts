/**
 * Makes dist/quick: what is started all the time, in a few files with all that it takes of others' packages, too. Loading
 * one file of 500 kB takes a third of the time of loading 300 small ones.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Plugin, rolldown } from 'rolldown';
import { bundledLicences, licenceFileIn } from './licence-file.ts';

const root = new URL('../..', import.meta.url).pathname;
const commands = join(root, 'dist/src/commands');
const quick = join(root, 'dist/quick');

/** They are loaded when something is done that takes longer anyway, or have files of their own beside them. */
const separate = /^(?:koffi|nodemailer|winston|uplot|@platformatic\/.*|@redis\/.*)$/;

/** What plug-ins are given is all of it, which makes up half of what is loaded where it is inside. */
function isSeparate(name: string, importer: string | undefined): boolean {
	return separate.test(name) || (name === 'zod' && importer?.endsWith('/plug-in-module.js') === true);
}

/** Threads are started from, and files are found at, the places where modules would find them if they stood alone. */
const placesOfModules: Plugin = {
	name: 'places-of-modules',
	transform(code, id) {
		if (!code.includes('import.meta.url')) return null;
		const path = JSON.stringify(relative(quick, id));
		return code.replaceAll('import.meta.url', `new URL(${path}, import.meta.url).href`);
	},
};

/** All of them are needed at once: what is imported when it is needed would be a file each. */
const probesAtOnce: Plugin = {
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

/** Modules of Node.js that most commands import and do not call. They take 10 ms to load. */
const seldomCalled = [
	'child_process',
	'dgram',
	'dns',
	'dns/promises',
	'http',
	'https',
	'tls',
	'worker_threads',
	'zlib',
];

/** They are loaded when they are called. */
const builtinsWhenCalled: Plugin = {
	name: 'builtins-when-called',
	resolveId: (id) => (seldomCalled.includes(id.replace(/^node:/, '')) ? `\0${id}` : null),
	load(id) {
		if (!id.startsWith('\0node:')) return null;
		const name = id.slice(1);
		const builtin = process.getBuiltinModule(name) as Readonly<Record<string, unknown>> | undefined;
		const functions = Object.keys(builtin ?? {}).filter((key) => typeof builtin?.[key] === 'function');
		const exported = functions.map(
			(key) => `export function ${key}(...args) {
	const { ${key}: real } = process.getBuiltinModule('${name}');
	return new.target === undefined ? real(...args) : new real(...args);
}${/^[A-Z]/.test(key) ? instancesOf(name, key) : ''}`,
		);
		return exported.join('\n');
	},
};

/** What one of these makes is an instance of it. */
function instancesOf(name: string, key: string): string {
	const isOne = `(one) => one instanceof process.getBuiltinModule('${name}').${key}`;
	return `\nObject.defineProperty(${key}, Symbol.hasInstance, { value: ${isOne} });`;
}

/** All that a module takes when it is loaded. */
async function loadedWith(path: string): Promise<Set<string>> {
	const build = await rolldown({ input: path, external: isSeparate, platform: 'node' });
	const { output } = await build.generate({ format: 'esm' });
	await build.close();
	return new Set(output.flatMap((chunk) => ('modules' in chunk ? Object.keys(chunk.modules) : [])));
}

/** By name: those of commands, and of programs that are commands. */
function entries(): Record<string, string> {
	const found: Record<string, string> = {};
	for (const command of readdirSync(commands).sort()) {
		const [ofCommand, ofProgram] = ['quick.js', 'bin-main.js'].map((name) => join(commands, command, name));
		if (ofCommand !== undefined && existsSync(ofCommand)) found[command] = ofCommand;
		if (ofProgram !== undefined && existsSync(ofProgram)) found[`${command}-bin`] = ofProgram;
	}
	return found;
}

/** The folders of the packages that modules are of. */
function packagesOf(modules: Iterable<string>): Set<string> {
	const folders = new Set<string>();
	for (const path of modules) {
		const [, folder] = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
		if (folder !== undefined) folders.add(folder);
	}
	return folders;
}

function licenceOf(folder: string): string {
	const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
	const text = licenceFileIn(folder) ?? `${license}, as its package.json says.`;
	return `${name} ${version}\n\n${text.trim()}\n`;
}

rmSync(quick, { recursive: true, force: true });
const input = entries();
const build = await rolldown({
	input,
	external: isSeparate,
	platform: 'node',
	plugins: [placesOfModules, probesAtOnce, builtinsWhenCalled],
	onLog: (_, { message }) => {
		throw new Error(message);
	},
});
// The status of all orders takes no more than this.
const told = await loadedWith(join(commands, 'status/told.js'));
const { output } = await build.write({
	dir: quick,
	format: 'esm',
	entryFileNames: '[name].js',
	// All in one folder: see `placesOfModules`.
	chunkFileNames: '_[name]-[hash].js',
	// What most of them take is one file.
	codeSplitting: {
		groups: [
			{ name: 'told', test: (id) => told.has(id), priority: 1 },
			{ name: 'shared', minShareCount: Object.keys(input).length - 2 },
		],
	},
	// Errors are told with the names that things have.
	minify: { compress: true, codegen: true, mangle: false },
});
await build.close();
const modules = output.flatMap((chunk) => ('modules' in chunk ? Object.keys(chunk.modules) : []));
// A few lines of the bundler's own are in there, too.
const bundled = [...packagesOf(modules), join(root, 'node_modules/rolldown')].sort();
const bar = `\n${'-'.repeat(72)}\n\n`;
writeFileSync(
	join(quick, bundledLicences),
	`The files here hold parts of these packages.\n${bar}${bundled.map(licenceOf).join(bar)}`,
);
