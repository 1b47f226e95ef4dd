import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const types: Readonly<Record<string, string>> = {
	js: 'text/javascript; charset=utf-8',
	css: 'text/css; charset=utf-8',
	svg: 'image/svg+xml',
};

export interface StaticFile {
	readonly type: string;
	readonly bytes: Buffer;
	readonly zipped: Buffer;
}

/**
 * The files that browsers load: the compiled modules, their style sheets, and uPlot. All stand in one folder that is
 * named after what is in them: its files never change, and a module finds those that it imports beside itself.
 */
export class StaticFiles {
	/** Of all files together. */
	readonly hash: string;
	readonly #files: ReadonlyMap<string, StaticFile>;
	readonly #imports = new Map<string, readonly string[]>();

	private constructor(files: ReadonlyMap<string, StaticFile>) {
		this.#files = files;
		const hash = createHash('sha256');
		for (const [name, { bytes }] of files) hash.update(`${name} ${bytes.length}\n`).update(bytes);
		this.hash = hash.digest('hex').slice(0, 16);
	}

	/** Reads all of them, once. Throws where the program was not built. */
	static read(): StaticFiles {
		const files = new Map<string, StaticFile>();
		const add = (name: string, path: string) => {
			const type = types[name.slice(name.lastIndexOf('.') + 1)];
			if (type === undefined) return;
			const bytes = readFileSync(path);
			files.set(name, { type, bytes, zipped: gzipSync(bytes, { level: 9 }) });
		};
		const folder = builtFolder();
		for (const name of readdirSync(folder).sort()) add(name, join(folder, name));
		const plot = dirname(createRequire(import.meta.url).resolve('uplot'));
		add('uplot.js', join(plot, 'uPlot.esm.js'));
		add('uplot.css', join(plot, 'uPlot.min.css'));
		return new StaticFiles(files);
	}

	get(name: string): StaticFile | null {
		return this.#files.get(name) ?? null;
	}

	/** The modules that a module imports, and that they import: a browser that knows them need not find them one by one. */
	importsOf(name: string): readonly string[] {
		const known = this.#imports.get(name);
		if (known !== undefined) return known;
		const found = new Set<string>();
		const look = (from: string): void => {
			const text = this.#files.get(from)?.bytes.toString('utf8') ?? '';
			for (const [, module = ''] of text.matchAll(
				/^(?:import|export) (?:[^'"]* from )?["']\.\/([\w-]+\.js)["']/gm,
			)) {
				if (found.has(module) || module === name) continue;
				found.add(module);
				look(module);
			}
		};
		look(name);
		this.#imports.set(name, [...found]);
		return [...found];
	}

	/** Where a browser finds it. Throws for a name that there is not. */
	urlOf(name: string): string {
		if (!this.#files.has(name)) throw new Error(`there is no ${name} among the files for browsers`);
		return `/static/${this.hash}/${name}`;
	}
}

/** Where the compiled modules are, whether we are compiled ourselves or not. */
function builtFolder(): string {
	let root = dirname(fileURLToPath(import.meta.url));
	while (!existsSync(join(root, 'package.json')) && root !== '/') root = dirname(root);
	const folder = join(root, 'dist/src/web/browser');
	if (!existsSync(folder)) throw new Error(`${folder} is missing: npm run build makes it`);
	return folder;
}
