import { Command } from 'commander';
import { version } from '../../host/version.ts';
import type { Asked } from '../../memory/ask-daemon.ts';
import { escapeJson } from '../../model/printable.ts';
import type { ProbeTable } from '../../model/probe.ts';
import { baseDirOption } from '../shared/base-dir-option.ts';
import { configOption } from '../shared/config-option.ts';
import { choice } from '../shared/option-choices.ts';
import { painter, wantsColours } from '../terminal/paint.ts';
import { cutEnd } from '../terminal/text.ts';
import { askForStatus, type DaemonView, daemonLines } from './daemon.ts';
import { statusHelp } from './help.ts';
import { jsonOf } from './json.ts';
import { baseDirOf, type ReadStatus, readStatus } from './read.ts';
import { exitAsPlugin, showCheck } from './show-check.ts';
import { summaryOf } from './show-summary.ts';
import { showSinks, sinksDrawing } from './sinks-show.ts';
import { groupByUser, sortKeys } from './sort.ts';
import { summaryLine, tableLines } from './table.ts';
import { diskLine, probesLine, totalsOf } from './totals.ts';
import { type Drawing, watch } from './watch.ts';

/** As typed. */
export interface StatusOptions {
	readonly basedir?: string | undefined;
	readonly maxAge?: string | undefined;
	readonly json?: boolean | undefined;
	readonly watch?: boolean | undefined;
	readonly failing?: boolean | undefined;
	readonly totals?: boolean | undefined;
	readonly sinks?: boolean | undefined;
	readonly summary?: boolean | undefined;
	readonly check?: boolean | undefined;
	readonly daemon?: boolean | undefined;
	readonly sort?: string | undefined;
	readonly user?: string | undefined;
	readonly probe?: string | undefined;
	readonly pop?: string | undefined;
}

/** Where it is printed, and when. */
interface StatusPlace {
	readonly probes: ProbeTable;
	/** Milliseconds since the epoch. */
	nowMs(): number;
	/** Columns of the terminal; Infinity when there is none. */
	columns(): number;
	readonly colours: boolean;
	/** What the daemon answered; null when it was not asked. */
	readonly asked?: Asked<DaemonView> | null;
	readonly stdout: { write(text: string): unknown };
	readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
}

type StatusExit = 0 | 1 | 2 | 3;

/** Adds the command `status` to the program. */
export function registerStatus(program: Command, probes: ProbeTable): void {
	describeStatus(program.command('status'), probes);
}

/** `pingmachine-status`: the name that the command had before there was `pingmachine status`. */
export function statusProgram(probes: ProbeTable): Command {
	const program = new Command('pingmachine-status').version(version);
	describeStatus(program, probes);
	return program;
}

/** Makes `command` the command `status`. */
function describeStatus(command: Command, probes: ProbeTable): void {
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
			process.stdout.on('error', failedToWrite);
			const exitCode = await runStatus(words, options, probes);
			process.exitCode ??= exitCode;
		});
}

/** Whoever reads no more than it wants (`| head`) is no error; a full disk is. */
function failedToWrite(error: NodeJS.ErrnoException): void {
	if (error.code === 'EPIPE' || error.code === 'EIO') return;
	process.stderr.write(`cannot write: ${error.message}\n`);
	process.exitCode = 1;
}

async function runStatus(words: string[], options: StatusOptions, probes: ProbeTable): Promise<StatusExit> {
	const { stdout, stdin, stderr, env } = process;
	const isTerminal = stdout.isTTY === true;
	const place: StatusPlace = {
		probes,
		nowMs: Date.now,
		columns: () => (isTerminal ? stdout.columns || 80 : Number.POSITIVE_INFINITY),
		colours: wantsColours(stdout, env),
		stdout,
		stderr,
	};
	const asking = async () => ({
		...place,
		asked: await askForStatus(baseDirOf(options), words.length === 0 && options.pop === undefined),
	});
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
		: isTerminal
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
	const read = readStatus(words, options, place);
	complain(place, [...read.errors, ...read.problems]);
	const isNothing = read.rows.length === 0 && read.errors.length > 0;
	if (!isNothing) {
		const lines = options.json ? jsonLines(read, options, place) : textLines(read, options, place).flat();
		place.stdout.write(lines.length === 0 ? '' : `${lines.join('\n')}\n`);
		const { asked = null, stderr } = place;
		const isSilent = asked !== null && 'silence' in asked;
		if (isSilent && options.json && stderr.isTTY === true) {
			complain(place, [`daemon: no answer: ${asked.silence}`]);
		}
	}
	if (read.errors.length > 0) return 1;
	return read.problems.length > 0 ? 2 : 0;
}

function complain({ stderr }: StatusPlace, lines: readonly string[]): void {
	for (const line of lines) stderr.write(`${line}\n`);
}

function drawing(words: readonly string[], options: StatusOptions, place: StatusPlace): Drawing {
	const read = readStatus(words, options, place);
	const complaints = [...read.errors, ...read.problems].map((line) => cutEnd(line, place.columns()));
	const [[title, ...table], footer] = textLines(read, options, place);
	const header = title === undefined ? [] : [title];
	return { header, lines: [...complaints, ...table], footer };
}

/** The table, and what stands below it. */
function textLines(
	{ rows, shown, sort }: ReadStatus,
	{ totals }: StatusOptions,
	place: StatusPlace,
): [table: string[], footer: string[]] {
	const options = { sort, columns: place.columns(), colours: place.colours };
	const { asked = null } = place;
	const ids = rows.map(({ id }) => id);
	const footer = {
		nowSeconds: place.nowMs() / 1000,
		columns: place.columns(),
		paint: painter(place.colours),
	};
	const daemon = asked === null ? [] : daemonLines(asked, ids, footer);
	const disk = asked !== null && 'answer' in asked ? [diskLine(asked.answer.daemon)] : [];
	const probes = totals ? [probesLine(rows), ...disk] : [];
	return [totals ? [] : tableLines(shown, options), [summaryLine(rows, options), ...probes, ...daemon]];
}

function jsonLines(
	{ rows, shown, sort }: ReadStatus,
	{ totals }: StatusOptions,
	place: StatusPlace,
): string[] {
	const { asked = null } = place;
	const view = asked !== null && 'answer' in asked ? asked.answer : null;
	if (totals) return [escapeJson(JSON.stringify(totalsOf(rows, view)))];
	return groupByUser(shown, sort).flatMap((group) => group.rows.map((row) => jsonOf(row, view)));
}
