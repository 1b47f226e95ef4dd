import { setImmediate as nextTurn } from 'node:timers/promises';
import { type SummaryRow, worstSummary } from '../../history/summary-table.ts';
import type { Measured } from '../../model/outcome.ts';
import { popFolderOf } from '../../model/pop.ts';
import { isElsewhere } from '../../model/where.ts';
import type { StreamEvent, Subscriber } from '../../outcomes/subscriber.ts';
import { findOrderFolder, popsIn } from '../../store/find-orders.ts';
import { OrderSummary, type SummedSlot, summedSlot } from '../../store/order-summary.ts';

/** Of an order whose files were not read yet so many slots are remembered, which may not be in them. */
const waitingMax = 8;
/** After so many orders others have their turn. */
const turnOrders = 200;

type WaitingSlot = SummedSlot & Pick<Measured, 'pop'>;

interface Summed {
	target: string;
	/** Points of presence alone measure it. */
	isElsewhere: boolean;
	/** By point of presence, '' for this machine. Null until somebody asks. */
	summaries: Map<string, OrderSummary> | null;
	readonly waiting: WaitingSlot[];
}

/** The summary of every order: from the files when it is first asked for, from then on from what happens. */
export class Summaries implements Subscriber {
	readonly name = 'the summary';
	readonly #baseDir: string;
	readonly #orders = new Map<string, Summed>();

	constructor(baseDir: string) {
		this.#baseDir = baseDir;
	}

	take(events: readonly StreamEvent[]): void {
		for (const event of events) {
			if (event.about === 'changed') {
				const { order } = event;
				const named = { target: order.shownTarget ?? order.target, isElsewhere: isElsewhere(order) };
				const known = this.#orders.get(order.id);
				// Who measures it now has other files.
				if (known?.isElsewhere === named.isElsewhere) known.target = named.target;
				else this.#orders.set(order.id, { ...named, summaries: null, waiting: [] });
			} else if (event.about === 'gone') this.#orders.delete(event.id);
			else if (event.about === 'outcomes')
				for (const outcome of event.outcomes) if (outcome.kind === 'measured') this.#measured(outcome);
		}
	}

	#measured(outcome: Measured): void {
		const known = this.#orders.get(outcome.order.id);
		if (known === undefined || known.isElsewhere !== (outcome.pop !== undefined)) return;
		if (known.summaries !== null) addTo(known.summaries, outcome);
		else if (known.waiting.push(waitingSlot(outcome)) > waitingMax) known.waiting.shift();
	}

	/** A row for each of these orders that there is, some at a time. */
	async *rows(ids: readonly string[]): AsyncGenerator<SummaryRow[]> {
		let rows: SummaryRow[] = [];
		for (const id of ids) {
			const known = this.#orders.get(id);
			if (known === undefined) continue;
			if (known.summaries === null) await nextTurn();
			const all = [...this.#summariesOf(id, known)].map((each) => each.rowOf(id, known.target));
			rows.push(worstSummary(all) ?? new OrderSummary().rowOf(id, known.target));
			if (rows.length < turnOrders) continue;
			yield rows;
			rows = [];
			await nextTurn();
		}
		yield rows;
	}

	#summariesOf(id: string, known: Summed): Iterable<OrderSummary> {
		if (known.summaries !== null) return known.summaries.values();
		const summaries = new Map<string, OrderSummary>();
		for (const pop of known.isElsewhere ? popsIn(this.#baseDir, id) : ['']) {
			const summary = new OrderSummary();
			const found = findOrderFolder(this.#baseDir, pop === '' ? id : popFolderOf(id, pop));
			if (found !== null) summary.read(found, Date.now() / 1000);
			summaries.set(pop, summary);
		}
		for (const outcome of known.waiting) addTo(summaries, outcome);
		known.waiting.length = 0;
		known.summaries = summaries;
		return summaries.values();
	}
}

/** Whole outcomes of all orders, with each ping and fact, were most of what this process holds. */
function waitingSlot(outcome: Measured): WaitingSlot {
	const { pop } = outcome;
	return { ...summedSlot(outcome), ...(pop === undefined ? {} : { pop }) };
}

function addTo(summaries: Map<string, OrderSummary>, outcome: WaitingSlot): void {
	const { pop = '' } = outcome;
	const summary = summaries.get(pop) ?? new OrderSummary();
	summaries.set(pop, summary);
	summary.add(outcome);
}
