import type { OrderFamily, Served } from './core-families.ts';
import type { ExpositionFormat } from './exposition.ts';
import { seriesText } from './exposition-writer.ts';

/** A format that nobody has asked for so long is kept no more. */
const unusedMs = 600_000;

/** Which of all families the orders of one probe have, and where each of all is among them; -1: nowhere. */
interface ProbeFamilies {
	readonly own: readonly OrderFamily[];
	readonly placeOf: readonly number[];
}

/**
 * The series of orders as they were written last, a text for each family. Most orders have no new outcome between two
 * scrapes, so most of a scrape is written already.
 */
export class KeptSeries {
	readonly #families: readonly OrderFamily[];
	readonly #ofProbe = new Map<string, ProbeFamilies>();
	readonly #formats = new Map<
		ExpositionFormat,
		{ usedMs: number; readonly orders: WeakMap<Served, KeptOrder> }
	>();
	readonly #nowMs: () => number;

	constructor(families: readonly OrderFamily[], nowMs: () => number = () => performance.now()) {
		this.#families = families;
		this.#nowMs = nowMs;
	}

	/** How many formats are kept. */
	get formats(): number {
		return this.#formats.size;
	}

	/** What is kept in a format. Others that nobody wants any more are dropped. */
	in(format: ExpositionFormat): (served: Served) => KeptOrder {
		const usedMs = this.#nowMs();
		for (const [other, kept] of this.#formats)
			if (usedMs - kept.usedMs > unusedMs) this.#formats.delete(other);
		const found = this.#formats.get(format) ?? { usedMs, orders: new WeakMap<Served, KeptOrder>() };
		found.usedMs = usedMs;
		this.#formats.set(format, found);
		const { orders } = found;
		return (served) => {
			let kept = orders.get(served);
			if (kept === undefined) {
				kept = new KeptOrder(format, served, this.#familiesOf(served.probe));
				orders.set(served, kept);
			}
			return kept;
		};
	}

	#familiesOf(probe: string): ProbeFamilies {
		let found = this.#ofProbe.get(probe);
		if (found === undefined) {
			const own = this.#families.filter((family) => (family.probe ?? probe) === probe);
			found = { own, placeOf: this.#families.map((family) => own.indexOf(family)) };
			this.#ofProbe.set(probe, found);
		}
		return found;
	}
}

/** The series of one order, or of one point of presence for it, in one format. */
export class KeptOrder {
	readonly served: Served;
	readonly #format: ExpositionFormat;
	readonly #families: ProbeFamilies;
	#texts: readonly string[] = [];
	#version = -1;

	constructor(format: ExpositionFormat, served: Served, families: ProbeFamilies) {
		this.served = served;
		this.#format = format;
		this.#families = families;
	}

	/** Writes again what has changed. */
	refresh(): this {
		const { series, isSilent } = this.served;
		// That it has fallen silent is news, too, and no outcome tells it.
		const version = isSilent() ? -2 - series.version : series.version;
		if (version !== this.#version) {
			this.#version = version;
			this.#texts = this.#write();
		}
		return this;
	}

	/** @param family its place among all families */
	textOf(family: number): string {
		return this.#texts[this.#families.placeOf[family] ?? -1] ?? '';
	}

	#write(): string[] {
		let all = '';
		const ends = this.#families.own.map(({ family, write }) => {
			// What nobody measures here has no series, but is an order all the same.
			if (this.served.isMeasured || family.kind === 'info')
				all += seriesText(this.#format, family, (writer) => write(writer, this.served));
			return all.length;
		});
		// Parts of one text: a text that was added up is a tree of its pieces, of many times the size.
		return ends.map((end, at) => all.slice(ends[at - 1] ?? 0, end));
	}
}
