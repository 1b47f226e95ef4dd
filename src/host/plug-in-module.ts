import { accessSync, constants } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { errnoWords } from '../model/errno.ts';
import { printable } from '../model/printable.ts';
import { race } from '../model/race.ts';

/** A module that waits for something at its top level must not keep the daemon from starting. */
const loadMaxMs = 10_000;

/**
 * Loads what a module exports by default: a plug-in, or a function that makes it of what it is given. Or says why there
 * is none, in one line without the path of the module. Never throws.
 *
 * @param path absolute
 */
export async function loadPlugIn(
	path: string,
): Promise<{ readonly plugIn: unknown } | { readonly fault: string }> {
	try {
		accessSync(path, constants.R_OK);
		const module: { default?: unknown } = await race(
			import(pathToFileURL(path).href),
			{ ms: loadMaxMs },
			tooLong,
		);
		const { default: exported } = module;
		if (exported === undefined)
			return { fault: 'has no default export. Write export default ({ z }) => ({ name: …' };
		if (typeof exported !== 'function') return { plugIn: exported };
		// All of it, which others do not need.
		const { z } = await import('zod');
		return { plugIn: exported({ z }) };
	} catch (error) {
		return { fault: `cannot be loaded: ${reasonOf(error)}` };
	}
}

function tooLong(): never {
	throw new Error(`it was not done after ${loadMaxMs / 1000} s. Do not await anything at its top level`);
}

function reasonOf(error: unknown): string {
	const { code, message, name }: NodeJS.ErrnoException =
		error instanceof Error ? error : new Error(String(error));
	if (code === 'ENOENT') return `${errnoWords.ENOENT}. Correct the path`;
	if (code === 'EACCES') return `${errnoWords.EACCES}. Make it readable for the user pingmachine starts as`;
	return printable(name === 'Error' ? message : `${name}: ${message}`).slice(0, 300);
}
