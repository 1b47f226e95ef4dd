import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { OutputOptions, RolldownOutput } from 'rolldown';

/** This is in dist/scripts/bundles when it runs. */
export const root = new URL('../../..', import.meta.url).pathname;
export const quick = join(root, 'dist/quick');

/** How bundles are written. */
export const written = {
	dir: quick,
	format: 'esm',
	entryFileNames: '[name].js',
	// All in one folder: see `placesOfModules`.
	chunkFileNames: '_[name]-[hash].js',
	// Errors are told with the names that things have.
	minify: { compress: true, codegen: true, mangle: false },
} as const satisfies OutputOptions;

/**
 * The daemon, its web server, and the daemon as containers start it; and commands that take parts of it: threads of
 * probes, sinks, points of presence.
 */
const withDaemon: ReadonlySet<string> = new Set([
	...['run', 'web', 'container'],
	...['measure', 'pop', 'replay', 'report', 'sink', 'support', 'import'],
]);

interface Entries {
	/** By name: those of commands, and of programs that are commands. */
	readonly commands: Readonly<Record<string, string>>;
	readonly daemon: Readonly<Record<string, string>>;
}

export function entries(): Entries {
	const folder = join(root, 'dist/src/commands');
	const found = { commands: {} as Record<string, string>, daemon: {} as Record<string, string> };
	for (const command of readdirSync(folder).sort()) {
		const of = withDaemon.has(command) ? found.daemon : found.commands;
		const [ofCommand, ofProgram] = ['quick.js', 'bin-main.js'].map((name) => join(folder, command, name));
		if (ofCommand !== undefined && existsSync(ofCommand)) of[command] = ofCommand;
		if (ofProgram !== undefined && existsSync(ofProgram)) of[`${command}-bin`] = ofProgram;
	}
	return found;
}

/** The paths of all modules that are in bundles. */
export function modulesOf({ output }: RolldownOutput): string[] {
	return output.flatMap((chunk) => ('modules' in chunk ? Object.keys(chunk.modules) : []));
}

/** A bundle that may be wrong is none. */
export function failOnLog(_: unknown, { message }: { readonly message: string }): never {
	throw new Error(message);
}
