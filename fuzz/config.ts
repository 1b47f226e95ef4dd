import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtInProbes } from '../probes/index.ts';
import { ConfigError, loadConfig } from '../src/config/config.ts';
import { firstUnprintable } from '../src/model/printable.ts';
import { builtInSinks } from '../src/sinks/index.ts';
import { removedAtEnd } from './scratch.ts';
import { assert, type FuzzTarget } from './target.ts';

let path: string | null = null;

/** The config file. */
export const config: FuzzTarget = {
	name: 'config',
	seedsIn: ['fixtures/config', 'pingmachine.example.yaml'],
	words: [
		'basedir: /',
		'max_age: ',
		'user: ',
		'log_level: ',
		'log_format: ',
		'probes:\n    ',
		'fping:\n        ',
		'command: ',
	],
	run(input) {
		path ??= join(removedAtEnd(mkdtempSync(join(tmpdir(), 'pingmachine-fuzz-'))), 'config.yaml');
		writeFileSync(path, input);
		try {
			const read = loadConfig({ file: path, flags: {}, probes: builtInProbes, sinks: builtInSinks });
			assert(
				read.baseDir.startsWith('/') && (read.maxAgeSeconds ?? 1) >= 1,
				'a config holds what can be used',
			);
			return 'config';
		} catch (error) {
			if (!(error instanceof ConfigError)) throw error;
			for (const line of error.lines)
				assert(firstUnprintable(line) === null, `a reason is one printable line: ${line}`);
			return error.lines
				.map((line) =>
					line
						.slice(path?.length)
						.replaceAll(/"[^"]*"|\d+/g, '')
						.slice(0, 50),
				)
				.join();
		}
	},
};
