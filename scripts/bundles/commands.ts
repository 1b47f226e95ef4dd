import { join } from 'node:path';
import { type Plugin, rolldown } from 'rolldown';
import { entries, failOnLog, modulesOf, root, written } from './places.ts';
import { isLent, placesOfModules, probesAtOnce } from './plug-ins.ts';

/** They are loaded when something is done that takes longer anyway, or have files of their own beside them. */
const separate = /^(?:koffi|nodemailer|winston|uplot|@platformatic\/.*|@redis\/.*)$/;

function isSeparate(name: string, importer: string | undefined): boolean {
	return separate.test(name) || isLent(name, importer);
}

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
	const made = await build.generate({ format: 'esm' });
	await build.close();
	return new Set(modulesOf(made));
}

/** The commands that end soon. Returns the paths of the modules that are in there. */
export async function bundleCommands(): Promise<string[]> {
	const input = entries().commands;
	const build = await rolldown({
		input,
		external: isSeparate,
		platform: 'node',
		plugins: [placesOfModules, probesAtOnce, builtinsWhenCalled],
		onLog: failOnLog,
	});
	// The status of all orders takes no more than this.
	const told = await loadedWith(join(root, 'dist/src/commands/status/told.js'));
	const made = await build.write({
		...written,
		// What most of them take is one file.
		codeSplitting: {
			groups: [
				{ name: 'told', test: (id) => told.has(id), priority: 1 },
				{ name: 'shared', minShareCount: Object.keys(input).length - 2 },
			],
		},
	});
	await build.close();
	return modulesOf(made);
}
