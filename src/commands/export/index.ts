import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { nearest } from '../../model/nearest.ts';
import { printable } from '../../model/printable.ts';
import { wholeSeconds } from '../../model/span.ts';
import { timeForms } from '../../model/time-point.ts';
import { lastSecondsOf, readSeries, readStoredOrder } from '../../store/series.ts';
import { baseDirOption } from '../shared/base-dir-option.ts';
import { CommandProblem, type FoundOrder, findOrder, reasonOf } from '../shared/find-orders.ts';
import { choice } from '../shared/option-choices.ts';
import { readTime } from '../shared/times.ts';
import { type ExportFormat, exportFormats, seriesLines } from './formats.ts';
import { eventLines, histogramLines, routeLines, slotSeries } from './histories.ts';

/** As typed. */
export interface ExportOptions {
	readonly basedir: string;
	readonly start?: string | undefined;
	readonly end?: string | undefined;
	readonly step?: string | undefined;
	readonly format?: string | undefined;
	readonly histograms?: boolean | undefined;
	readonly slots?: boolean | undefined;
	readonly events?: boolean | undefined;
	readonly routes?: boolean | undefined;
}

/** Adds the command `export` to the program. */
export function registerExport(program: Command): void {
	program
		.command('export')
		.summary('print the stored measurements of an order')
		.description(
			'Prints the stored measurements of an order, one line a slot, oldest first. Needs no daemon.',
		)
		.argument('<id>', 'the order, or the beginning of its id; archived orders too')
		.addOption(baseDirOption('holds output/ and archive/'))
		.option('--start <time>', 'from the slot that holds this time (default: one day before the end)')
		.option('--end <time>', 'up to this time (default: now; of archived orders the last measurement)')
		.option(
			'--step <span>',
			'rows of about this length, seconds, or such as 1h (default: the shortest that reach back so far)',
		)
		.addOption(choice('--format <format>', 'of the lines (default: csv)', exportFormats))
		.option('--histograms', 'print the histograms instead, of all since the beginning, of days and of hours')
		.option('--slots', 'print loss and median of every single slot instead')
		.option('--events', 'print what happened to the order instead')
		.option('--routes', 'print the routes to its target instead')
		.addHelpText('after', help)
		.action(async (id: string, options: ExportOptions) => {
			process.exitCode = await exportCommand(id, options, process);
		});
}

const help = `
Times are ${timeForms}.

Each line is a span of \`step\` seconds:
  time            its start, seconds since the epoch: the \`time\` of last_result. (In main.rrd, and for
                  rrdtool fetch, the same row is named by its end: time + step.)
  step            its length. Older measurements are kept as averages over longer spans.
  loss            how many pings of a measurement were lost
  median          seconds
  ping1 to pingN  seconds, smallest first; lost pings stand half before and half after the others
What is unknown is empty in csv and null in json. It is left out in influx, as are spans of which nothing is
known; influx lines have the measurement pingmachine, the tag id, and \`time\` in nanoseconds.

--histograms, --events and --routes print the lines of JSON of those files of the order, all that are kept unless --start or
--end say otherwise; with the hours that are not written yet. Single slots are kept for 8 days, or as long as the
config or the order says.

Exit code: 0 when all was printed, 1 when that was not possible; the reason is on standard error.

Examples:
  pingmachine export me/localhost --start -2h
  pingmachine export me/localhost --start 2026-11-01 --end 2026-11-08T12:00 --step 3600 --format json
  pingmachine export me/localhost --format influx | influx write --bucket pings`;

export interface ExportStreams {
	readonly stdout: NodeJS.WritableStream;
	readonly stderr: { write(text: string): unknown };
}

/** Writes the measurements to `stdout`, or why not to `stderr`. Resolves with the exit code. */
export async function exportCommand(
	id: string,
	options: ExportOptions,
	{ stdout, stderr }: ExportStreams,
	nowSeconds = Math.floor(Date.now() / 1000),
): Promise<0 | 1> {
	try {
		const lines = exportedLines(id, options, nowSeconds);
		await pipeline(Readable.from(inChunks(lines), { objectMode: false }), stdout, { end: false });
		return 0;
	} catch (error) {
		// `export ... | head` reads no more than it wants.
		if ((error as NodeJS.ErrnoException).code === 'EPIPE') return 0;
		const reason = error instanceof CommandProblem ? error.message : printable(reasonOf(error));
		stderr.write(`pingmachine export: ${reason}\n`);
		return 1;
	}
}

function exportedLines(id: string, options: ExportOptions, nowSeconds: number): Iterable<string> {
	const kind = kindOf(options);
	const order = findOrder(resolve(options.basedir), id);
	if (kind !== null && kind !== 'slots') return historyLines(order, kind, options, nowSeconds);
	const format = readFormat(options.format ?? 'csv');
	const resolutionSeconds = readStep(options.step);
	const stored = readStoredOrder(order);
	const lastSeconds = lastSecondsOf(order, stored, nowSeconds);
	const endSeconds = options.end === undefined ? lastSeconds : readTime('--end', options.end, nowSeconds);
	const startSeconds =
		options.start === undefined
			? Math.max(0, endSeconds - 86400)
			: readTime('--start', options.start, nowSeconds);
	if (startSeconds >= endSeconds) {
		throw new CommandProblem(
			`the start, ${isoTime(startSeconds)}, is not before the end, ${isoTime(endSeconds)}`,
		);
	}
	const times = { startSeconds, endSeconds };
	if (kind === 'slots')
		return seriesLines(format, order.id, slotSeries(order.folder, times, stored.stepSeconds));
	const series = readSeries(order, stored, { startSeconds, endSeconds, resolutionSeconds, nowSeconds });
	return seriesLines(format, order.id, series);
}

const kinds = ['histograms', 'slots', 'events', 'routes'] as const;

/** What is to be printed; null: measurements. */
function kindOf(options: ExportOptions): (typeof kinds)[number] | null {
	const [kind = null, ...others] = kinds.filter((one) => options[one] === true);
	if (others.length > 0) throw new CommandProblem(`--${kind} and --${others[0]}: name one of them`);
	if (kind !== null && options.step !== undefined) throw new CommandProblem(`--step: not with --${kind}`);
	return kind;
}

function historyLines(
	order: FoundOrder,
	kind: 'histograms' | 'events' | 'routes',
	{ start, end, format }: ExportOptions,
	nowSeconds: number,
): Iterable<string> {
	if (format !== undefined && format !== 'json')
		throw new CommandProblem(`--format: --${kind} prints lines of JSON, not ${JSON.stringify(format)}`);
	const times = {
		startSeconds: start === undefined ? 0 : readTime('--start', start, nowSeconds),
		endSeconds: end === undefined ? Number.POSITIVE_INFINITY : readTime('--end', end, nowSeconds),
	};
	if (kind === 'routes') return routeLines(order.folder, times);
	return kind === 'events' ? eventLines(order.folder, times) : histogramLines(order.folder, times);
}

function isoTime(seconds: number): string {
	const date = new Date(seconds * 1000);
	return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString().replace('.000', '');
}

function readFormat(text: string): ExportFormat {
	const format = exportFormats.find((candidate) => candidate === text);
	if (format !== undefined) return format;
	const near = nearest(text, exportFormats);
	const hint = near === null ? '' : `. Did you mean ${near}?`;
	throw new CommandProblem(
		`--format: must be one of ${exportFormats.join(', ')}, not ${JSON.stringify(text)}${hint}`,
	);
}

function readStep(text: string | undefined): number | undefined {
	if (text === undefined) return undefined;
	const seconds = wholeSeconds(text);
	if (seconds !== null) return seconds;
	throw new CommandProblem(
		`--step: must be a whole number of seconds, at least 1, not ${JSON.stringify(text)}`,
	);
}

/** Few large writes instead of one a line. Characters. */
const chunkLength = 64 * 1024;

function* inChunks(lines: Iterable<string>): Generator<string> {
	let chunk = '';
	for (const line of lines) {
		chunk += line;
		if (chunk.length < chunkLength) continue;
		yield chunk;
		chunk = '';
	}
	if (chunk !== '') yield chunk;
}
