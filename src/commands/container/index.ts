import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { dump } from 'js-yaml';
import { usualConfigFile } from '../../config/known-probes.ts';
import { usualBaseDir } from '../../config/usual-base-dir.ts';
import { bareProgram } from '../program.ts';
import { type Meant, meantBy } from './neighbours.ts';

/** The first line of orders that were made here. */
const mark = '# Made from variables of the environment: changed there, not here.\n';

/** Adds the command `container` to the program: what the image starts. */
export function registerContainer(program: Command): void {
	program
		.command('container', { hidden: true })
		.description(
			'Makes a config and orders of the variables that images of neighbours are told, and runs the daemon.',
		)
		.argument('[options...]', 'of pingmachine run')
		.allowUnknownOption()
		.addHelpText(
			'after',
			`
Examples:
  TARGET_HOSTS=192.0.2.7 KAFKA_BROKER=kafka:9092 CANARY_ID=zrh pingmachine container
  PINGMACHINE_WEB_LISTEN='[::]:9922' pingmachine container --log-level debug`,
		)
		.action(async (options: string[]) => {
			const args = prepare(process.env, process.env['PINGMACHINE_BASEDIR'] || usualBaseDir);
			if (args === null) process.exitCode = 1;
			else await runDaemon([...args, ...options]);
		});
}

/** Writes what the variables mean. Returns options of `pingmachine run`, or null when it has said what is wrong. */
export function prepare(
	variables: Readonly<Record<string, string | undefined>>,
	baseDir: string,
	configFile = usualConfigFile,
): readonly string[] | null {
	const place = join(baseDir, 'state', 'container');
	let meant: Meant;
	try {
		meant = meantBy(variables, (name) => join(place, name));
		mkdirSync(place, { recursive: true, mode: 0o700 });
		for (const [name, text] of meant.secrets) writeFileSync(join(place, name), text, { mode: 0o600 });
		writeOrders(join(baseDir, 'orders'), meant.orders);
		if (Object.keys(meant.config).length === 0) return ['--basedir', baseDir, ...configOption(configFile)];
		if (existsSync(configFile))
			throw new Error(
				`${configFile}: is there, and so are variables of ${meant.names.join(' and ')}. Keep one of them`,
			);
		const made = join(place, 'config.yaml');
		writeFileSync(made, dump(meant.config, { lineWidth: -1 }), { mode: 0o600 });
		return ['--basedir', baseDir, '--config', made];
	} catch (error) {
		process.stderr.write(`${(error as Error).message}\n`);
		return null;
	}
}

function configOption(file: string): string[] {
	return existsSync(file) ? ['--config', file] : [];
}

/** Those that were made before and are not meant any more go; what others wrote stays. */
function writeOrders(folder: string, orders: Meant['orders']): void {
	mkdirSync(folder, { recursive: true });
	const made = join(folder, 'canary');
	if (existsSync(made)) {
		for (const entry of readdirSync(made, { recursive: true, withFileTypes: true })) {
			const path = join(entry.parentPath, entry.name);
			if (entry.isFile() && readFileSync(path, 'utf8').startsWith(mark)) rmSync(path);
		}
	}
	for (const [id, text] of orders) {
		const path = join(folder, id);
		mkdirSync(dirname(path), { recursive: true });
		if (existsSync(path))
			throw new Error(`${path}: is there, and was not made from the environment. Move it away`);
		writeFileSync(path, `${mark}${text}`);
	}
}

/** In this process: signals reach the daemon, and its end is ours. */
async function runDaemon(args: readonly string[]): Promise<void> {
	const program = bareProgram();
	const { registerRun } = await import('../run/index.ts');
	registerRun(program);
	await program.parseAsync(['run', ...args], { from: 'user' });
}
