import { Command } from 'commander';
import { version } from '../../host/version.ts';
import type { Asked } from '../../memory/ask-socket.ts';
import type { ProbeTable } from '../../model/probe.ts';
import { baseDirOption } from '../shared/base-dir-option.ts';
import { configOption } from '../shared/config-option.ts';
import { choice } from '../shared/option-choices.ts';
import { cutEnd } from '../terminal/text.ts';
import { askForStatus } from './ask.ts';
import type { DaemonView } from './daemon.ts';
import { statusHelp } from './help.ts';
import { readStatus } from './read.ts';
import {
	baseDirOf,
	complain,
	placeHere,
	printStatus,
	type ShowPlace,
	type StatusExit,
	type StatusOptions,
	textLines,
} from './show.ts';
import { exitAsPlugin, showCheck } from './show-check.ts';
import { summaryOf } from './show-summary.ts';
import { showSinks, sinksDrawing } from './sinks-show.ts';
import { sortKeys } from './sort.ts';
import { type Drawing, watch } from './watch.ts';

/** What the daemon has told of all orders already, to who asked it first; null: nothing. */
type Early = Asked<DaemonView> | null;

/** Where it is printed, and when, and what orders are read with. */
interface StatusPlace extends ShowPlace {
	readonly probes: ProbeTable;
}

/** Adds the command `status` to the program. */
export function registerStatus(program: Command, probes: ProbeTable, early?: Early): void {
	describeStatus(program.command('status'), probes, early);
}

/** `pingmachine-status`: the name that the command had before there was `pingmachine status`. */
export function statusProgram(probes: ProbeTable, early?: Early): Command {
	const program = new Command('pingmachine-status').version(version);
	describeStatus(program, probes, early);
	return program;
}

/** Makes `command` the command `status`. */
function describeStatus(command: Command, probes: ProbeTable, early: Early = null): void {
	exitAsPlugin(command);
	command
		.summary('show how every order is doing')
		.description(
			'Shows how every order is doing, one row an order, grouped by user. Reads orders/ and output/, so that it works without the daemon and on a copy too; when the daemon runs, it tells in place of what files have not changed since, and adds what only it knows.',
		)
		.argument(
			'[order...]',
			'ids, folders of orders, or patterns in quotes: ? is one character, * any within a part of the path, ** any across parts',
		)
		.addOption(baseDirOption('holds orders/ and output/'))
		.option(
			'--max-age <span>',
			'what the daemon runs with, seconds, 2h or never; tells which orders expire soon (default: what it says, else 3660)',
		)
		.addOption(configOption())
		.option('--failing', 'only orders that are down, failing, rejected or unreadable')
		.option('--user <user>', 'only orders of this user')
		.addOption(choice('--probe <probe>', 'only orders with this probe', [...probes.keys()]))
		.addOption(choice('--sort <key>', 'within a user', sortKeys).default('order'))
		.option('--pop <pop>', "a row for each of these points of presence, a name or a pattern such as '*'")
		.option('--totals', 'only how many orders there are by state and probe, and how the daemon is doing')
		.option('--sinks', 'how results leave for the sinks, instead of orders')
		.option(
			'--summary',
			'pings sent and received, and round-trip times with their averages, as meshping shows them',
		)
		.option('--json', 'print one JSON object a line; with --totals one object')
		.option('--watch', 'draw it anew every second, until q or Ctrl-C; arrows and PgUp, PgDn scroll')
		.option('--check', 'judge in one line, with the exit code of a monitoring plug-in')
		.option('--daemon', 'with --check: judge the daemon alone')
		.addHelpText('after', statusHelp)
		.action(async (words: string[], options: StatusOptions) => {
			const exitCode = await runStatus(words, options, probes, early);
			process.exitCode ??= exitCode;
		});
}

async function runStatus(
	words: string[],
	options: StatusOptions,
	probes: ProbeTable,
	early: Early,
): Promise<StatusExit> {
	const { stdout, stdin } = process;
	const place: StatusPlace = { ...placeHere(), probes };
	const asking = async () => {
		const ofAll = words.length === 0 && options.pop === undefined;
		const asked = early ?? (await askForStatus(baseDirOf(options), ofAll));
		return { ...place, asked };
	};
	if (options.check) {
		return showCheck(words, options, stdout, async () => {
			const asked = await asking();
			return { judged: readStatus(words, options, asked), asked: asked.asked };
		});
	}
	if (options.daemon) {
		complain(place, ['--daemon says nothing without --check. Add it']);
		return 1;
	}
	if (options.summary) return showSummary(words, options, await asking());
	if (options.sinks && !options.watch) return showSinks(baseDirOf(options), options.json === true, place);
	if (!options.watch) return showStatus(words, options, await asking());
	const wrong = options.json
		? '--watch and --json do not go together. Leave one out'
		: stdout.isTTY === true
			? null
			: '--watch needs a terminal. Leave it out';
	// What is wrong from the start should not be drawn for ever.
	const lines = wrong === null ? readStatus(words, options, place).errors : [wrong];
	if (lines.length > 0) {
		complain(place, lines);
		return 1;
	}
	const draw = options.sinks
		? () => sinksDrawing(baseDirOf(options), place)
		: async () => drawing(words, options, await asking());
	await watch({ output: stdout, input: stdin }, draw);
	return 0;
}

function showSummary(words: readonly string[], options: StatusOptions, place: StatusPlace): StatusExit {
	const other = (['json', 'watch', 'totals', 'sinks'] as const).find((name) => options[name] === true);
	if (other !== undefined) {
		complain(place, [`--summary and --${other} do not go together. Leave one out`]);
		return 1;
	}
	const { shown, errors, problems } = readStatus(words, options, place);
	complain(place, [...errors, ...problems]);
	if (shown.length > 0 || errors.length === 0)
		place.stdout.write([...summaryOf(baseDirOf(options), shown, place.nowMs() / 1000)].join(''));
	if (errors.length > 0) return 1;
	return problems.length > 0 ? 2 : 0;
}

/** Shows it once. Returns the exit code. */
export function showStatus(words: readonly string[], options: StatusOptions, place: StatusPlace): StatusExit {
	return printStatus(readStatus(words, options, place), options, place);
}

function drawing(words: readonly string[], options: StatusOptions, place: StatusPlace): Drawing {
	const read = readStatus(words, options, place);
	const complaints = [...read.errors, ...read.problems].map((line) => cutEnd(line, place.columns()));
	const [[title, ...table], footer] = textLines(read, options, place);
	const header = title === undefined ? [] : [title];
	return { header, lines: [...complaints, ...table], footer };
}
