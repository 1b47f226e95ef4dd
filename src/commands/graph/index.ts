import { resolve } from 'node:path';
import type { Command } from 'commander';
import { printable } from '../../model/printable.ts';
import type { ProbeTable } from '../../model/probe.ts';
import { timeForms } from '../../model/time-point.ts';
import { baseDirOption } from '../shared/base-dir-option.ts';
import { findOrders } from '../shared/find-orders.ts';
import { askForSixels, type SixelTerminal } from '../terminal/terminal-answer.ts';
import { drawEach, drawing, problemText } from './drawing.ts';
import { type GraphFileKind, replaceGraphFile, writeNewFile } from './file.ts';
import { type GraphOptions, periodOption, readKind } from './options.ts';
import { graphPage, type Overview } from './page.ts';
import { type PictureProtocol, pictureProtocol, pictureText } from './terminal.ts';

/** Adds the command `graph` to the program. */
export function registerGraph(program: Command, probes: ProbeTable): void {
	program
		.command('graph')
		.summary('draw the smoke graph of orders')
		.description(
			'Draws loss, median and smoke of an order; of several orders an overview page. Needs rrdtool and no daemon.',
		)
		.argument(
			'<id...>',
			'orders, folders of them, patterns in quotes, or beginnings of ids; archived orders too',
		)
		.addOption(baseDirOption('holds output/ and archive/'))
		.addOption(periodOption('--period <period>'))
		.option('--start <time>', 'from this time, instead of --period')
		.option('--end <time>', 'up to this time (default: now; of archived orders the last measurement)')
		.option('--out <file>', 'file to write or replace: .png, .svg, or .html for an overview')
		.option('--size <WxH>', 'of each picture in pixels (default: 800x400; in an overview 680x300)')
		.option('--title <text>', 'above the graph or the overview (default: that of the order, or its id)')
		.option('--pops', 'compare this machine and the points of presence that measure an order, in one graph')
		.addHelpText('after', help)
		.action(async (ids: string[], options: GraphOptions) => {
			process.exitCode = await graphCommand(ids, options, ownSurroundings(probes));
		});
}

export const exitCodes = `
Exit code: 0 when all was drawn, 1 when that was not possible; the reason is on standard error.`;

const help = `
Times are ${timeForms}. Periods are hour, day, week, month,
year, or a number with s, min, h, d, w or y; a bare number is seconds. Without one, each graph has the shortest of
hour, day, week, month and year in which something was measured.

An overview has a heading for each folder and each order, with a link to it; with the times that it shows; and with
\`title\`, \`note\` and \`link\` of the order.

Without --out the graph is shown in the terminal if that can show pictures: kitty, Ghostty, iTerm2, WezTerm, and all
that say they know sixels, such as foot, mlterm and Windows Terminal. Otherwise it is written to ID.png, with _ for each / of the id, and several to overview.html,
in the current folder. A file of that name that is there already is never replaced; one named with --out is, if it
is an image of that kind or an overview.

Of an order that points of presence alone measure the graph has a line for each of them, its median; ID/@POP is what one
of them measured, with its smoke.

In the graph the line is the median, coloured by loss; the smoke around it is how far the other pings lie apart; the
background is grey where every ping was lost, and white where nothing was measured.
${exitCodes}

Examples:
  pingmachine graph me/localhost
  pingmachine graph me/loc --period 30h --out night.svg --size 1200x500
  pingmachine graph me/localhost --start -2d --end -1d --out day.png
  pingmachine graph me/localhost --pops --out compared.svg
  pingmachine graph 'me/*' --period month --out overview.html`;

export interface GraphSurroundings {
	/** They know what an order measures. */
	readonly probes: ProbeTable;
	readonly stdout: { write(text: string): unknown; readonly isTTY?: boolean | undefined };
	readonly stderr: { write(text: string): unknown };
	readonly env: Readonly<Record<string, string | undefined>>;
	/** Where files go that nobody named. */
	cwd(): string;
	/** Asks the terminal whether it can show sixels. */
	askForSixels(): Promise<SixelTerminal | null>;
}

/** Of this process. */
export function ownSurroundings(probes: ProbeTable): GraphSurroundings {
	const { stdout, stderr, env } = process;
	// A reader that has seen enough.
	stdout.on('error', () => {});
	return { probes, stdout, stderr, env, cwd: () => process.cwd(), askForSixels };
}

/** Draws the graphs, and says on `stdout` where they are, or on `stderr` why not. Resolves with the exit code. */
export async function graphCommand(
	ids: readonly string[],
	options: GraphOptions,
	around: GraphSurroundings,
	nowSeconds = Math.floor(Date.now() / 1000),
): Promise<0 | 1> {
	const complain = (reason: string) => void around.stderr.write(`pingmachine graph: ${reason}\n`);
	try {
		const baseDir = resolve(around.cwd(), options.basedir);
		const orders = findOrders(baseDir, ids);
		const count = Math.max(ids.length, orders.length);
		const target = await targetOf(options, count, around);
		const draw = drawing(options, {
			...{ baseDir, probes: around.probes, nowSeconds },
			...{ isSmall: target.kind === 'html', isSvg: target.kind === 'svg' },
		});
		const entries = await drawEach(orders, draw);
		const problems = entries.flatMap((entry) => ('problem' in entry ? [entry.problem] : []));
		for (const problem of new Set(problems)) complain(problem);
		if (problems.length < entries.length) {
			deliver(target, { title: options.title ?? ids.join(' '), drawnSeconds: nowSeconds, entries }, around);
		}
		return problems.length === 0 ? 0 : 1;
	} catch (error) {
		complain(problemText(error));
		return 1;
	}
}

// ---- Where to ----

type Target =
	| { readonly kind: GraphFileKind; readonly isNamed: true; readonly path: string }
	/** Nobody named a file. `protocol`: how to show pictures instead; null: the terminal cannot. */
	| { readonly kind: 'png' | 'html'; readonly isNamed: false; readonly protocol: PictureProtocol | null };

async function targetOf(
	{ out, kind }: GraphOptions,
	orders: number,
	around: GraphSurroundings,
): Promise<Target> {
	if (out !== undefined)
		return { kind: readKind(out, kind, orders), isNamed: true, path: resolve(around.cwd(), out) };
	const protocol = around.stdout.isTTY === true ? await protocolOf(around) : null;
	return { kind: orders > 1 ? 'html' : 'png', isNamed: false, protocol };
}

async function protocolOf({ env, askForSixels }: GraphSurroundings): Promise<PictureProtocol | null> {
	const { TERM = 'dumb' } = env;
	return pictureProtocol(env) ?? (TERM === 'dumb' ? null : await askForSixels());
}

function deliver(target: Target, overview: Overview, around: GraphSurroundings): void {
	const { entries } = overview;
	if (!target.isNamed && target.protocol !== null) {
		for (const entry of entries) {
			if ('image' in entry) around.stdout.write(pictureText(target.protocol, entry.image));
		}
		return;
	}
	const content = contentOf(target.kind, overview);
	if (target.isNamed) {
		replaceGraphFile(target.path, content, target.kind);
		return;
	}
	const name = target.kind === 'html' ? 'overview.html' : `${fileNameOf(entries[0]?.id ?? '')}.png`;
	writeNewFile(resolve(around.cwd(), name), content);
	around.stdout.write(`${printable(name)}\n`);
}

/** It must not begin with a dash, which programs take for an option, nor with a dot, which hides it. */
function fileNameOf(id: string): string {
	return id.replaceAll('/', '_').replace(/^[-.]/, '_');
}

function contentOf(kind: GraphFileKind, overview: Overview): Buffer {
	if (kind === 'html') return Buffer.from(graphPage(overview));
	const [entry] = overview.entries;
	return entry !== undefined && 'image' in entry ? entry.image : Buffer.alloc(0);
}
