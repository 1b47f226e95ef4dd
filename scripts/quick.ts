/**
 * Makes dist/quick: what is started all the time, in a few files with all that it takes of others' packages, too. Loading
 * one file of 500 kB takes a third of the time of loading 300 small ones.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleCommands } from './bundles/commands.ts';
import { bundleDaemon } from './bundles/daemon.ts';
import { quick, root } from './bundles/places.ts';
import { bundledLicences, licenceFileIn } from './licence-file.ts';

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
const modules = [...(await bundleCommands()), ...(await bundleDaemon())];
// A few lines of the bundler's own are in there, too.
const bundled = [...packagesOf(modules), join(root, 'node_modules/rolldown')].sort();
const bar = `\n${'-'.repeat(72)}\n\n`;
writeFileSync(
	join(quick, bundledLicences),
	`The files here hold parts of these packages.\n${bar}${bundled.map(licenceOf).join(bar)}`,
);
