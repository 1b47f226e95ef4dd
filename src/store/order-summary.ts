import { TrueTimeAverages } from '../history/averages.ts';
import { readTotal } from '../history/histogram-lines.ts';
import { readRing } from '../history/slot-ring.ts';
import type { SummaryRow } from '../history/summary-table.ts';
import type { Measured } from '../model/outcome.ts';
import { type FoundOrder, OrderProblem } from './find-orders.ts';
import { lastFactsName, readLastFacts } from './last-facts.ts';
import { readOwnText } from './read-own-text.ts';
import { readRecordFile } from './record-file.ts';
import { readSeries, readStoredOrder } from './series.ts';

/** Rows of single slots that every main.rrd has, at least. */
const singleSlots = 860;
/** What is older says nothing of the last 24 hours any more. */
const averagedSeconds = 3 * 86_400;

/** As much of a measured slot as a summary takes. */
export interface SummedSlot {
	readonly slot: { readonly startSeconds: number };
	readonly measurement: Pick<
		Measured['measurement'],
		'loss' | 'minSeconds' | 'maxSeconds' | 'medianSeconds' | 'facts'
	> & {
		readonly samples: { readonly length: number };
	};
}

/** The same in little memory, for many that wait. */
export function summedSlot({ slot, measurement }: Measured): SummedSlot {
	const { samples, loss, minSeconds, maxSeconds, medianSeconds, facts } = measurement;
	const { address } = facts;
	return {
		slot: { startSeconds: slot.startSeconds },
		measurement: {
			samples: { length: samples.length },
			...{ loss, minSeconds, maxSeconds, medianSeconds, facts: address === undefined ? {} : { address } },
		},
	};
}

/** What an order came to since it began: pings, round-trip times and their averages. Grows with each slot. */
export class OrderSummary {
	readonly #averages = new TrueTimeAverages();
	#sent = 0;
	#lost = 0;
	#min: number | null = null;
	#max: number | null = null;
	#last: number | null = null;
	#address: string | null = null;
	#lastSlotSeconds = Number.NEGATIVE_INFINITY;

	/** Takes a slot that was measured. One that is not newer than the last changes nothing. */
	add({ slot, measurement }: SummedSlot): void {
		if (slot.startSeconds <= this.#lastSlotSeconds) return;
		const { samples, loss, minSeconds, maxSeconds, medianSeconds, facts } = measurement;
		this.#count(samples.length, loss, minSeconds, maxSeconds);
		this.#median(slot.startSeconds, medianSeconds);
		const address = facts['address'];
		if (typeof address === 'string') this.#address = address;
	}

	/** What the files say up to now: the store's histograms, slots, and main.rrd for what is in neither yet. */
	read(order: FoundOrder, nowSeconds: number): void {
		const { folder } = order;
		const total = readTotal(readRecordFile(folder, 'histograms')?.toString('utf8') ?? '');
		if (total !== null) {
			const { sent, lost, min, max } = total.tally;
			this.#count(sent, lost, min, max);
		}
		const ring = readRecordFile(folder, 'slots');
		for (const slot of ring === null ? [] : readRing(ring, nowSeconds - averagedSeconds, Infinity))
			if (slot.loss !== null) this.#median(slot.timeSeconds, slot.medianSeconds);
		this.#readMain(order, total?.untilSeconds ?? 0, nowSeconds);
		const facts = readOwnText(`${folder}/${lastFactsName}`);
		const address = facts === null ? undefined : readLastFacts(facts)?.facts['address'];
		if (typeof address === 'string') this.#address = address;
	}

	#readMain(order: FoundOrder, countedSeconds: number, nowSeconds: number): void {
		try {
			const stored = readStoredOrder(order);
			const { stepSeconds, pings, lastUpdateSeconds } = stored;
			const startSeconds = Math.max(0, countedSeconds, lastUpdateSeconds - singleSlots * stepSeconds);
			if (startSeconds >= lastUpdateSeconds) return;
			const query = {
				startSeconds,
				endSeconds: lastUpdateSeconds,
				resolutionSeconds: stepSeconds,
				nowSeconds,
			};
			for (const { timeSeconds, values } of readSeries(order, stored, query).rows) {
				const [loss = Number.NaN, median = Number.NaN, ...sorted] = values;
				if (Number.isNaN(loss)) continue;
				const known = sorted.filter((value) => !Number.isNaN(value));
				this.#count(pings, Math.round(loss), known[0] ?? null, known.at(-1) ?? null);
				this.#median(timeSeconds, Number.isNaN(median) ? null : median);
			}
		} catch (error) {
			// An order with `norrd` has none.
			if (!(error instanceof OrderProblem)) throw error;
		}
	}

	#count(sent: number, lost: number, min: number | null, max: number | null): void {
		this.#sent += sent;
		this.#lost += lost;
		if (min !== null) this.#min = Math.min(this.#min ?? min, min);
		if (max !== null) this.#max = Math.max(this.#max ?? max, max);
	}

	#median(slotSeconds: number, medianSeconds: number | null): void {
		if (slotSeconds <= this.#lastSlotSeconds) return;
		this.#lastSlotSeconds = slotSeconds;
		if (medianSeconds === null) return;
		this.#last = medianSeconds;
		this.#averages.add(slotSeconds, medianSeconds);
	}

	/** @param target what is shown where no address is known */
	rowOf(id: string, target: string): SummaryRow {
		return {
			...{ id, address: this.#address ?? target, sent: this.#sent, received: this.#sent - this.#lost },
			...{ minSeconds: this.#min, averagesSeconds: this.#averages.values },
			...{ maxSeconds: this.#max, lastSeconds: this.#last },
		};
	}
}
