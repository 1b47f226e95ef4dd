import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { ProbeTable } from '../../model/probe.ts';
import { spanSeconds } from '../../model/span.ts';
import { inputName, readInput } from '../../orders/lists/input.ts';
import { OrderTrouble } from '../../orders/writer.ts';
import { baseDirOption } from '../shared/base-dir-option.ts';
import { importBlackbox } from './blackbox.ts';
import type { Imported } from './imported.ts';
import { importMeshping, importPingy } from './lists.ts';
import { importSmokeping } from './smokeping.ts';
import { type ImportOptions, writeImported } from './write.ts';

/** Adds the command `import` to the program. */
export function registerImport(program: Command, probes: ProbeTable): void {
	const all = program
		.command('import')
		.summary('make orders of what SmokePing, meshping, Pingy or blackbox_exporter measure')
		.description(
			'Makes orders, rules and histories of the files of other programs, and tells what has no counterpart. Needs no daemon.',
		)
		.addHelpText('after', exitCodes);
	const each = (name: string, summary: string, description: string, examples: readonly string[]) =>
		addImport(all, name, { summary, description, examples });
	const run = async (options: ImportOptions, read: () => Promise<Imported> | Imported) => {
		process.exitCode = await importing(options, read, probes);
	};
	each('smokeping', 'targets, alerts and history of SmokePing', smokeping, [
		'smokeping /etc/smokeping/config --dry-run',
		'smokeping /etc/smokeping/config --prefix smokeping',
	])
		.argument('<config>', 'the config file; what it includes is read too')
		.option('--rrds <folder>', 'where its RRDs are (default: datadir of the config)')
		.option('--no-rrds', 'leave its history where it is')
		.action((config: string, options: ImportOptions & { rrds: string | boolean }) =>
			run(options, () => importSmokeping(config, dataDirOf(options.rrds))),
		);
	each('meshping', 'targets of meshping', 'Makes an order for each target of meshping.', [
		'meshping metrics.txt --dry-run',
		'meshping - < metrics.txt',
	])
		.argument('<file>', 'what its /metrics says, or a list of NAME@ADDRESS; - for standard input')
		.action((file: string, options: ImportOptions) =>
			run(options, async () => importMeshping(await readInput(file, process.stdin))),
		);
	each('pingy', 'targets of Pingy', 'Makes an order for each address in a list of Pingy.', [
		'pingy targets.txt --dry-run',
		'pingy targets.txt --step 60',
	])
		.argument('<file>', 'its list of targets; - for standard input')
		.option('--step <span>', 'its PING_INTERVAL, seconds, or such as 1min (default: 15)')
		.action((file: string, options: ImportOptions & { step?: string }) =>
			run(options, async () => importPingy(await readInput(file, process.stdin), stepOf(options.step))),
		);
	each('blackbox', 'modules and targets of blackbox_exporter', blackbox, [
		'blackbox blackbox.yml prometheus.yml --dry-run',
		'blackbox blackbox.yml prometheus.yml --prefix web',
	])
		.argument('<file...>', 'the config of blackbox_exporter, and that of Prometheus')
		.action((files: string[], options: ImportOptions) =>
			run(options, async () => {
				const read: { name: string; text: string }[] = [];
				for (const file of files)
					read.push({ name: inputName(file), text: await readInput(file, process.stdin) });
				return importBlackbox(read);
			}),
		);
}

/** One with the options that all of them have. */
function addImport(
	all: Command,
	name: string,
	told: { readonly summary: string; readonly description: string; readonly examples: readonly string[] },
): Command {
	const examples = told.examples.map((one) => `  pingmachine import ${one}`).join('\n');
	return all
		.command(name)
		.summary(told.summary)
		.description(told.description)
		.addOption(baseDirOption('holds orders/, alerts/ and output/'))
		.option('--dry-run', 'only tell what would be written')
		.option('--prefix <folder>', 'the folder below orders/ that the orders go into')
		.option('--user <user>', 'whose orders they are (default: the name of the other program)')
		.option('--force', 'replace orders and rules of another content; never what was measured')
		.addHelpText('after', `${exitCodes}\n\nExamples:\n${examples}`);
}

const smokeping =
	'Makes an order for each target of SmokePing, a rule for each alert, and main.rrd of each RRD, with all that it holds.';
const blackbox =
	'Makes an order for each target that Prometheus has blackbox_exporter probe, from the static_configs of its jobs.';

const exitCodes = `
The orders never expire. What is there already stays as it is: orders and rules of another content unless --force is
given, and what was measured always.

Exit code: 0 when all was imported, 1 when something was not: stderr says what, one line each.`;

/** True: as the config says. */
function dataDirOf(rrds: string | boolean): string | null | undefined {
	if (rrds === false) return null;
	return typeof rrds === 'string' ? rrds : undefined;
}

function stepOf(text: string | undefined): number | undefined {
	if (text === undefined) return undefined;
	const seconds = spanSeconds(text);
	if (seconds !== null && Number.isSafeInteger(seconds) && seconds >= 1) return seconds;
	throw new OrderTrouble(
		`--step: must be a whole number of seconds, or such as 1min, not ${JSON.stringify(text)}`,
	);
}

async function importing(
	options: ImportOptions,
	read: () => Promise<Imported> | Imported,
	probes: ProbeTable,
): Promise<0 | 1> {
	try {
		const settled = { ...options, basedir: resolve(options.basedir) };
		return writeImported(await read(), settled, probes, process);
	} catch (error) {
		if (!(error instanceof OrderTrouble)) throw error;
		process.stderr.write(`pingmachine import: ${error.message}\n`);
		return 1;
	}
}
