import { existsSync, readFileSync } from 'node:fs';

/** The version of pingmachine, from its package.json. */
export const version: string = JSON.parse(readFileSync(packageJson(), 'utf8')).version;

/** Two folders up from here in the sources, three in `dist/`. */
function packageJson(): URL {
	const near = new URL('../../package.json', import.meta.url);
	return existsSync(near) ? near : new URL('../../../package.json', import.meta.url);
}
