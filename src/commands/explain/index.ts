import { resolve } from 'node:path';
import type { Command } from 'commander';
import { ConfigError, loadConfig } from '../../config/config.ts';
import { loadSinks } from '../../config/sink-module.ts';
import { escapeJson, printable } from '../../model/printable.ts';
import type { ProbeTable } from '../../model/probe.ts';
import { builtInSinks } from '../../sinks/index.ts';
import { baseDirOverConfig } from '../shared/base-dir-option.ts';
import { CommandProblem, findOrderId } from '../shared/find-orders.ts';
import { folderReason, listedOrder, listedOrders } from '../shared/listed-orders.ts';
import { wantsColours } from '../terminal/paint.ts';
import { type Explanation, explanationOf } from './facts.ts';
import { explainPage } from './page.ts';
import { watchOrder } from './watch.ts';

/** As typed. */
export interface ExplainOptions {
	readonly basedir?: string | undefined;
	readonly config?: string | undefined;
	readonly json?: boolean | undefined;
	readonly watch?: boolean | undefined;
}

/** Where it is printed, and when. */
export interface ExplainPlace {
	readonly probes: ProbeTable;
	/** Milliseconds since the epoch. */
	nowMs(): number;
	readonly columns: number;
	readonly colours: boolean;
	readonly stdout: { write(text: string): unknown };
	readonly stderr: { write(text: string): unknown };
}

/** Adds the command `explain` to the program. */
export function registerExplain(program: Command, probes: ProbeTable): void {
	program
		.command('explain')
		.summary('tell all that is known of an order')
		.description(
			'Tells how an order is understood, with whom it shares a run, what was run last and when the next run is, its last ten measurements with every ping, why slots are unknown and pings were lost, its files, and what would archive it.',
		)
		.argument(
			'<id>',
			'the order, what a point of presence measures of it (ID/@POP), or the beginning of its id; archived and rejected orders too',
		)
		.addOption(baseDirOverConfig('holds orders/, output/ and archive/ (default: /var/lib/pingmachine)'))
		.option('--config <file>', 'what the daemon runs with: its basedir and max_age hold')
		.option('--json', 'print one JSON object')
		.option('--watch', 'go on with each ping as it is answered, and what comes of each slot, until Ctrl-C')
		.addHelpText('after', help)
		.action(async (id: string, options: ExplainOptions) => {
			// A reader that has seen enough.
			process.stdout.on('error', () => {});
			const { stdout, stderr, env } = process;
			const columns = stdout.isTTY ? stdout.columns || 80 : 80;
			const place = { probes, nowMs: Date.now, columns, colours: wantsColours(stdout, env), stdout, stderr };
			process.exitCode = await explain(id, options, place);
		});
}

const help = `
It reads the files and asks the running daemon. Without a daemon, or on a copy of the files, it tells what the files
say: no batch, no command lines, no counters, and the pings of main.rrd, which are sorted. Times are local.

The daemon listens on BASEDIR/pingmachine.sock. Root may ask it, the user it runs as, and, where orders/ can be
written by a group, that group.

With --watch it goes on: of icmp (and fping with its engine) and ssh each ping as it is answered, of all probes what comes
of each slot; with --json a line of JSON each. Ctrl-C ends it.

JSON: times are seconds since the epoch, spans and RTTs seconds; null where there is nothing to tell:
  id, state, reason   as in pingmachine status; state is archived for orders without a file
  order               user, task, title, note, link, objective, step, pings, probe, target, options, not_set (options
                      without a value), once, rrd_template, measurement_name, tags, defaults (what the order itself does not say)
  result              what last_result says
  measurements        newest first: time, step, pings, and samples in sending order, each with sent and rtt (null:
                      lost); or, from main.rrd, loss and sorted_rtts
  facts               by name: value (of pings a list, in sending order), kind, unit, per (ping or measurement), help,
                      one (one value for all pings), sum (of counts, since the daemon took the order up)
  facts_time          start of the slot that they are of
  route               of (the order that traces it: this one, or one with the same host), time (since when), reached, hops
                      (addresses, names, as, as_name; null: no answer), since_before (of each hop: same, different, down,
                      new), changes (times), last_good, loop
  pops                of an order that points of presence measure, for each: pop, state, reason, result
  files               path (below the base directory), bytes, modified
  expires             when it is archived unless it is refreshed
  archived            why (expired, measured, removed, pending) and time, for orders without a file
  daemon              silence: why there is no answer; or version, pid, started, state (measured, rejected, unsettled,
                      expiring, unseen) and memory, for orders that it measures: since, slots (measured, failed,
                      skipped, overrun, late), last_failure, last_skip and last_loss (time, code, reason; last_loss:
                      why pings were lost, and how many), next_due, batch (targets, targets_max, orders, same_target:
                      count and some ids), last_run (started, took: null while it runs, window, targets, address:
                      where the target was measured, address_kept_since: set when the name service did not answer, to
                      when it last told that address; commands: program, args, is_cut, input_lines, own_input: the
                      line of these that is for this order; commands_left_out, notes)

Exit code: 0 when the order is explained, with or without a daemon; 1 when there is no such order or base directory, or
an option is wrong; 2 when it is explained but for a file that cannot be read. Each, and a daemon that does not answer,
is a line on standard error. NO_COLOR=1 turns colours off.

Examples:
  pingmachine explain me/localhost
  pingmachine explain me/localhost/@zrh
  pingmachine explain me/loc --json | jq '.daemon.memory.last_run.commands'`;

/** Explains an order on `stdout`. Resolves with the exit code. */
export async function explain(
	word: string,
	options: ExplainOptions,
	place: ExplainPlace,
): Promise<0 | 1 | 2> {
	const complain = (line: string) => void place.stderr.write(`${printable(line)}\n`);
	try {
		const { baseDir, maxAgeSeconds, rrdTemplate } = await whereAndHow(options, place.probes);
		const problems = new Map<string, string>();
		const problem = (path: string, message: string) => {
			const line = message.includes(path) ? message : `cannot read ${path}: ${message}`;
			if (!problems.has(path)) problems.set(path, line);
		};
		const inOrders = {
			has: (id: string) => listedOrder(baseDir, id, place.probes) !== null,
			ids: () => {
				const { files, unread } = listedOrders(baseDir, place.probes);
				for (const { path, code } of unread) problem(path, folderReason(code) ?? code);
				return files.map(({ id }) => id);
			},
		};
		const id = findOrderId(baseDir, word, inOrders);
		const nowSeconds = place.nowMs() / 1000;
		const sources = { baseDir, probes: place.probes, rrdTemplate, nowSeconds, maxAgeSeconds, problem };
		const told = await explanationOf(id, sources);
		place.stdout.write(options.json ? jsonOf(told) : pageOf(told, { ...place, baseDir, nowSeconds }));
		for (const line of problems.values()) complain(line);
		if ('silence' in told.daemon) complain(whatIsMissing(baseDir, told.daemon.silence));
		if (options.watch === true) return await watched(id, baseDir, options.json === true, place, complain);
		return problems.size > 0 ? 2 : 0;
	} catch (error) {
		if (error instanceof ConfigError) for (const line of error.lines) complain(line);
		else if (error instanceof CommandProblem) complain(error.message);
		else throw error;
		return 1;
	}
}

/** Until a signal comes, or the daemon goes. */
async function watched(
	id: string,
	baseDir: string,
	isJson: boolean,
	{ nowMs, stdout }: ExplainPlace,
	complain: (line: string) => void,
): Promise<0 | 1> {
	const end = new AbortController();
	const stop = () => end.abort();
	const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
	for (const signal of signals) process.on(signal, stop);
	try {
		const print = (line: string) => void stdout.write(`${line}\n`);
		const why = await watchOrder({ baseDir, id, isJson, signal: end.signal, nowMs, print });
		if (why === null) return 0;
		complain(`no more is heard of the daemon in ${baseDir}: ${why}`);
		return 1;
	} finally {
		for (const signal of signals) process.off(signal, stop);
	}
}

async function whereAndHow({ basedir, config }: ExplainOptions, probes: ProbeTable) {
	const flags = { basedir: basedir === undefined || basedir === '' ? basedir : resolve(basedir) };
	const { sinks, faults } = await loadSinks(config, builtInSinks);
	if (faults.length > 0) throw new ConfigError(faults);
	return loadConfig({ file: config, flags, probes, sinks });
}

function whatIsMissing(baseDir: string, silence: string): string {
	return `no answer from a daemon in ${baseDir}: ${silence}. Only it knows the batch, the runs, the counters and the sending order`;
}

function jsonOf(told: Explanation): string {
	return `${escapeJson(JSON.stringify(told))}\n`;
}

function pageOf(told: Explanation, options: Parameters<typeof explainPage>[1]): string {
	return explainPage(told, options)
		.map((line) => `${line.trimEnd()}\n`)
		.join('');
}
