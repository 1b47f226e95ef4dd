import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = new URL('../..', import.meta.url).pathname;

/** Programs that are commands. */
export const quickBins = ['graph', 'mpcli', 'status'].map((name) => `dist/src/commands/${name}/bin.js`);

/** An installed pingmachine in which nothing but dist/quick is left of what is in there, and what is no module of it. */
export class QuickHouse {
	readonly path = mkdtempSync(join(tmpdir(), 'pingmachine-quick-'));
	readonly cli = join(this.path, 'dist/src/cli.js');

	constructor() {
		const commands = ['dist/src/cli.js', 'dist/src/commands/quick.js', ...quickBins];
		for (const path of [...commands, 'dist/quick', 'dist/src/web/browser', 'package.json']) {
			mkdirSync(dirname(join(this.path, path)), { recursive: true });
			cpSync(join(root, path), join(this.path, path), { recursive: true });
		}
		symlinkSync(join(root, 'node_modules'), join(this.path, 'node_modules'));
	}

	[Symbol.dispose](): void {
		rmSync(this.path, { recursive: true });
	}
}
