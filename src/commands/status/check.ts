import type { Asked } from '../../memory/ask-socket.ts';
import type { DaemonAnswer } from '../../model/answers.ts';
import { printable } from '../../model/printable.ts';
import type { State, StatusRow } from '../shared/status-row.ts';
import { counted } from '../shared/words.ts';
import { milliseconds } from '../terminal/text.ts';
import type { DaemonView } from './daemon.ts';

/** What monitoring plug-ins exit with. */
export const verdicts = { OK: 0, WARNING: 1, CRITICAL: 2, UNKNOWN: 3 } as const;
type Verdict = keyof typeof verdicts;

/** The one line that is printed, and what it comes to. */
export interface Checked {
	readonly verdict: Verdict;
	readonly line: string;
}

/** A sink is behind when its oldest result has been waiting for longer. */
const sinkLagSeconds = 60;
/** The store is in trouble when what is to be written has been waiting for longer. */
const storeLagSeconds = 60;
/** So many orders are named, and so many have values of their own in the perfdata. */
const namedMax = 5;
const perOrderMax = 20;
/** Monitoring systems cut what is longer than 8 kB. Characters. */
const perfdataMax = 4000;

interface Fault {
	readonly verdict: Exclude<Verdict, 'OK'>;
	readonly words: string;
}

/** When several things are wrong, this comes first. */
const worstFirst = ['CRITICAL', 'UNKNOWN', 'WARNING'] as const;

/**
 * Judges orders, and the daemon that measures them.
 *
 * @param problems files that cannot be read: what they would tell is unknown
 */
export function checkOrders(
	rows: readonly StatusRow[],
	asked: Asked<DaemonView>,
	problems: readonly string[],
): Checked {
	const daemon = 'answer' in asked ? asked.answer.daemon : null;
	const faults = [
		...('silence' in asked ? [silenceFault(asked)] : storeFaults(asked.answer.daemon)),
		...kinds.flatMap(({ verdict, words, has }) => {
			const found = rows.filter(has);
			return found.length === 0
				? []
				: [{ verdict, words: `${found.length} ${words} (${named(found, verdict)})` }];
		}),
		...sinkFaults(daemon),
		...problems.map((words) => ({ verdict: 'UNKNOWN', words }) as const),
	];
	const told = faults.length === 0 ? wellWords(rows) : `${counted(rows.length, 'order')}: ${inWords(faults)}`;
	return checked(worstOf(faults), told, perfdata(rows, daemon));
}

/** Judges the daemon alone: it answers and writes what it measures, or not. */
export function checkDaemon(asked: Asked<DaemonAnswer>): Checked {
	if ('silence' in asked) return checked('CRITICAL', `no daemon: ${asked.silence}`, []);
	const { version, pid, orders, store, jobs_running, main_thread_delay: delay } = asked.answer;
	const values = [
		perf('orders', orders.measured, '', { least: 0 }),
		perf('rejected', orders.rejected, '', { least: 0 }),
		perf('jobs', jobs_running, '', { least: 0 }),
		perf('store_lag', rounded(store.lag), 's', { critical: storeLagSeconds, least: 0 }),
		perf('main_thread_delay', rounded(delay.p99), 's', { least: 0 }),
	];
	const faults = storeFaults(asked.answer);
	if (faults.length > 0) return checked('CRITICAL', inWords(faults), values);
	const measured = counted(orders.measured, 'order');
	return checked('OK', `daemon ${version}, pid ${pid}, measures ${measured}`, values);
}

/** Nothing can be told, for these reasons. */
export function cannotTell(reasons: readonly string[]): Checked {
	return checked('UNKNOWN', reasons.join('; '), []);
}

function checked(verdict: Verdict, words: string, values: readonly string[]): Checked {
	// What follows the first bar are numbers.
	const told = printable(words).replaceAll('|', '\u00a6');
	const line = `PINGMACHINE ${verdict} - ${told}`;
	return { verdict, line: values.length === 0 ? line : `${line} | ${values.join(' ')}` };
}

function worstOf(faults: readonly Fault[]): Verdict {
	return worstFirst.find((verdict) => faults.some((fault) => fault.verdict === verdict)) ?? 'OK';
}

function inWords(faults: readonly Fault[]): string {
	return worstFirst
		.flatMap((verdict) => faults.filter((fault) => fault.verdict === verdict))
		.map(({ words }) => words)
		.join(', ');
}

// ---- The daemon ----

function silenceFault({
	silence,
	isForbidden,
}: Extract<Asked<DaemonView>, { readonly silence: string }>): Fault {
	if (isForbidden === true) return { verdict: 'UNKNOWN', words: `the daemon could not be asked: ${silence}` };
	return { verdict: 'CRITICAL', words: `no daemon: ${silence}` };
}

function storeFaults({ store }: DaemonAnswer): Fault[] {
	if (store.lag <= storeLagSeconds) return [];
	const words = `results have been waiting to be written for ${Math.round(store.lag)} s`;
	return [{ verdict: 'CRITICAL', words }];
}

function sinkFaults(daemon: DaemonAnswer | null): Fault[] {
	const behind = (daemon?.sinks ?? []).filter(
		({ state, lag }) => state === 'failing' || lag > sinkLagSeconds,
	);
	return behind.map(({ name, state, lag }) => ({
		verdict: 'WARNING',
		words: `the sink ${name} ${state === 'failing' ? 'fails' : `is ${Math.round(lag)} s behind`}`,
	}));
}

// ---- Orders ----

interface Kind {
	readonly verdict: Exclude<Verdict, 'OK'>;
	readonly words: string;
	has(row: StatusRow): boolean;
}

const isIn =
	(state: State) =>
	(row: StatusRow): boolean =>
		row.state === state;

const kinds: readonly Kind[] = [
	{ verdict: 'CRITICAL', words: 'down', has: isIn('down') },
	{ verdict: 'CRITICAL', words: 'failing', has: isIn('failing') },
	{ verdict: 'CRITICAL', words: 'rejected', has: isIn('rejected') },
	{
		verdict: 'CRITICAL',
		words: 'without a new result for two steps',
		has: ({ state, isLate }) => isLate && !['down', 'failing', 'rejected', 'unreadable'].includes(state),
	},
	{ verdict: 'UNKNOWN', words: 'unreadable', has: isIn('unreadable') },
	{ verdict: 'WARNING', words: 'expiring', has: isIn('expiring') },
	{
		verdict: 'WARNING',
		words: 'with loss',
		has: ({ state, result }) => (result?.loss ?? 0) > 0 && (state === 'measuring' || state === 'expiring'),
	},
];

function named(rows: readonly StatusRow[], verdict: Verdict): string {
	const [only] = rows;
	if (rows.length === 1 && only !== undefined && only.reason !== null && verdict === 'CRITICAL')
		return `${only.id}: ${only.reason}`;
	const ids = rows.slice(0, namedMax).map(({ id }) => id);
	const more = rows.length - ids.length;
	return more === 0 ? ids.join(', ') : `${ids.join(', ')} and ${more} more`;
}

function wellWords(rows: readonly StatusRow[]): string {
	const [only] = rows;
	if (rows.length === 0) return 'no orders';
	if (only === undefined || rows.length > 1) return `${counted(rows.length, 'order')}, no loss`;
	if (only.result === null) return `${only.id}: waiting for its first slot`;
	return `${only.id}: no loss, median ${milliseconds(only.result.median)} ms`;
}

// ---- Perfdata ----

function perfdata(rows: readonly StatusRow[], daemon: DaemonAnswer | null): string[] {
	const countOf = (...wanted: State[]) => rows.filter(({ state }) => wanted.includes(state)).length;
	const values = [
		perf('orders', rows.length, '', { least: 0 }),
		perf('down', countOf('down'), '', { critical: 0, least: 0 }),
		perf('failing', countOf('failing'), '', { critical: 0, least: 0 }),
		perf('rejected', countOf('rejected'), '', { critical: 0, least: 0 }),
		perf('expiring', countOf('expiring'), '', { warning: 0, least: 0 }),
	];
	for (const { name, lag } of daemon?.sinks ?? []) {
		values.push(perf(`sink ${name} lag`, rounded(lag), 's', { warning: sinkLagSeconds, least: 0 }));
	}
	if (rows.length > perOrderMax) return values;
	let length = values.join(' ').length;
	for (const row of rows) {
		const own = perfOf(row);
		length += own.join(' ').length + 1;
		if (length > perfdataMax) break;
		values.push(...own);
	}
	return values;
}

/** What the last slot of an order came to; nothing when that is long ago. */
function perfOf({ id, result, isLate }: StatusRow): string[] {
	if (result === null || isLate) return [];
	const { loss, pings, median } = result;
	const share = Math.round((10_000 * loss) / pings) / 100;
	const lost = perf(`${id} loss`, share, '%', { warning: 0, critical: 99.99, least: 0, most: 100 });
	return median === null ? [lost] : [lost, perf(`${id} median`, median, 's', { least: 0 })];
}

interface Limits {
	/** It is a warning, or critical, when the value is above this. */
	readonly warning?: number;
	readonly critical?: number;
	readonly least?: number;
	readonly most?: number;
}

/** `'label'=value[unit];warning;critical;least;most`, as the guidelines for monitoring plug-ins have it. */
function perf(
	label: string,
	value: number,
	unit: string,
	{ warning, critical, least, most }: Limits,
): string {
	const safe = printable(label).replaceAll("'", "''").replaceAll('=', '_').replaceAll('|', '_');
	const limits = [warning, critical, least, most].map((limit) => limit ?? '').join(';');
	const number = Number.isFinite(value) ? plainNumber(value) : 'U';
	return `'${safe}'=${number}${unit};${limits}`.replace(/;+$/, '');
}

/** Not `1.2e-7`, which some programs do not read. */
function plainNumber(value: number): string {
	return value.toFixed(9).replace(/\.?0+$/, '');
}

function rounded(seconds: number): number {
	return Math.round(seconds * 1e6) / 1e6;
}
