import { daySeconds } from '../../history/histogram-lines.ts';
import { selectOrders } from '../../orders/selector.ts';
import { findOrderFolder } from '../../store/find-orders.ts';
import { readingHistory, readSlots } from '../../store/read-history.ts';
import { type HistoryLine, historyOfOrder } from '../alerts/history.ts';
import { ruleTitles } from '../alerts/rule-files.ts';
import { stateOf } from '../browser/rows.ts';
import { nextTurn, paced } from '../feed/pace.ts';
import type { LiveBoard } from '../pages/board/live.ts';
import type { WebParts } from '../web-parts.ts';
import { alertIncidents } from './alert-incidents.ts';
import {
	hadOutage,
	mergedOutages,
	type OrderDay,
	type Outage,
	orderDays,
	outageDays,
	outagesIn,
	worstDays,
} from './order-days.ts';
import { placeFolders } from './place-folders.ts';
import { type PublicState, publicName, publicStateOf } from './public-state.ts';

/** What the status page says of one order. */
interface PublicOrder {
	readonly name: string;
	readonly state: PublicState;
	readonly days: readonly OrderDay[];
}

/** `title` of an alert: that of its rule, or null; of an outage there is none. */
interface Incident extends Outage {
	readonly name: string;
	readonly title?: string | null;
}

export interface Status {
	readonly orders: readonly PublicOrder[];
	/** The newest first. */
	readonly incidents: readonly Incident[];
	/** Not all that were chosen are shown. */
	readonly isCut: boolean;
	readonly atSeconds: number;
}

/** More bars than anybody reads. */
const ordersMax = 200;
const incidentsMax = 30;
/** Made anew after so long. */
export const keptSeconds = 60;
const unknownSeconds = 5;

/** Makes what the status page shows, once a minute at most, however many look at it. */
export class PublicStatus {
	readonly #parts: WebParts;
	readonly #live: LiveBoard;
	#kept: { readonly status: Promise<Status>; atMs: number } | null = null;

	constructor(parts: WebParts, live: LiveBoard) {
		this.#parts = parts;
		this.#live = live;
	}

	of(words: readonly string[]): Promise<Status> {
		const now = performance.now();
		if (this.#kept !== null && now - this.#kept.atMs < keptSeconds * 1000) return this.#kept.status;
		const status = this.#make(words);
		const kept = { status, atMs: now };
		this.#kept = kept;
		void status.then(
			({ orders }) => {
				// What is not known yet, just after a start, is soon.
				if (orders.some(({ state }) => state === 'unknown'))
					kept.atMs -= (keptSeconds - unknownSeconds) * 1000;
			},
			() => {},
		);
		status.catch(() => {
			this.#kept = null;
		});
		return status;
	}

	async #make(words: readonly string[]): Promise<Status> {
		const { orders: known, baseDir, facts } = this.#parts;
		let titles: ReadonlyMap<string, string> | null = null;
		const { ids } = selectOrders(words, known.ids());
		const atSeconds = Date.now() / 1000;
		const orders: PublicOrder[] = [];
		const incidents: Incident[] = [];
		for (const id of ids.slice(0, ordersMax)) {
			const row = this.#live.board.of(id);
			if (row === null) continue;
			this.#live.fill.now([row]);
			const name = publicName(id, row.title);
			const folder = findOrderFolder(baseDir, id)?.folder ?? null;
			const places = placeFolders(baseDir, row);
			const days = await daysIn(places, row.stepSeconds, atSeconds);
			orders.push({ name, state: publicStateOf(stateOf(row, this.#live.now())), days });
			const outages = hadOutage(days) ? await outagesOf(places, row, atSeconds) : [];
			const lines = folder === null ? [] : alertsOf(folder, id, atSeconds);
			titles ??= lines.length === 0 ? null : ruleTitles(baseDir, facts);
			const all = [...outages, ...alertIncidents(lines, outages, titles ?? new Map())];
			incidents.push(...all.map((incident) => ({ name, ...incident })));
			await nextTurn();
		}
		incidents.sort((a, b) => b.startSeconds - a.startSeconds);
		return {
			...{ orders, incidents: incidents.slice(0, incidentsMax) },
			...{ isCut: ids.length > ordersMax, atSeconds },
		};
	}
}

/** Of one that points of presence alone measure: as the worst of them has it. */
async function daysIn(
	places: readonly string[],
	stepSeconds: number,
	nowSeconds: number,
): Promise<readonly OrderDay[]> {
	const all = [orderDays({ since: null, hours: [], days: [] }, stepSeconds, nowSeconds)];
	for (const folder of places)
		try {
			all.push(orderDays(await paced(readingHistory(folder)), stepSeconds, nowSeconds));
		} catch {
			// Damaged files are the store's to tell.
		}
	return worstDays(all);
}

/** Of the time in which outages are looked for, and what fires still. */
function alertsOf(folder: string, id: string, nowSeconds: number): readonly HistoryLine[] {
	const lines = historyOfOrder(folder, id);
	const since = nowSeconds - outageDays * daySeconds;
	const over = new Set(lines.filter(({ about }) => about === 'clear').map((line) => line.id));
	return lines.filter((line) => !over.has(line.id) || line.time >= since);
}

async function outagesOf(
	places: readonly string[],
	row: { readonly stepSeconds: number; readonly pings: number },
	nowSeconds: number,
): Promise<readonly Outage[]> {
	const all: Outage[][] = [];
	for (const folder of places)
		try {
			all.push(outagesIn(readSlots(folder, nowSeconds - outageDays * daySeconds, nowSeconds), row));
			await nextTurn();
		} catch {
			// The same.
		}
	return mergedOutages(all);
}
