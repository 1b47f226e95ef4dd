import { resolve } from 'node:path';
import { Command } from 'commander';
import { notKnown } from '../model/findings.ts';
import { escapeJson, printable } from '../model/printable.ts';
import type { ProbeTable } from '../model/probe.ts';
import { version } from '../version.ts';
import { configOption } from './config-option.ts';
import { choice } from './option-choices.ts';
import { orderIds } from './status-files.ts';
import { readRow, type StatusRow } from './status-row.ts';
import { selectIds } from './status-select.ts';
import { groupByUser, type SortKey, sortKeys } from './status-sort.ts';
import { summaryLine, tableLines } from './status-table.ts';
import { cutEnd } from './status-text.ts';
import { watch } from './status-watch.ts';

/** As typed. */
export interface StatusOptions {
	readonly basedir?: string | undefined;
	readonly maxAge?: string | undefined;
	readonly json?: boolean | undefined;
	readonly watch?: boolean | undefined;
	readonly failing?: boolean | undefined;
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
	readonly stdout: { write(text: string): unknown };
	readonly stderr: { write(text: string): unknown };
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
			'Shows how every order is doing, one row an order, grouped by user. Reads orders/ and output/ only, so that it needs no daemon and works on a copy too.',
		)
		.argument('[order...]', 'ids, folders of orders, or patterns in quotes: * is anything, ? one character')
		.option('--basedir <dir>', 'holds orders/ and output/', '/var/lib/pingmachine')
		.option('--max-age <seconds>', 'what the daemon runs with; tells which orders expire soon', '3660')
		.addOption(configOption())
		.option('--failing', 'only orders that are failing, rejected or unreadable')
		.option('--user <user>', 'only orders of this user')
		.addOption(choice('--probe <probe>', 'only orders with this probe', [...probes.keys()]))
		.addOption(choice('--sort <key>', 'within a user', sortKeys).default('order'))
		.option('--json', 'print one JSON object a line')
		.option('--watch', 'draw it anew every second, until q or Ctrl-C')
		.addHelpText('after', help)
		.action(async (words: string[], options: StatusOptions) => {
			process.stdout.on('error', failedToWrite);
			const exitCode = await runStatus(words, options, probes);
			process.exitCode ??= exitCode;
		});
}

const help = `
AGE is the time since the last result, red when it is older than two steps. MEDIAN and MIN-MAX are milliseconds.

States:
  measuring   the last slot was measured, whatever came of it
  waiting     for its first slot
  expiring    less than a tenth of --max-age is left: refresh it, or it is archived
  failing     it could not be measured, or has no result for two steps; the reason follows
  rejected    it is not a valid order; the reason follows
  unreadable  a file that would tell cannot be read

JSON: every object has all of these keys, null where there is nothing to tell:
  id, user, probe, target  text
  step, pings              of the order; seconds, and how many in a step
  state                    one of the above
  reason                   why it is failing, rejected or unreadable
  age                      seconds since the last result
  late                     true when that is more than two steps
  expires_in               seconds until it is archived, negative when it should have been
  result                   the last one: time, updated, step, pings, loss, min, median, max as in last_result:
                           seconds; loss is how many pings were lost

Exit code: 0 when all that was asked for is shown, whatever the states; 1 when there is no such order or base
directory, or an option is wrong; 2 when a file or folder could not be read. Each is a line on standard error.
NO_COLOR=1 turns colours off.

Examples:
  pingmachine status
  pingmachine status --failing --watch
  pingmachine status 'office/*' --sort loss
  pingmachine status --json | jq -r 'select(.state == "failing") | .id'`;

/** Whoever reads no more than it wants (`| head`) is no error; a full disk is. */
function failedToWrite(error: NodeJS.ErrnoException): void {
	if (error.code === 'EPIPE' || error.code === 'EIO') return;
	process.stderr.write(`cannot write: ${error.message}\n`);
	process.exitCode = 1;
}

async function runStatus(words: string[], options: StatusOptions, probes: ProbeTable): Promise<StatusExit> {
	const { stdout, stdin, stderr, env } = process;
	const isTerminal = stdout.isTTY === true;
	const noColour = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
	const place: StatusPlace = {
		probes,
		nowMs: Date.now,
		columns: () => (isTerminal ? stdout.columns || 80 : Number.POSITIVE_INFINITY),
		colours: isTerminal && !noColour,
		stdout,
		stderr,
	};
	if (!options.watch) return showStatus(words, options, place);
	const wrong = options.json
		? '--watch and --json do not go together. Leave one out'
		: isTerminal
			? null
			: '--watch needs a terminal. Leave it out';
	// What is wrong from the start should not be drawn for ever.
	const lines = wrong === null ? readStatus(words, options, place).errors : [`${wrong}`];
	if (lines.length > 0) {
		complain(place, lines);
		return 1;
	}
	await watch({ output: stdout, input: stdin }, () => drawing(words, options, place));
	return 0;
}

/** Shows it once. Returns the exit code. */
export function showStatus(words: readonly string[], options: StatusOptions, place: StatusPlace): StatusExit {
	const read = readStatus(words, options, place);
	complain(place, [...read.errors, ...read.problems]);
	const isNothing = read.rows.length === 0 && read.errors.length > 0;
	if (!isNothing) {
		const lines = options.json ? jsonLines(read) : textLines(read, place);
		place.stdout.write(lines.map((line) => `${line}\n`).join(''));
	}
	if (read.errors.length > 0) return 1;
	return read.problems.length > 0 ? 2 : 0;
}

function complain({ stderr }: StatusPlace, lines: readonly string[]): void {
	for (const line of lines) stderr.write(`${line}\n`);
}

function drawing(words: readonly string[], options: StatusOptions, place: StatusPlace): string[] {
	const read = readStatus(words, options, place);
	const complaints = [...read.errors, ...read.problems].map((line) => cutEnd(line, place.columns()));
	return [...complaints, ...textLines(read, place)];
}

function textLines({ rows, shown, sort }: ReadStatus, place: StatusPlace): string[] {
	const options = { sort, columns: place.columns(), colours: place.colours };
	return [...tableLines(shown, options), summaryLine(rows, options)];
}

function jsonLines({ shown, sort }: ReadStatus): string[] {
	return groupByUser(shown, sort).flatMap(({ rows }) => rows.map(jsonOf));
}

function jsonOf(row: StatusRow): string {
	const { id, user, probe, target, stepSeconds: step, pings, state, reason, result } = row;
	const { ageSeconds: age, isLate: late, expiresInSeconds } = row;
	const expires_in = expiresInSeconds === null ? null : Math.round(expiresInSeconds);
	const told = { id, user, probe, target, step, pings, state, reason };
	const rounded = age === null ? null : Math.round(age);
	return escapeJson(JSON.stringify({ ...told, age: rounded, late, expires_in, result }));
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

function readStatus(words: readonly string[], options: StatusOptions, place: StatusPlace): ReadStatus {
	const baseDir = resolve(options.basedir ?? '/var/lib/pingmachine');
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
	let baseFault: string | null = null;
	const all = orderIds(ordersDir, (path, message) => {
		if (path === ordersDir) baseFault = message;
		else problem(path, message);
	});
	if (baseFault !== null) {
		const remedy = 'Name the base directory with --basedir';
		return { ...nothing, errors: [`cannot read ${printable(ordersDir)}: ${baseFault}. ${remedy}`] };
	}
	const { ids, complaints } = selectIds(all, words);
	errors.push(...complaints);
	const maxAgeSeconds = Number(options.maxAge ?? 3660);
	const sources = { baseDir, probes: place.probes, nowSeconds: place.nowMs() / 1000, maxAgeSeconds, problem };
	const found = ids.map((id) => readRow(id, sources)).filter((row) => row !== null);
	errors.push(...unknownNames(found, options));
	const { user, probe } = options;
	const rows = found.filter(
		(row) => (user === undefined || row.user === user) && (probe === undefined || row.probe === probe),
	);
	const shown = options.failing ? rows.filter(({ state }) => isTrouble.has(state)) : rows;
	return { rows, shown, sort, errors, problems };
}

const isTrouble: ReadonlySet<string> = new Set(['failing', 'rejected', 'unreadable']);

function wrongOptions({ basedir, maxAge = '3660', sort = 'order' }: StatusOptions): string[] {
	const errors: string[] = [];
	if (basedir === '') errors.push('--basedir: is empty. Write the path of the base directory');
	if (!/^[1-9]\d{0,14}$/.test(maxAge)) {
		errors.push(`--max-age: must be a whole number of seconds, at least 1, not "${printable(maxAge)}"`);
	}
	if (!sortKeys.some((key) => key === sort)) errors.push(`--sort: ${notKnown('key', sort, sortKeys)}`);
	return errors;
}

/** A user or probe that no order has is more likely a slip than a question. */
function unknownNames(rows: readonly StatusRow[], { user, probe }: StatusOptions): string[] {
	const errors: string[] = [];
	const check = (what: 'user' | 'probe', wanted: string | undefined) => {
		const known = new Set(rows.map((row) => row[what]).filter((name) => name !== null));
		if (wanted === undefined || known.has(wanted) || rows.length === 0) return;
		errors.push(`--${what}: ${printable(notKnown(what, wanted, [...known].slice(0, 10)))}`);
	};
	check('user', user);
	check('probe', probe);
	return errors;
}
