import type { CompatBlock } from '../../config/web-setting.ts';
import type { FactDeclaration } from '../../model/facts.ts';
import type { Order } from '../../model/order.ts';
import { identityOf, type Outcome } from '../../model/outcome.ts';
import { isElsewhere } from '../../model/where.ts';
import type { StreamEvent, Subscriber } from '../../outcomes/subscriber.ts';
import type { Beginning } from './beginning.ts';
import { compatFamilies } from './compat-families.ts';
import {
	coreFamilies,
	factFamilies,
	type OrderFamily,
	type Served,
	undeclaredFamilies,
} from './core-families.ts';
import type { ExpositionFormat, Labels, MetricFamily } from './exposition.ts';
import { ExpositionWriter } from './exposition-writer.ts';
import { type KeptOrder, KeptSeries } from './kept-series.ts';
import { infoLabels, seriesLabels } from './order-labels.ts';
import { type LastSlot, OrderSeries } from './order-series.ts';
import { isAsked, isOld, worstOf } from './places.ts';
import { probedAs } from './probed-as.ts';

export interface RegistrySettings {
	/** Tags that are labels of every series. */
	readonly labels: readonly string[];
	/** Upper bounds of the classic buckets, seconds. */
	readonly buckets: readonly number[];
	/** So many series of orders are served at most. */
	readonly seriesMax: number;
	readonly compat: readonly CompatBlock[];
	/** The limit of series leaves out so many orders: told when it begins to. */
	tooMany?(leftOut: number): void;
	/** What a probe may tell, with the facts of every probe among it; by the probe's name. */
	readonly facts: ReadonlyMap<string, readonly FactDeclaration[]>;
	/** Names of the facts of every probe. */
	readonly commonFacts: ReadonlySet<string>;
	/** From where the series of a point of presence go on; null: from nothing. */
	beginningOf?(id: string, pop: string): Beginning | null;
}

/** What is asked for: of which order, and measured by which point of presence; undefined: this machine. */
export type ServedFilter = (
	order: { readonly id: string; readonly user: string },
	pop: string | undefined,
) => boolean;

/** Metrics of the program itself: a family with its samples of now. */
export interface OwnMetrics {
	readonly family: MetricFamily;
	readonly samples: readonly (readonly [labels: Labels, value: number])[];
}

/** After so long somebody else has a turn, and so many orders are written before that is looked at. */
const sliceMs = 4;
const sliceOrders = 50;
/** Series of an order beside its buckets: counters, gauges and the sum and count of its histogram, about. */
const plainSeries = 16;

interface Entry {
	order: Order;
	/** By point of presence; '' for this machine. */
	readonly served: Map<string, Served>;
}

/** The series of all orders: made when an order comes, counted from its outcomes, dropped when it goes. */
export class MetricsRegistry implements Subscriber {
	readonly name = 'metrics';
	readonly #settings: RegistrySettings;
	readonly #entries = new Map<string, Entry>();
	/** Ids of orders by what they measure. */
	readonly #byTarget = new Map<string, Set<string>>();
	readonly #families: readonly OrderFamily[];
	readonly #familyNames: ReadonlySet<string>;
	readonly #kept: KeptSeries;
	/** Orders that the last whole scrape left out, for the limit of series. */
	#leftOut = 0;

	constructor(settings: RegistrySettings) {
		this.#settings = settings;
		this.#families = [
			...coreFamilies,
			...factFamilies(settings.facts, settings.commonFacts),
			...compatFamilies(settings.compat),
		];
		this.#familyNames = new Set(this.#families.map(({ family }) => family.name));
		this.#kept = new KeptSeries(this.#families);
	}

	/** How many orders have series. */
	get size(): number {
		return this.#entries.size;
	}

	/** How many of them were left out of the last scrape, because there are too many series. */
	get leftOut(): number {
		return this.#leftOut;
	}

	take(events: readonly StreamEvent[]): void {
		for (const event of events) {
			if (event.about === 'changed') this.#changed(event.order);
			else if (event.about === 'gone') this.#gone(event.id);
			else if (event.about === 'outcomes') for (const outcome of event.outcomes) this.#count(outcome);
		}
	}

	/** The series of an order that was told of go on from there. */
	begin(id: string, beginning: Beginning): void {
		this.#entries.get(id)?.served.get('')?.series.begin(beginning);
	}

	/**
	 * The last slot of an order that a point of presence measured; `pop` left out: that this machine measured, or, where
	 * points of presence alone do, the worst of theirs that are no older than they should be.
	 */
	lastOf(id: string, pop = ''): LastSlot | null {
		const entry = this.#entries.get(id);
		const own = entry?.served.get(pop);
		if (entry === undefined || own?.isMeasured !== false) return own?.series.last ?? null;
		const heard = [...entry.served.values()].filter((one) => one.isMeasured && !one.isSilent());
		return worstOf(heard.flatMap(({ series: { last } }) => (last === null ? [] : [last])));
	}

	#changed(order: Order): void {
		const entry = this.#entries.get(order.id) ?? { order, served: new Map<string, Served>() };
		this.#forgetTarget(entry.order);
		entry.order = order;
		this.#entries.set(order.id, entry);
		for (const target of targetsOf(order))
			this.#byTarget.set(target, (this.#byTarget.get(target) ?? new Set()).add(order.id));
		if (entry.served.size === 0) entry.served.set('', this.#serve(order, undefined, null));
		// What was counted goes on; what an edit changes of labels and buckets is new.
		else
			for (const [pop, { series }] of entry.served) {
				if (isAsked(order, pop))
					entry.served.set(pop, this.#serve(order, pop === '' ? undefined : pop, series));
				else entry.served.delete(pop);
			}
	}

	#gone(id: string): void {
		const entry = this.#entries.get(id);
		if (entry === undefined) return;
		this.#entries.delete(id);
		this.#forgetTarget(entry.order);
	}

	#forgetTarget(order: Order): void {
		for (const target of targetsOf(order)) {
			const ids = this.#byTarget.get(target);
			ids?.delete(order.id);
			if (ids?.size === 0) this.#byTarget.delete(target);
		}
	}

	#serve(order: Order, pop: string | undefined, counted: OrderSeries | null): Served {
		const identity = identityOf(order);
		const facts = this.#settings.facts.get(order.probe) ?? [];
		const series = counted ?? new OrderSeries(facts);
		return {
			...{
				order: identity,
				pop,
				probe: order.probe,
				target: identity.target,
				options: order.options,
				facts,
				series,
			},
			popLabel: pop === undefined ? [] : [['pop', pop]],
			buckets: order.buckets ?? this.#settings.buckets,
			labels: seriesLabels(identity, pop, this.#settings.labels),
			isMeasured: pop !== undefined || !isElsewhere(order),
			isSilent: () => pop !== undefined && isOld(series.last),
			info: pop === undefined ? infoLabels(identity, order.stepSeconds) : null,
		};
	}

	#count(outcome: Outcome): void {
		const entry = this.#entries.get(outcome.order.id);
		if (entry === undefined) return;
		const pop = outcome.pop ?? '';
		if (!isAsked(entry.order, pop)) return;
		let served = entry.served.get(pop);
		if (served === undefined) {
			served = this.#serve(entry.order, outcome.pop, null);
			const beginning = this.#settings.beginningOf?.(entry.order.id, pop) ?? null;
			if (beginning !== null) served.series.begin(beginning);
			entry.served.set(pop, served);
		}
		served.series.add(outcome);
	}

	/** What is served of the orders that measure a target, with its port or without, whoever measured it. */
	*ofTarget(target: string): Generator<Served> {
		for (const id of this.#byTarget.get(target) ?? []) yield* this.#entries.get(id)?.served.values() ?? [];
	}

	*orders(filter: ServedFilter = () => true): Generator<Order> {
		for (const { order } of this.#entries.values()) {
			const places = [undefined, ...(order.pops ?? [])];
			if (places.some((pop) => filter(order, pop))) yield order;
		}
	}

	*all(filter: ServedFilter = () => true): Generator<Served> {
		for (const { order, served } of this.#entries.values())
			for (const one of served.values()) if (filter(order, one.pop)) yield one;
	}

	/**
	 * Writes everything, and gives what is ready after each slice, so that others have their turn meanwhile. Often that is
	 * nothing yet.
	 *
	 * @param own metrics of the program itself, first
	 */
	*write(format: ExpositionFormat, own: readonly OwnMetrics[], filter?: ServedFilter): Generator<Buffer> {
		const writer = new ExpositionWriter(format);
		for (const { family, samples } of own) {
			writer.family(family);
			for (const [labels, value] of samples) writer.sample(labels, value);
		}
		const slice = new Slice();
		const admitted: KeptOrder[] = [];
		for (const _ of this.#admit(format, admitted, filter))
			if (slice.isOver()) {
				yield writer.take();
				slice.begin();
			}
		for (const [at, { family }] of this.#families.entries()) {
			writer.family(family);
			for (let from = 0; from < admitted.length; from += sliceOrders) {
				addSome(writer, at, admitted, from);
				if (!slice.isOver()) continue;
				yield writer.take();
				slice.begin();
			}
		}
		for (const { family, write } of undeclaredFamilies(admitted, this.#familyNames)) {
			writer.family(family);
			for (const [at, { served }] of admitted.entries()) {
				write(writer, served);
				if (at % sliceOrders !== 0 || !slice.isOver()) continue;
				yield writer.take();
				slice.begin();
			}
		}
		writer.end();
		yield writer.take();
	}

	/** The first orders, as many as the limit of series admits, into `admitted`; yields after some of them. */
	*#admit(format: ExpositionFormat, admitted: KeptOrder[], filter?: ServedFilter): Generator<void> {
		const keptOf = this.#kept.in(format);
		let series = 0;
		let leftOut = 0;
		let seen = 0;
		for (const served of this.all()) {
			// Also where few of very many are asked for.
			if (++seen % sliceOrders === 0) yield;
			if (filter !== undefined && !filter(served.order, served.pop)) continue;
			series += plainSeries + served.buckets.length + 1 + served.facts.length + served.series.undeclared.size;
			if (series <= this.#settings.seriesMax) admitted.push(keptOf(served).refresh());
			else leftOut++;
		}
		if (filter !== undefined) return;
		if (leftOut > 0 && this.#leftOut === 0) this.#settings.tooMany?.(leftOut);
		this.#leftOut = leftOut;
	}
}

/** The time until somebody else has a turn. */
class Slice {
	#beganMs = performance.now();

	begin(): void {
		this.#beganMs = performance.now();
	}

	isOver(): boolean {
		return performance.now() - this.#beganMs >= sliceMs;
	}
}

/** Generators are slow: what is done for each order is done here. */
function addSome(
	writer: ExpositionWriter,
	family: number,
	admitted: readonly KeptOrder[],
	from: number,
): void {
	const to = Math.min(admitted.length, from + sliceOrders);
	for (let at = from; at < to; at++) writer.add(admitted[at]?.textOf(family) ?? '');
}

/** By which it may be asked for. */
function targetsOf(order: Order): ReadonlySet<string> {
	return new Set([identityOf(order).target, probedAs(order)]);
}
