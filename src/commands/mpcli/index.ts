import { resolve } from 'node:path';
import { Command } from 'commander';
import { version } from '../../host/version.ts';
import type { ProbeTable } from '../../model/probe.ts';
import { OrderReport, type OrderStreams } from '../../orders/lists/report.ts';
import { OrderTrouble, OrderWriter } from '../../orders/writer.ts';
import { addOrders } from '../order/add.ts';
import { tellExpiry } from '../order/expiry.ts';
import { baseDirOption } from '../shared/base-dir-option.ts';
import { configOption } from '../shared/config-option.ts';
import { defaultsOf } from '../shared/order-defaults.ts';
import { meshpingTargets, targetOf } from './targets.ts';

interface MpcliOptions {
	readonly basedir: string;
	readonly config?: string;
	readonly add?: readonly string[];
	readonly delete?: readonly string[];
}

const description =
	'Adds, deletes and lists targets as the mpcli of meshping does. They are orders, as pingmachine order add --each-address makes them.';

const help = `
Without options it lists the targets, one NAME@ADDRESS a line. What is added is printed in the same form, and so is what
is deleted. A name or an address alone deletes all targets that have it.

Exit code: 0 when all was done, 1 when something was not: stderr says what, one line each.

Examples:
  mpcli -a google.com@8.8.8.8 192.0.2.7
  mpcli -d google.com`;

/** The program `mpcli`. */
export function mpcliProgram(probes: ProbeTable): Command {
	return new Command('mpcli')
		.version(version)
		.summary('add, delete and list targets, as meshping does')
		.description(description)
		.option('-a, --add <target...>', 'add these; each address of a name that stands alone')
		.option('-d, --delete <target...>', 'delete these: NAME@ADDRESS, a name or an address')
		.addOption(baseDirOption('holds orders/'))
		.addOption(configOption())
		.addHelpText('after', help)
		.showHelpAfterError('(--help tells what there is)')
		.action(async (options: MpcliOptions) => {
			for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
			process.exitCode = await mpcli(options, probes, process);
		});
}

/** Resolves with the exit code. */
export async function mpcli(
	options: MpcliOptions,
	probes: ProbeTable,
	streams: OrderStreams,
): Promise<0 | 1> {
	const report = new OrderReport(streams);
	const baseDir = resolve(options.basedir);
	let exitCode: 0 | 1 = 0;
	try {
		const writer = new OrderWriter(baseDir);
		if (options.add !== undefined) exitCode = await add(options.add, options, probes, streams);
		if (options.delete !== undefined) deleteTargets(options.delete, baseDir, writer, probes, report);
		if (options.add === undefined && options.delete === undefined)
			for (const { line } of meshpingTargets(baseDir, probes, report)) report.say(line);
	} catch (error) {
		if (!(error instanceof OrderTrouble)) throw error;
		report.trouble(error.message);
	}
	return exitCode === 1 ? 1 : report.exitCode;
}

function add(
	words: readonly string[],
	{ basedir, config }: MpcliOptions,
	probes: ProbeTable,
	streams: OrderStreams,
): Promise<0 | 1> {
	// Scripts read what was added; the rest is for people.
	const aside = { ...streams, stdout: { write: () => {} } };
	const forPeople = new OrderReport({ ...streams, stdout: streams.stderr });
	const baseDir = resolve(basedir);
	return addOrders(
		words,
		{ basedir: baseDir, eachAddress: true },
		{
			...{ probes, streams: aside, signal: new AbortController().signal, defaults: defaultsOf(config) },
			tellWritten: async (orders) => {
				const report = new OrderReport(streams);
				for (const [id, text] of orders) report.say(targetOf(id, text, probes)?.line ?? id);
				await tellExpiry(orders, baseDir, probes, forPeople);
			},
		},
	);
}

function deleteTargets(
	words: readonly string[],
	baseDir: string,
	writer: OrderWriter,
	probes: ProbeTable,
	report: OrderReport,
): void {
	const targets = meshpingTargets(baseDir, probes, report);
	const gone = new Set<string>();
	for (const word of words) {
		const meant = targets.filter(({ line, name, address }) => [line, name, address].includes(word));
		if (meant.length === 0) report.trouble(`${word}: there is no such target. mpcli lists those there are`);
		for (const { id, line } of meant) {
			if (gone.has(id)) continue;
			gone.add(id);
			report.attempt(id, () => {
				writer.remove(id);
				report.say(line);
			});
		}
	}
}
