import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SummaryRow } from '../../history/summary-table.ts';
import type { Measured } from '../../model/outcome.ts';
import type { StreamEvent, Subscriber } from '../../outcomes/subscriber.ts';
import { findOrderFolder } from '../../store/find-orders.ts';
import { OrderSummary } from '../../store/order-summary.ts';

/** Of an order whose files were not read yet so many slots are remembered, which may not be in them. */
const waitingMax = 8;
/** After so many orders others have their turn. */
const turnOrders = 200;

interface Summed {
	target: string;
	/** Null until somebody asks. */
	summary: OrderSummary | null;
	readonly waiting: Measured[];
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
				const { id, target, shownTarget = target } = event.order;
				const known = this.#orders.get(id);
				if (known === undefined) this.#orders.set(id, { target: shownTarget, summary: null, waiting: [] });
				else known.target = shownTarget;
			} else if (event.about === 'gone') this.#orders.delete(event.id);
			else if (event.about === 'outcomes')
				for (const outcome of event.outcomes) if (outcome.kind === 'measured') this.#measured(outcome);
		}
	}

	#measured(outcome: Measured): void {
		const known = outcome.pop === undefined ? this.#orders.get(outcome.order.id) : undefined;
		if (known === undefined) return;
		if (known.summary !== null) known.summary.add(outcome);
		else if (known.waiting.push(outcome) > waitingMax) known.waiting.shift();
	}

	/** A row for each of these orders that there is, some at a time. */
	async *rows(ids: readonly string[]): AsyncGenerator<SummaryRow[]> {
		let rows: SummaryRow[] = [];
		for (const id of ids) {
			const known = this.#orders.get(id);
			if (known === undefined) continue;
			if (known.summary === null) await nextTurn();
			rows.push(this.#summaryOf(id, known).rowOf(id, known.target));
			if (rows.length < turnOrders) continue;
			yield rows;
			rows = [];
			await nextTurn();
		}
		yield rows;
	}

	#summaryOf(id: string, known: Summed): OrderSummary {
		if (known.summary !== null) return known.summary;
		const summary = new OrderSummary();
		const found = findOrderFolder(this.#baseDir, id);
		if (found !== null) summary.read(found, Date.now() / 1000);
		for (const outcome of known.waiting) summary.add(outcome);
		known.waiting.length = 0;
		known.summary = summary;
		return summary;
	}
}
