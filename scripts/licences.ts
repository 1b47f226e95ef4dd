/**
 * Prints the licences of pingmachine and of what is bundled with it below a folder (`node_modules/`, `node/`), as Debian's
 * machine-readable copyright file.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundledLicences, licenceFileIn } from './licence-file.ts';

const [, , root = '.'] = process.argv;

/** A text as a field's value: its lines indented, empty ones as a dot. */
function indented(text: string): string {
	return text
		.trimEnd()
		.split(/\r?\n/)
		.map((line) => (line.trim() === '' ? ' .' : ` ${line.replace(/^[\f ]*\f/, '').trimEnd()}`))
		.join('\n');
}

interface Bundled {
	readonly folder: string;
	readonly name: string;
	readonly licence: string;
	readonly holder: string;
}

function modulesBelow(folder: string, prefix: string): Bundled[] {
	if (!existsSync(folder)) return [];
	return readdirSync(folder)
		.sort()
		.flatMap((name) => {
			const path = join(folder, name);
			if (name.startsWith('@')) return modulesBelow(path, `${prefix}${name}/`);
			const manifest = join(path, 'package.json');
			if (!existsSync(manifest)) return [];
			const { license, author } = JSON.parse(readFileSync(manifest, 'utf8'));
			const licence = typeof license === 'string' ? license : (license?.type ?? 'unknown');
			const holder = (typeof author === 'string' ? author : author?.name) ?? `the authors of ${name}`;
			const own = { folder: path, name: `${prefix}${name}`, licence, holder };
			return [own, ...modulesBelow(join(path, 'node_modules'), `${prefix}${name}/node_modules/`)];
		});
}

function copyrightLines(text: string | null, holder: string): string {
	const lines = (text ?? '').split('\n').filter((line) => /copyright\s+(?:\(c\)|©|\d)/i.test(line));
	const said = lines.slice(0, 3).map((line) => line.replace(/^[\s*#/]*copyright\s*/i, '').trim());
	return said.length === 0 ? holder : said.join('\n ');
}

/** Every Debian has their texts. */
const commonLicences: ReadonlyMap<string, string> = new Map([
	['Apache-2.0', 'The text is in /usr/share/common-licenses/Apache-2.0 on Debian systems.'],
]);

const stanzas = [
	'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: pingmachine',
	`Files: *\nCopyright: 2026 the pingmachine authors\nLicense: MIT\n${indented(readFileSync(join(root, 'LICENSE'), 'utf8'))}`,
];
for (const { folder, name, licence, holder } of modulesBelow(join(root, 'node_modules'), '')) {
	const text = licenceFileIn(folder);
	const files = `usr/lib/pingmachine/node_modules/${name}/*`;
	// Each text has a name of its own: those of one licence differ in their holders.
	const short = `${licence.replaceAll(/[^A-Za-z0-9.+-]/g, '-')}-${name.replaceAll(/[^A-Za-z0-9.+-]/g, '-')}`;
	const common = commonLicences.get(licence);
	const body = indented(
		common ?? text ?? `${name} is under the licence ${licence}, as its package.json says.`,
	);
	stanzas.push(`Files: ${files}\nCopyright: ${copyrightLines(text, holder)}\nLicense: ${short}\n${body}`);
}
if (existsSync(join(root, 'dist/quick', bundledLicences))) {
	const where = `They hold parts of packages of node_modules/, whose licences are in /usr/lib/pingmachine/dist/quick/${bundledLicences}.`;
	stanzas.push(
		`Files: usr/lib/pingmachine/dist/quick/*\nCopyright: the pingmachine authors and those of what is in them\nLicense: MIT-and-others\n${indented(where)}`,
	);
}
if (existsSync(join(root, 'node/LICENSE'))) {
	const where = 'The licences of Node.js and of all that is in it are in /usr/lib/pingmachine/node/LICENSE.';
	stanzas.push(
		`Files: usr/lib/pingmachine/node/*\nCopyright: Node.js contributors and the authors of what is in it\nLicense: Node.js\n${indented(where)}`,
	);
}
process.stdout.write(`${stanzas.join('\n\n')}\n`);
