import { baseDirVariable } from '../../config/usual-base-dir.ts';
import { version } from '../../host/version.ts';
import { type Asked, askForStatus } from '../../memory/ask-socket.ts';
import type { DaemonAnswer } from '../../model/answers.ts';
import type { StatusRow } from '../shared/status-row.ts';
import { type DaemonView, listedIn, viewOf } from './daemon.ts';
import { baseDirOf, placeHere, printStatus, type StatusOptions } from './show.ts';
import { toldRow } from './told-row.ts';

/** `early`: what the daemon told; null: it was not asked, or was not understood without more than is loaded here. */
export type ShownOrNot = 'shown' | { readonly early: Asked<DaemonView> | null };

/**
 * Shows all orders by what the daemon tells of them, which is asked and read with a tenth of what the whole command
 * loads. Prints nothing where that is not enough: the whole command has to.
 *
 * @param args behind the name of the command
 */
export async function showTold(args: readonly string[]): Promise<ShownOrNot> {
	const options = optionsIn(args);
	if (options === null) return { early: null };
	const baseDir = baseDirOf(options);
	const asked = await askForStatus(baseDir, ofThisVersion);
	if ('silence' in asked) return { early: asked };
	if (asked.answer === null) return { early: null };
	const view = viewOf(asked.answer, baseDir);
	const early = { answer: view };
	const rows = rowsOf(view, { baseDir, nowSeconds: Date.now() / 1000 });
	if (rows === null) return { early };
	const place = { ...placeHere(), asked: early };
	const read = { rows, shown: rows, sort: 'order', errors: [], problems: [] } as const;
	const exitCode = printStatus(read, options, place);
	process.exitCode ??= exitCode;
	return 'shown';
}

/** Null: there is more than what is understood here, or a slip. */
function optionsIn(args: readonly string[]): StatusOptions | null {
	let basedir = process.env[baseDirVariable];
	let json = false;
	for (let index = 0; index < args.length; index++) {
		const arg = args[index] ?? '';
		if (arg === '--json') json = true;
		else if (arg === '--basedir') basedir = args[++index] ?? '';
		else if (arg.startsWith('--basedir=')) basedir = arg.slice('--basedir='.length);
		else return null;
	}
	// What is empty, or looks like an option, is for the whole command to judge.
	if (basedir === '' || basedir?.startsWith('-') === true) return null;
	return basedir === undefined ? { json } : { basedir, json };
}

/** What this very version says of itself needs no schema. */
function ofThisVersion(told: unknown): DaemonAnswer | null {
	const answer = told as DaemonAnswer | null;
	return answer?.version === version ? answer : null;
}

/** Null: of one of them at least the files have to tell. */
function rowsOf(
	view: DaemonView,
	place: { readonly baseDir: string; readonly nowSeconds: number },
): StatusRow[] | null {
	const sources = { ...place, maxAgeSeconds: view.daemon.max_age };
	const rows: StatusRow[] = [];
	for (const id of view.isWhole === true ? view.orders.keys() : []) {
		const row = toldRow(listedIn(view, id), view.told?.get(id), sources, null);
		if (row === null) return null;
		rows.push(row);
	}
	// Without an order there may be a fault to tell.
	return rows.length === 0 ? null : rows;
}
