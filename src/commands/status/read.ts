import type { Asked } from '../../memory/ask-socket.ts';
import { notKnown } from '../../model/findings.ts';
import { printable } from '../../model/printable.ts';
import type { ProbeTable } from '../../model/probe.ts';
import { wholeSeconds } from '../../model/span.ts';
import { folderReason, listedOrders } from '../shared/listed-orders.ts';
import { isAllLost } from '../shared/order-verdict.ts';
import type { StatusRow } from '../shared/status-row.ts';
import { type DaemonView, daemonRow, listedBy } from './daemon.ts';
import { readRows } from './rows.ts';
import { baseDirOf, type ReadStatus, type StatusOptions } from './show.ts';
import { sortKeys } from './sort.ts';
import { noneFor, unknownNames } from './unknown.ts';

interface ReadingPlace {
	readonly probes: ProbeTable;
	/** Milliseconds since the epoch. */
	nowMs(): number;
	/** What the daemon answered; null when it was not asked. */
	readonly asked?: Asked<DaemonView> | null;
}

/** Never throws. */
export function readStatus(
	words: readonly string[],
	options: StatusOptions,
	place: ReadingPlace,
): ReadStatus {
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
	const view = place.asked != null && 'answer' in place.asked ? place.asked.answer : null;
	const told = view === null ? null : listedBy(view);
	const { files, unread } = told === null ? listedOrders(baseDir, place.probes) : { files: told, unread: [] };
	for (const { path, code } of unread) {
		const reason = folderReason(code) ?? code;
		if (path !== ordersDir) problem(path, reason);
		else
			errors.push(`cannot read ${printable(ordersDir)}: ${reason}. Name the base directory with --basedir`);
	}
	if (errors.length > 0) return { ...nothing, errors };
	const maxAgeSeconds = maxAgeOf(options, place.asked ?? null);
	const sources = { baseDir, probes: place.probes, nowSeconds: place.nowMs() / 1000, maxAgeSeconds, problem };
	const { rows: read, unselected } = readRows({
		...{ words, pop: options.pop ?? null, files, sources },
		told: view?.told ?? new Map(),
	});
	errors.push(...unselected.map(noneFor));
	const found = read.map((row) => believingDaemon(row, place.asked ?? null));
	errors.push(...unknownNames(found, options));
	if (options.pop !== undefined && found.length === 0 && unselected.length === 0)
		errors.push(`--pop: no order is measured by ${printable(options.pop)}. See pingmachine pops`);
	const { user, probe } = options;
	const rows = found.filter(
		(row) => (user === undefined || row.user === user) && (probe === undefined || row.probe === probe),
	);
	const shown = options.failing ? rows.filter(({ state }) => isTrouble.has(state)) : rows;
	return { rows, shown, sort, errors, problems };
}

/** What the daemon runs with, if neither the user nor the daemon says, is what it does by itself. Seconds. */
function maxAgeOf({ maxAge }: StatusOptions, asked: Asked<DaemonView> | null): number | null {
	if (maxAge !== undefined) return maxAge === 'never' ? null : wholeSeconds(maxAge);
	return asked === null || 'silence' in asked ? 3660 : asked.answer.daemon.max_age;
}

/** The daemon may know probes that are not known here, since it has another config: what it measures is an order. */
function believingDaemon(row: StatusRow, asked: Asked<DaemonView> | null): StatusRow {
	if (row.state !== 'rejected' || asked === null || 'silence' in asked) return row;
	if (daemonRow(row.id, asked.answer).state !== 'measured') return row;
	if (row.result === null) return { ...row, state: 'waiting', reason: null };
	const reason = row.isLate ? 'no result for more than two steps' : null;
	const seen = isAllLost(row.result) ? 'down' : 'measuring';
	return { ...row, state: row.isLate ? 'failing' : seen, reason };
}

const isTrouble: ReadonlySet<string> = new Set(['down', 'failing', 'rejected', 'unreadable']);

function wrongOptions({ basedir, maxAge = '3660', sort = 'order' }: StatusOptions): string[] {
	const errors: string[] = [];
	if (basedir === '') errors.push('--basedir: is empty. Write the path of the base directory');
	if (maxAge !== 'never' && wholeSeconds(maxAge) === null) {
		errors.push(`--max-age: must be a whole number of seconds, at least 1, not "${printable(maxAge)}"`);
	}
	if (!sortKeys.some((key) => key === sort)) errors.push(`--sort: ${notKnown('key', sort, sortKeys)}`);
	return errors;
}
