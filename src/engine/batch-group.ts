import type { Batch, LiveOrder } from './batch.ts';

/** Below so many batches it takes less to ask each of them. */
const indexedFrom = 16;

/** The batches of orders that could share one, were they not too many. */
export class BatchGroup {
	#batches: Batch[] = [];
	/** Which of many batches has a target; null: there are few. */
	#byTarget: Map<string, Batch> | null = null;

	get batches(): readonly Batch[] {
		return this.#batches;
	}

	/** The batch that has this target already, or the first with room for it. */
	batchFor(target: string): Batch | undefined {
		const own = this.#byTarget?.get(target);
		if (own !== undefined) return own;
		let withRoom: Batch | undefined;
		for (const batch of this.#batches) {
			if (this.#byTarget === null && batch.byTarget.has(target)) return batch;
			if (withRoom === undefined && batch.byTarget.size < batch.max) withRoom = batch;
		}
		return withRoom;
	}

	add(batch: Batch): void {
		this.#batches.push(batch);
		if (this.#byTarget !== null || this.#batches.length < indexedFrom) return;
		this.#byTarget = new Map();
		for (const one of this.#batches)
			for (const target of one.byTarget.keys()) this.#byTarget.set(target, one);
	}

	/** Takes out a batch, with all its orders. */
	drop(batch: Batch): void {
		this.#batches = this.#batches.filter((other) => other !== batch);
		if (this.#batches.length < indexedFrom / 2) this.#byTarget = null;
		else for (const target of batch.byTarget.keys()) this.#byTarget?.delete(target);
	}

	enter(live: LiveOrder): void {
		live.batch.enter(live);
		this.#byTarget?.set(live.order.target, live.batch);
	}

	leave(live: LiveOrder): void {
		const { target } = live.order;
		live.batch.leave(live);
		if (!live.batch.byTarget.has(target)) this.#byTarget?.delete(target);
	}
}
