import { countsOf } from '../../counts/order-counts.ts';
import type { Order } from '../../model/order.ts';
import type { ProbeTable } from '../../model/probe.ts';
import type { ToldEvent } from '../../outcomes/event-json.ts';
import type { OutcomeStream } from '../../outcomes/stream.ts';
import { type Beginning, beginningInFiles } from '../metrics/beginning.ts';
import type { FeedListener } from './feed-client.ts';
import { orderOfChanged } from './known-order.ts';
import { orderInFile, tellTree } from './tree.ts';

export interface HearingParts {
	readonly baseDir: string;
	readonly probes: ProbeTable;
	/** Our own stream: it tells what the daemon told. */
	readonly stream: OutcomeStream;
	/** Where series begin. */
	readonly series: { begin(id: string, beginning: Beginning): void };
	/** As long as no daemon is heard, what the tree holds is told. */
	readonly isAlone: boolean;
	failed(error: unknown): void;
}

/** What is known of the daemon. */
export interface Heard {
	/** All orders are known: the daemon told them, or the tree was read. */
	readonly isReady: boolean;
	/** Why the daemon is not heard; null: it is. */
	readonly silence: string | null;
}

type Changed = Extract<ToldEvent, { about: 'changed' }>;

/** Tells our own stream what the daemon tells, or without one what its tree holds. */
export class Hearing implements FeedListener {
	readonly #parts: HearingParts;
	/** Orders whose series have begun since the daemon came, or came back. */
	readonly #begun = new Set<string>();
	#isComplete = false;
	#silence: string | null = 'it was not asked yet';
	/** Of the tree without a daemon. */
	#tree: 'untold' | 'telling' | 'told' | 'overtaken' = 'untold';

	constructor(parts: HearingParts) {
		this.#parts = parts;
	}

	get heard(): Heard {
		const isReady = this.#tree === 'told' || (this.#isComplete && this.#silence === null);
		return { isReady, silence: this.#silence };
	}

	event(event: ToldEvent): void {
		const { stream } = this.#parts;
		switch (event.about) {
			case 'hello':
				this.#begun.clear();
				this.#tree = 'overtaken';
				break;
			case 'changed':
				this.#changed(event);
				break;
			case 'gone':
				this.#begun.delete(event.id);
				stream.gone(event.id, event.why);
				break;
			case 'outcomes':
				stream.outcomes(event.outcomes);
				break;
			default:
		}
	}

	complete(ids: ReadonlySet<string>): void {
		const { stream } = this.#parts;
		this.#isComplete = true;
		for (const id of stream.ids()) if (!ids.has(id)) stream.gone(id, 'deleted');
	}

	silent(why: string | null): void {
		this.#silence = why;
		if (!this.#parts.isAlone || why === null || this.#tree !== 'untold') return;
		this.#tree = 'telling';
		this.#tellTree().catch((error) => this.#parts.failed(error));
	}

	#changed(told: Changed): void {
		const { baseDir, probes, stream, series } = this.#parts;
		const order = orderOfChanged(told, orderInFile(baseDir, told.order.id, probes));
		stream.changed(order);
		// Those of an order that was merely edited go on.
		if (this.#begun.has(order.id)) return;
		this.#begun.add(order.id);
		series.begin(order.id, this.#beginningOf(order, told));
	}

	#beginningOf({ id }: Order, { counts, counted_from: from, recent = [] }: Changed): Beginning {
		const inFiles = beginningInFiles(this.#parts.baseDir, id, from ?? null);
		return { ...inFiles, counts: counts === undefined ? null : countsOf(counts), recent };
	}

	/** What a daemon tells meanwhile counts more. */
	async #tellTree(): Promise<void> {
		const { baseDir, probes, stream, series } = this.#parts;
		for await (const { order, counts, fromSeconds } of tellTree(baseDir, probes)) {
			if (this.#tree !== 'telling') return;
			stream.changed(order);
			series.begin(order.id, { ...beginningInFiles(baseDir, order.id, fromSeconds), counts });
		}
		if (this.#tree === 'telling') this.#tree = 'told';
	}
}
