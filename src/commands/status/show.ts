import { resolve } from 'node:path';
import { usualBaseDir } from '../../config/usual-base-dir.ts';
import type { Asked } from '../../memory/ask-socket.ts';
import { escapeJson } from '../../model/printable.ts';
import type { StatusRow } from '../shared/status-row.ts';
import { painter, wantsColours } from '../terminal/paint.ts';
import { type DaemonView, daemonLines } from './daemon.ts';
import { jsonOf } from './json.ts';
import { groupByUser, type SortKey } from './sort.ts';
import { summaryLine, tableLines } from './table.ts';
import { diskLine, probesLine, totalsOf } from './totals.ts';

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
export interface ShowPlace {
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

export type StatusExit = 0 | 1 | 2 | 3;

/** What there is to be shown. */
export interface ReadStatus {
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

export function baseDirOf({ basedir }: StatusOptions): string {
	return resolve(basedir ?? usualBaseDir);
}

/** The terminal of this process, or who reads its output. */
export function placeHere(): ShowPlace {
	const { stdout, stderr, env } = process;
	stdout.on('error', failedToWrite);
	const isTerminal = stdout.isTTY === true;
	return {
		nowMs: Date.now,
		columns: () => (isTerminal ? stdout.columns || 80 : Number.POSITIVE_INFINITY),
		colours: wantsColours(stdout, env),
		stdout,
		stderr,
	};
}

/** Whoever reads no more than it wants (`| head`) is no error; a full disk is. */
function failedToWrite(error: NodeJS.ErrnoException): void {
	if (error.code === 'EPIPE' || error.code === 'EIO') return;
	process.stderr.write(`cannot write: ${error.message}\n`);
	process.exitCode = 1;
}

/** Prints it once. Returns the exit code. */
export function printStatus(read: ReadStatus, options: StatusOptions, place: ShowPlace): StatusExit {
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

export function complain({ stderr }: Pick<ShowPlace, 'stderr'>, lines: readonly string[]): void {
	for (const line of lines) stderr.write(`${line}\n`);
}

/** The table, and what stands below it. */
export function textLines(
	{ rows, shown, sort }: ReadStatus,
	{ totals }: StatusOptions,
	place: ShowPlace,
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

function jsonLines({ rows, shown, sort }: ReadStatus, { totals }: StatusOptions, place: ShowPlace): string[] {
	const { asked = null } = place;
	const view = asked !== null && 'answer' in asked ? asked.answer : null;
	if (totals) return [escapeJson(JSON.stringify(totalsOf(rows, view)))];
	return groupByUser(shown, sort).flatMap((group) => group.rows.map((row) => jsonOf(row, view)));
}
