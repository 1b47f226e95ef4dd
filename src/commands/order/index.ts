import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { ProbeTable } from '../../model/probe.ts';
import { OrderReport, type OrderStreams } from '../../orders/lists/report.ts';
import { OrderTrouble, OrderWriter } from '../../orders/writer.ts';
import { baseDirOption } from '../shared/base-dir-option.ts';
import { configOption } from '../shared/config-option.ts';
import { choice } from '../shared/option-choices.ts';
import { defaultsOf } from '../shared/order-defaults.ts';
import { addOrders } from './add.ts';
import { tellExpiry } from './expiry.ts';
import { listedById, selectedIds } from './listed.ts';
import { listOrders } from './ls.ts';
import type { AddOptions } from './sources.ts';

/** Adds the command `order` to the program. */
export function registerOrder(program: Command, probes: ProbeTable): void {
	const order = program
		.command('order')
		.summary('add, remove, refresh and list orders')
		.description('Adds, removes, refreshes and lists orders. Needs no daemon.')
		.addHelpText('after', exitCodes);
	registerAdd(order, probes);
	registerRemoveAndRefresh(order, probes);
	registerList(order, probes);
}

function registerAdd(order: Command, probes: ProbeTable): void {
	order
		.command('add')
		.summary('add orders for targets, or for a list of them')
		.description(
			'Adds an order for each target, or for each of a list. An order that is there already is refreshed; one of another content is left alone.',
		)
		.argument('[target...]', targetWords)
		.addOption(baseDirOption(holdsOrders))
		.addOption(configOption())
		.option('--user <user>', 'whose orders they are (default: who runs this)')
		.option('--step <span>', 'from one measurement to the next, seconds, or such as 5min (default: 60)')
		.option('--pings <number>', 'in each step (default: 5)')
		.addOption(choice('--probe <probe>', 'how to measure (default: icmp)', [...probes.keys()]))
		.option('--host <host>', 'what to measure; the word is then the id of the order', collect)
		.option('--each-address', 'an order NAME@ADDRESS for each address of a name, IPv4 and IPv6')
		.option(
			'--option <option=value>',
			'an option of the probe, such as interval=500; can be repeated',
			collect,
		)
		.option(
			'--set <key=value>',
			'another key, such as task=uplink or tags.site=zrh; can be repeated',
			collect,
		)
		.option('--file <file>', 'the whole order as YAML, - for standard input; the word is then its id')
		.option('--targets <list>', 'targets: a file, - for standard input, or a URL with https:// or redis://')
		.option('--prefix <folder>', 'where below orders/ the orders go; one folder for each list')
		.option(
			'--sync',
			'update and remove what was made from the list before and is listed otherwise, or no longer',
		)
		.option('--force', 'replace orders of another content')
		.option(
			'--keep-alive',
			'stay, refresh the orders, and read the list again when it changes, until SIGTERM',
		)
		.option('--every <span>', 'refresh so often with --keep-alive, seconds, or such as 5min (default: 300)')
		.option(
			'--remove-on-exit',
			'remove the orders at the end of --keep-alive, instead of letting them expire',
		)
		.addHelpText('after', addHelp)
		.action(async (words: string[], options: AddOptions & { config?: string }) => {
			const { signal, release } = endSignal(options.keepAlive === true);
			try {
				const settled = { ...options, basedir: resolve(options.basedir) };
				process.exitCode = await addOrders(words, settled, {
					...{ probes, streams: quietStreams(), signal, defaults: defaultsOf(options.config) },
					tellWritten: (orders, report) => tellExpiry(orders, settled.basedir, probes, report),
				});
			} finally {
				release();
				// Standard input may still be open, and would keep the process.
				if (signal.aborted) process.stdin.destroy();
			}
		});
}

function registerRemoveAndRefresh(order: Command, probes: ProbeTable): void {
	order
		.command('rm')
		.summary('remove orders')
		.description('Removes orders. A running daemon then moves their results to archive/.')
		.argument('<order...>', idsOrPatterns)
		.addOption(baseDirOption(holdsOrders))
		.addHelpText(
			'after',
			`${exitCodes}\n\nExamples:\n  pingmachine order rm me/router\n  pingmachine order rm 'me/**'`,
		)
		.action((patterns: string[], { basedir }: { basedir: string }) => {
			process.exitCode = changeOrders(basedir, patterns, 'removed', probes, quietStreams());
		});
	order
		.command('refresh')
		.summary('keep orders from expiring for another hour')
		.description(
			'Makes orders as young as if they had just been written, so that they do not expire for another hour.',
		)
		.argument('[order...]', idsOrPatterns)
		.option('--all', 'all orders')
		.addOption(baseDirOption(holdsOrders))
		.addHelpText(
			'after',
			`${exitCodes}\n\nExamples:\n  pingmachine order refresh me/router\n  pingmachine order refresh --all`,
		)
		.action((ids: string[], { basedir, all }: { basedir: string; all?: boolean }) => {
			process.exitCode = refreshOrders(basedir, ids, all === true, probes, quietStreams());
		});
}

function registerList(order: Command, probes: ProbeTable): void {
	order
		.command('ls')
		.summary('list orders')
		.description('Lists orders, also those that are wrong.')
		.argument('[order...]', idsOrPatterns)
		.option(
			'--json',
			'one JSON object a line: id, ageSeconds, user, task, step, pings, probe, target, tags; or error',
		)
		.addOption(baseDirOption(holdsOrders))
		.addOption(configOption())
		.addHelpText(
			'after',
			`${exitCodes}\n\nExamples:\n  pingmachine order ls\n  pingmachine order ls --json 'me/*'`,
		)
		.action((globs: string[], { basedir, json }: { basedir: string; json?: boolean }) => {
			const streams = quietStreams();
			process.exitCode = telling(streams, () =>
				listOrders(basedir, globs, json === true, probes, streams, Date.now()),
			);
		});
}

const idsOrPatterns =
	'order ids, or patterns in quotes: ? is one character, * any within a part of the path, ** any across parts';

const exitCodes = `
Exit code: 0 when all was done, 1 when something was not: stderr says what, one line each.`;

const targetWords =
	'what to measure: an address, a name, or NAME@ADDRESS for an address under that name. With --host or --file: the id of the order, its path below orders/';

const addHelp = `${exitCodes}
With --keep-alive: 0 when ended by SIGTERM, SIGINT or SIGHUP.

Orders are named after their target. defaults: in the config file changes what holds for orders that do not say it.

A list has one target a line, with a name for the order in a second column if you like, and # for comments; or it is
the JSON of Prometheus' file_sd, whose labels become tags. Those made from a list say so in made_by:. --sync touches
no other orders, and none that were edited since. With --keep-alive, --each-address looks the names up again each time.

Examples:
  pingmachine order add 192.0.2.7 google.com@8.8.8.8 example.com
  pingmachine order add me/router --host 192.0.2.7 --step 5min --pings 20
  pingmachine order add me/router --file router.yaml
  pingmachine order add --targets hosts.txt --prefix core --sync`;

const holdsOrders = 'holds orders/';

function collect(value: string, before: readonly string[] = []): readonly string[] {
	return [...before, value];
}

/** `order ls | head` reads no more than it wants. */
function quietStreams(): OrderStreams {
	for (const stream of [process.stdout, process.stderr]) {
		stream.off('error', ignoreError);
		stream.on('error', ignoreError);
	}
	return process;
}

function ignoreError(): void {}

/** Aborts when the process is told to end. */
function endSignal(isCatching: boolean): { readonly signal: AbortSignal; release(): void } {
	const controller = new AbortController();
	const end = () => controller.abort();
	const names = isCatching ? (['SIGTERM', 'SIGINT', 'SIGHUP'] as const) : [];
	for (const name of names) process.on(name, end);
	const release = () => {
		for (const name of names) process.off(name, end);
	};
	return { signal: controller.signal, release };
}

/** Refreshes the orders that are named, or all. Returns the exit code. */
function refreshOrders(
	baseDir: string,
	patterns: readonly string[],
	isAll: boolean,
	probes: ProbeTable,
	streams: OrderStreams,
): 0 | 1 {
	if (isAll === patterns.length > 0) {
		new OrderReport(streams).trouble('order refresh: write either order ids or --all');
		return 1;
	}
	return changeOrders(baseDir, isAll ? null : patterns, 'refreshed', probes, streams);
}

/** Removes or refreshes orders; all when `patterns` is null. Returns the exit code. */
function changeOrders(
	baseDir: string,
	patterns: readonly string[] | null,
	change: 'removed' | 'refreshed',
	probes: ProbeTable,
	streams: OrderStreams,
): 0 | 1 {
	return telling(streams, () => {
		const report = new OrderReport(streams);
		const writer = new OrderWriter(resolve(baseDir));
		const listed = listedById(baseDir, probes, report);
		const all = [...listed.keys()];
		for (const id of patterns === null ? all : selectedIds(patterns, all, 'refused', report)) {
			const refusal = listed.get(id)?.refusal;
			report.attempt(id, () => {
				if (change === 'removed') writer.remove(id);
				else if (refusal === undefined) writer.refresh(id);
				// A link that is no order does not expire; who asks for it by name is told.
				else if (patterns?.includes(id) === true) throw new OrderTrouble(refusal);
				else return;
				report.say(`${change} ${id}`);
			});
		}
		return report.exitCode;
	});
}

function telling(streams: OrderStreams, act: () => 0 | 1): 0 | 1 {
	try {
		return act();
	} catch (error) {
		if (!(error instanceof OrderTrouble)) throw error;
		new OrderReport(streams).trouble(error.message);
		return 1;
	}
}
