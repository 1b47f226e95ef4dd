import { statSync } from 'node:fs';
import type { Asked } from '../../memory/ask-socket.ts';
import type { BookState, CountsOrState, DaemonAnswer } from '../../model/answers.ts';
import { popFolderIn } from '../../model/pop.ts';
import { slotCountKeys } from '../../model/slot-count-keys.ts';
import type { StatusAnswer, ToldOrder } from '../../model/status-answer.ts';
import type { ListedOrder } from '../shared/listed-orders.ts';
import { counted, localTime } from '../shared/words.ts';
import type { Paint } from '../terminal/paint.ts';
import { cutEnd, duration, milliseconds } from '../terminal/text.ts';

/** What the daemon says of itself and of all orders. */
export interface DaemonView {
	readonly daemon: DaemonAnswer;
	readonly orders: ReadonlyMap<string, CountsOrState>;
	/** What it tells of those that it measures, by id, so that their files need not be read; left out: nothing. */
	readonly told?: ReadonlyMap<string, ToldOrder>;
	/** Whether these are all that there were when it was asked, so that orders/ need not be walked. */
	readonly isWhole?: boolean;
}

/** What the daemon says of one order. */
export interface DaemonRow {
	/** `unseen`: it has not seen the file yet, or not any more. */
	readonly state: BookState | 'unseen';
	/** Slots since it took up the order; null for what it does not measure. */
	readonly unknown: { readonly failed: number; readonly skipped: number } | null;
}

/** What was told of all orders. */
export function viewOf({ daemon, orders, told, folder }: StatusAnswer, baseDir: string): DaemonView {
	return { daemon, orders, told, isWhole: folder !== null && isFolder(`${baseDir}/orders`, folder) };
}

/** Whether it is the very one, and we may read all that is in it. */
function isFolder(path: string, [dev, ino]: readonly [dev: number, ino: number]): boolean {
	if (process.geteuid?.() !== 0) return false;
	const found = statSync(path, { throwIfNoEntry: false });
	return found?.dev === dev && found.ino === ino;
}

/** All orders, as the daemon lists them; null: there may be others. */
export function listedBy(view: DaemonView): ListedOrder[] | null {
	if (view.isWhole !== true) return null;
	return [...view.orders.keys()].sort().map((id) => listedIn(view, id));
}

/** The file of an order, as the daemon tells of it. */
export function listedIn({ told }: DaemonView, id: string): ListedOrder {
	const [mtimeMs, ctimeMs = null] = told?.get(id) ?? [];
	return mtimeMs === undefined || ctimeMs === null ? { id } : { id, mtimeMs, ctimeMs };
}

export function daemonRow(id: string, { orders }: DaemonView): DaemonRow {
	const told = orders.get(id) ?? 'unseen';
	if (typeof told === 'string') return { state: told, unknown: null };
	const countOf = (key: (typeof slotCountKeys)[number]) => told[slotCountKeys.indexOf(key)] ?? 0;
	return { state: 'measured', unknown: { failed: countOf('failed'), skipped: countOf('skipped') } };
}

/** How many of the orders the daemon has not seen yet. */
export function unseenCount(ids: Iterable<string>, { orders }: DaemonView): number {
	let count = 0;
	for (const name of ids) if (!orders.has(name) && !orders.has(popFolderIn(name)?.id ?? '')) count++;
	return count;
}

export interface FooterOptions {
	readonly nowSeconds: number;
	readonly columns: number;
	readonly paint: Paint;
}

/** The footer: what only the daemon knows, or that there is none. `ids`: of the orders that are shown or counted. */
export function daemonLines(
	asked: Asked<DaemonView>,
	ids: Iterable<string>,
	{ nowSeconds, columns, paint }: FooterOptions,
): string[] {
	const line = (text: string, isTrouble = false) => {
		const fitting = cutEnd(text, columns);
		return isTrouble ? paint('yellow', fitting) : fitting;
	};
	if ('silence' in asked) return [line(`daemon: no answer: ${asked.silence}`, true)];
	const { version, pid, started, slots, store, sinks, web, main_thread_delay: delay } = asked.answer.daemon;
	const { measured, failed, skipped, overrun, late } = slots;
	const failing = sinks.filter(({ state }) => state === 'failing').length;
	const unseen = unseenCount(ids, asked.answer);
	const unwritten = store.results_not_written + store.rows_not_written;
	const health = `main-thread delay p99 ${milliseconds(delay.p99)} ms, store lag ${Math.round(store.lag * 1000)} ms`;
	return [
		line(
			`daemon: ${version}, pid ${pid}, since ${localTime(started, nowSeconds)} (${duration(nowSeconds - started)})`,
		),
		...(unseen === 0 ? [] : [line(`        ${counted(unseen, 'order')} not picked up yet`, true)]),
		line(`health: ${health}${unwritten === 0 ? '' : `, ${unwritten} not written`}`, unwritten > 0),
		line(
			`slots:  ${measured} measured, ${failed} failed, ${skipped} skipped; ${overrun} cut short, ${late} late`,
			failed + skipped > 0,
		),
		...(web === null ? [] : [line(`web:    ${webWords(web)}`, web.state === 'failing')]),
		...(failing === 0 ? [] : [line(`sinks:  ${failing} of ${sinks.length} failing: see --sinks`, true)]),
	];
}

function webWords({
	state,
	addresses,
	restarts,
	last_error: error,
}: NonNullable<DaemonAnswer['web']>): string {
	const started = restarts === 0 ? '' : `, started again ${restarts} times`;
	if (state === 'running') return `${addresses.join(', ')}${started}`;
	return `${state}${error === null ? '' : `: ${error}`}${started}`;
}
