import { resolve } from 'node:path';
import { Command } from 'commander';
import { version } from '../../host/version.ts';
import type { Asked } from '../../memory/ask-daemon.ts';
import { notKnown } from '../../model/findings.ts';
import { escapeJson, printable } from '../../model/printable.ts';
import type { ProbeTable } from '../../model/probe.ts';
import { selectOrders } from '../../orders/selector.ts';
import { configOption } from '../shared/config-option.ts';
import { folderReason, listedOrders } from '../shared/listed-orders.ts';
import { choice } from '../shared/option-choices.ts';
import { readRow, type StatusRow } from '../shared/status-row.ts';
import { painter, wantsColours } from '../terminal/paint.ts';
import { cutEnd } from '../terminal/text.ts';
import { askForStatus, type DaemonView, daemonLines, daemonRow } from './daemon.ts';
import { statusHelp } from './help.ts';
import { jsonOf } from './json.ts';
import { showSinks, sinksDrawing } from './sinks-show.ts';
import { groupByUser, type SortKey, sortKeys } from './sort.ts';
import { summaryLine, tableLines } from './table.ts';
import { diskLine, probesLine, totalsOf } from './totals.ts';
import { noneFor, unknownNames } from './unknown.ts';
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
	readonly sort?: string | undefined;
	readonly user?: string | undefined;
	readonly probe?: string | undefined;
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

type StatusExit = 0 | 1 | 2;

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
	command
		.summary('show how every order is doing')
		.description(
			'Shows how every order is doing, one row an order, grouped by user. Reads orders/ and output/, so that it works without the daemon and on a copy too; when the daemon runs, adds what only that knows.',
		)
		.argument(
			'[order...]',
			'ids, folders of orders, or patterns in quotes: ? is one character, * any within a part of the path, ** any across parts',
		)
		.option('--basedir <dir>', 'holds orders/ and output/', '/var/lib/pingmachine')
		.option(
			'--max-age <seconds>',
			'what the daemon runs with, or never; tells which orders expire soon (default: what it says, else 3660)',
		)
		.addOption(configOption())
		.option('--failing', 'only orders that are failing, rejected or unreadable')
		.option('--user <user>', 'only orders of this user')
		.addOption(choice('--probe <probe>', 'only orders with this probe', [...probes.keys()]))
		.addOption(choice('--sort <key>', 'within a user', sortKeys).default('order'))
		.option('--totals', 'only how many orders there are by state and probe, and how the daemon is doing')
		.option('--sinks', 'how results leave for the sinks, instead of orders')
		.option('--json', 'print one JSON object a line; with --totals one object')
		.option('--watch', 'draw it anew every second, until q or Ctrl-C')
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
	if (options.sinks && !options.watch) return showSinks(baseDirOf(options), options.json === true, place);
	const asking = async () => ({ ...place, asked: await askForStatus(baseDirOf(options)) });
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

/** Shows it once. Returns the exit code. */
export function showStatus(words: readonly string[], options: StatusOptions, place: StatusPlace): StatusExit {
	const read = readStatus(words, options, place);
	complain(place, [...read.errors, ...read.problems]);
	const isNothing = read.rows.length === 0 && read.errors.length > 0;
	if (!isNothing) {
		const lines = options.json ? jsonLines(read, options, place) : textLines(read, options, place).flat();
		place.stdout.write(lines.map((line) => `${line}\n`).join(''));
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
	const [table, footer] = textLines(read, options, place);
	return { lines: [...complaints, ...table], footer };
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

// ---- Reading ----

interface ReadStatus {
	/** All orders that were asked for. */
	readonly rows: readonly StatusRow[];
	/** Those of them to be shown. */
	readonly shown: readonly StatusRow[];
	readonly sort: SortKey;
	/** What was asked for and is not there. */
	readonly errors: readonly string[];
	/** Files that cannot be read. */
	readonly problems: readonly string[];
}

function baseDirOf({ basedir }: StatusOptions): string {
	return resolve(basedir ?? '/var/lib/pingmachine');
}

function readStatus(words: readonly string[], options: StatusOptions, place: StatusPlace): ReadStatus {
	const baseDir = baseDirOf(options);
	const ordersDir = `${baseDir}/orders`;
	const sort = sortKeys.find((key) => key === options.sort) ?? 'order';
	const problems: string[] = [];
	const errors = wrongOptions(options);
	const nothing = { rows: [], shown: [], sort, problems };
	if (errors.length > 0) return { ...nothing, errors };

	const problem = (path: string, message: string) => {
		// What says itself which file it is about needs no name in front.
		const line = message.includes(path) ? message : `cannot read ${path}: ${message}`;
		problems.push(printable(line));
	};
	const { files, unread } = listedOrders(baseDir, place.probes);
	for (const { path, code } of unread) {
		const reason = folderReason(code) ?? code;
		if (path !== ordersDir) problem(path, reason);
		else
			errors.push(`cannot read ${printable(ordersDir)}: ${reason}. Name the base directory with --basedir`);
	}
	if (errors.length > 0) return { ...nothing, errors };
	const listed = new Map(files.map((file) => [file.id, file]));
	const all = [...listed.keys()];
	const { ids, unselected } = words.length === 0 ? { ids: all, unselected: [] } : selectOrders(words, all);
	errors.push(...unselected.map(noneFor));
	const maxAgeSeconds = maxAgeOf(options, place.asked ?? null);
	const sources = { baseDir, probes: place.probes, nowSeconds: place.nowMs() / 1000, maxAgeSeconds, problem };
	const found = ids
		.map((id) => readRow(listed.get(id) ?? { id }, sources))
		.filter((row) => row !== null)
		.map((row) => believingDaemon(row, place.asked ?? null));
	errors.push(...unknownNames(found, options));
	const { user, probe } = options;
	const rows = found.filter(
		(row) => (user === undefined || row.user === user) && (probe === undefined || row.probe === probe),
	);
	const shown = options.failing ? rows.filter(({ state }) => isTrouble.has(state)) : rows;
	return { rows, shown, sort, errors, problems };
}

/** What the daemon runs with, if neither the user nor the daemon says, is what it does by itself. Seconds. */
function maxAgeOf({ maxAge }: StatusOptions, asked: Asked<DaemonView> | null): number | null {
	if (maxAge !== undefined) return maxAge === 'never' ? null : Number(maxAge);
	return asked === null || 'silence' in asked ? 3660 : asked.answer.daemon.max_age;
}

/** The daemon may know probes that are not known here, since it has another config: what it measures is an order. */
function believingDaemon(row: StatusRow, asked: Asked<DaemonView> | null): StatusRow {
	if (row.state !== 'rejected' || asked === null || 'silence' in asked) return row;
	if (daemonRow(row.id, asked.answer).state !== 'measured') return row;
	if (row.result === null) return { ...row, state: 'waiting', reason: null };
	const reason = row.isLate ? 'no result for more than two steps' : null;
	return { ...row, state: row.isLate ? 'failing' : 'measuring', reason };
}

const isTrouble: ReadonlySet<string> = new Set(['failing', 'rejected', 'unreadable']);

function wrongOptions({ basedir, maxAge = '3660', sort = 'order' }: StatusOptions): string[] {
	const errors: string[] = [];
	if (basedir === '') errors.push('--basedir: is empty. Write the path of the base directory');
	if (maxAge !== 'never' && !/^[1-9]\d{0,14}$/.test(maxAge)) {
		errors.push(`--max-age: must be a whole number of seconds, at least 1, not "${printable(maxAge)}"`);
	}
	if (!sortKeys.some((key) => key === sort)) errors.push(`--sort: ${notKnown('key', sort, sortKeys)}`);
	return errors;
}
