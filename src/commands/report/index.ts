import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { nearest } from '../../model/nearest.ts';
import { objectiveForms, objectivePercent } from '../../model/objective.ts';
import { popFolderOf } from '../../model/pop.ts';
import { printable } from '../../model/printable.ts';
import type { ProbeTable } from '../../model/probe.ts';
import { type FoundOrder, listOrders, popsOf } from '../../store/find-orders.ts';
import { mainRrdName } from '../../store/main-rrd.ts';
import { baseDirOption } from '../shared/base-dir-option.ts';
import { CommandProblem, findOrders, reasonOf } from '../shared/find-orders.ts';
import { choice } from '../shared/option-choices.ts';
import { csvReport, textReport } from './formats.ts';
import { type Month, monthForms, readMonth } from './month.ts';
import { htmlReport } from './page.ts';
import { type ReportCase, type ReportRow, reportRow } from './rows.ts';

/** As typed. */
export interface ReportOptions {
	readonly basedir: string;
	/** True: no month was named. */
	readonly month?: string | true | undefined;
	/** True: only orders with an objective. */
	readonly objective?: string | true | undefined;
	readonly format?: string | undefined;
}

const formats = ['text', 'csv', 'html'] as const;

/** Adds the command `report` to the program. */
export function registerReport(program: Command, probes: ProbeTable): void {
	program
		.command('report')
		.summary('tell uptime and round-trip times of a month')
		.description('Tells of each order uptime, loss and round-trip times of a month. Needs no daemon.')
		.argument('[id...]', 'orders, folders of them, or patterns in quotes (default: all); archived orders too')
		.addOption(baseDirOption('holds output/ and archive/'))
		.option('--month [month]', `${monthForms} (default: this)`)
		.option(
			'--objective [percent]',
			'of orders that have none of their own; without a number: only orders with one',
		)
		.addOption(choice('--format <format>', 'of the report (default: text)', formats))
		.addHelpText('after', help)
		.action(async (ids: string[], options: ReportOptions) => {
			// A reader that has seen enough.
			process.stdout.on('error', () => {});
			process.exitCode = reportCommand(ids, options, { probes, ...ownStreams() });
		});
}

const help = `
Months are those of UTC, as the days are of which histograms are kept. Nothing is told of orders without main.rrd.

  UPTIME     share of the measured slots that had at least one answer
  DOWN       how long all measured slots without an answer are
  UNKNOWN    share of all slots that were not measured; these are in no other number
  OBJECTIVE  what the order says, or --objective; REACHED: met or missed so far
  LEFT       for how long it may still be down in this month, if all that is to come is measured

csv has numbers as they are: seconds, shares from 0 to 1, slots.

Exit code: 0 when all was told, 1 when something could not be read; the reason is on standard error.

Examples:
  pingmachine report --month
  pingmachine report 'office/**' --month last --objective 99.9
  pingmachine report --month 2026-11 --format html > november.html`;

export interface ReportPlace {
	readonly probes: ProbeTable;
	readonly stdout: { write(text: string): unknown };
	readonly stderr: { write(text: string): unknown };
}

function ownStreams(): Pick<ReportPlace, 'stdout' | 'stderr'> {
	const { stdout, stderr } = process;
	return { stdout, stderr };
}

/** Writes the report to `stdout`, and what is wrong to `stderr`. Returns the exit code. */
export function reportCommand(
	words: readonly string[],
	options: ReportOptions,
	{ probes, stdout, stderr }: ReportPlace,
	nowSeconds = Math.floor(Date.now() / 1000),
): 0 | 1 {
	const complain = (reason: string) => void stderr.write(`pingmachine report: ${reason}\n`);
	try {
		const baseDir = resolve(options.basedir);
		const write = writerOf(options.format);
		const { month, ids } = monthAndIds(options.month, words, nowSeconds);
		const objective = objectiveOf(options.objective);
		const orders = ids.length === 0 ? listOrders(baseDir) : findOrders(baseDir, ids);
		const rows: ReportRow[] = [];
		let isWhole = true;
		for (const order of orders) {
			try {
				const about = { baseDir, probes, month, objectivePercent: objective, nowSeconds };
				const row = rowOfOrder(order, about);
				if (row !== null && (options.objective !== true || row.budget !== null)) rows.push(row);
			} catch (error) {
				isWhole = isWhole && isNothingKept(error);
				if (!isNothingKept(error)) complain(problemText(error));
			}
		}
		stdout.write(write(rows, month));
		return isWhole ? 0 : 1;
	} catch (error) {
		complain(problemText(error));
		return 1;
	}
}

/** Where points of presence alone measure it, that of the one which saw the least of its uptime. */
function rowOfOrder(order: FoundOrder, about: ReportCase): ReportRow | null {
	const pops = existsSync(`${order.folder}/${mainRrdName}`) ? [] : popsOf(order);
	if (pops.length === 0) return reportRow(order, about);
	const rows = pops.flatMap((pop) => {
		const folder = { ...order, id: popFolderOf(order.id, pop), folder: `${order.folder}/@${pop}` };
		try {
			return reportRow(folder, about) ?? [];
		} catch (error) {
			// It may have refused to measure it.
			if (isNothingKept(error)) return [];
			throw error;
		}
	});
	const [worst] = rows.sort((a, b) => (a.uptime ?? 2) - (b.uptime ?? 2));
	return worst === undefined ? null : { ...worst, id: order.id };
}

function problemText(error: unknown): string {
	return error instanceof CommandProblem ? error.message : printable(reasonOf(error));
}

/** Orders with `norrd`, say: nothing can be told of them, and nothing is wrong. */
function isNothingKept(error: unknown): boolean {
	return error instanceof CommandProblem && error.message.includes('has no main.rrd');
}

function writerOf(text: string | undefined): (rows: readonly ReportRow[], month: Month) => string {
	const writers = { text: textReport, csv: csvReport, html: htmlReport };
	const format = formats.find((one) => one === (text ?? 'text'));
	if (format !== undefined) return writers[format];
	const near = nearest(text ?? '', formats);
	const hint = near === null ? '' : `. Did you mean ${near}?`;
	throw new CommandProblem(
		`--format: must be one of ${formats.join(', ')}, not ${JSON.stringify(text)}${hint}`,
	);
}

/** `--month core/a` means this month, of core/a. */
function monthAndIds(
	typed: string | true | undefined,
	words: readonly string[],
	nowSeconds: number,
): { month: Month; ids: readonly string[] } {
	const isNamed = typeof typed === 'string';
	const month = readMonth(isNamed ? typed : 'this', nowSeconds);
	if (month !== null) return { month, ids: words };
	const thisMonth = readMonth('this', nowSeconds);
	if (!isNamed || thisMonth === null || !/[^\d-]/.test(typed))
		throw new CommandProblem(`--month: must be ${monthForms}, not ${JSON.stringify(typed)}`);
	return { month: thisMonth, ids: [typed, ...words] };
}

function objectiveOf(typed: string | true | undefined): number | null {
	if (typed === undefined || typed === true) return null;
	const percent = objectivePercent(typed);
	if (percent !== null) return percent;
	throw new CommandProblem(`--objective: must be ${objectiveForms}, not ${JSON.stringify(typed)}`);
}
