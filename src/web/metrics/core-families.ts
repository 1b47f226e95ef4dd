import type { FactDeclaration } from '../../model/facts.ts';
import type { OrderIdentity } from '../../model/outcome.ts';
import type { HistogramValue, Labels, MetricFamily, SeriesWriter } from './exposition.ts';
import type { SeriesLabels } from './order-labels.ts';
import type { OrderSeries } from './order-series.ts';

/** One order, or one point of presence for it, as it is served. */
export interface Served {
	readonly order: OrderIdentity;
	/** The point of presence that measured; undefined: this machine. */
	readonly pop: string | undefined;
	/** `pop` as a label, or nothing. */
	readonly popLabel: readonly (readonly [name: string, value: string])[];
	readonly probe: string;
	/** What is measured, as people are shown it. */
	readonly target: string;
	/** The probe's options, without the target. */
	readonly options: Readonly<Record<string, unknown>>;
	/** Those that its probe may tell. */
	readonly facts: readonly FactDeclaration[];
	/** Upper bounds of its classic buckets, seconds, ascending. */
	readonly buckets: readonly number[];
	readonly labels: SeriesLabels;
	/** Of `pingmachine_order_info`; null for what a point of presence measured. */
	readonly info: Labels | null;
	readonly series: OrderSeries;
	/** False of an order that points of presence alone measure, and this machine not: it has no series of its own. */
	readonly isMeasured: boolean;
	/** Whether its point of presence has not told anything for so long that the last slot is no news: unknown, not loss. */
	isSilent(): boolean;
}

/** A family, and how one order's part of it is written. */
export interface OrderFamily {
	readonly family: MetricFamily;
	/** Only orders of this probe have it. */
	readonly probe?: string;
	write(writer: SeriesWriter, served: Served): void;
}

function histogramValueOf({ total }: OrderSeries, bounds: readonly number[]): HistogramValue {
	const { histogram, sum } = total;
	return {
		count: total.sent - total.lost,
		sum,
		classic: histogram.countsUpTo(bounds),
		native: histogram,
	};
}

function family(name: string, kind: MetricFamily['kind'], help: string): MetricFamily {
	return { name: `pingmachine_${name}`, kind, help };
}

/** What is served of every order, whatever its probe is. */
export const coreFamilies: readonly OrderFamily[] = [
	{
		family: family('order_info', 'info', 'Who an order is: its tags are labels here.'),
		write: (writer, { info }) => {
			if (info !== null) writer.sample(info, 1);
		},
	},
	{
		family: family('pings_sent_total', 'counter', 'Pings that were sent.'),
		write: (writer, { labels, series }) => writer.sample(labels.own, series.total.sent),
	},
	{
		family: family('pings_lost_total', 'counter', 'Pings whose answer did not come.'),
		write: (writer, { labels, series }) => writer.sample(labels.own, series.total.lost),
	},
	{
		family: family('rtt_seconds', 'histogram', 'Round-trip times of answered pings.'),
		write: (writer, { labels, series, buckets }) =>
			writer.histogram(labels.own, histogramValueOf(series, buckets)),
	},
	{
		family: family('rtt_median_seconds', 'gauge', 'Median round-trip time of the last measured slot.'),
		write: (writer, { labels, series, isSilent }) => {
			const median = series.last?.medianSeconds ?? null;
			if (median !== null && !isSilent()) writer.sample(labels.own, median);
		},
	},
	{
		family: family('loss_ratio', 'gauge', 'Share of pings lost in the last measured slot, 0 to 1.'),
		write: (writer, { labels, series, isSilent }) => {
			if (series.last !== null && !isSilent()) writer.sample(labels.own, series.last.loss / series.last.sent);
		},
	},
	{
		family: family(
			'slots_total',
			'counter',
			'Slots by what came of them. Those not measured are unknown, not loss.',
		),
		write: (writer, { labels, series }) => {
			writer.sample(labels.with('outcome', 'measured'), series.total.slots);
			// Of slots before we began nobody knows which of the two it was.
			const { skipped } = series.counts;
			writer.sample(labels.with('outcome', 'failed'), series.unknownSlots - skipped);
			writer.sample(labels.with('outcome', 'skipped'), skipped);
		},
	},
	{
		family: family('slots_unknown_total', 'counter', 'Slots that were not measured, by reason.'),
		write: (writer, { labels, series }) => {
			for (const [reason, slots] of series.counts.unknown)
				writer.sample(labels.with('reason', reason), slots);
		},
	},
	{
		family: family(
			'last_result_timestamp_seconds',
			'gauge',
			'Start of the last measured slot, seconds since the epoch.',
		),
		write: (writer, { labels, series }) => {
			if (series.last !== null) writer.sample(labels.own, series.last.startSeconds);
		},
	},
];

/**
 * The families of facts: `pingmachine_<probe>_<name>`, with `_seconds` for spans of time and `_total` for counts. Facts
 * of every probe have no probe in their name.
 */
export function factFamilies(
	factsOfProbes: ReadonlyMap<string, readonly FactDeclaration[]>,
	commonNames: ReadonlySet<string>,
): OrderFamily[] {
	const families = new Map<string, OrderFamily>();
	for (const [probe, facts] of factsOfProbes) {
		for (const fact of facts) {
			const { kind } = fact;
			if (kind === 'text' || kind === 'path') continue;
			const isCommon = commonNames.has(fact.name);
			const name = factMetric(fact, isCommon ? null : probe);
			if (!families.has(name)) families.set(name, factFamily(name, fact, isCommon ? null : probe));
		}
	}
	return [...families.values()];
}

/** @param probe null for a fact of every probe */
function factMetric({ name, kind }: FactDeclaration, probe: string | null): string {
	const ending = { seconds: '_seconds', count: '_total' }[kind as string] ?? '';
	return `${factPrefix(probe)}${name}${ending}`;
}

function factPrefix(probe: string | null): string {
	return `pingmachine_${probe === null ? '' : `${probe.replaceAll(/[^a-zA-Z0-9_]/g, '_')}_`}`;
}

function factFamily(name: string, fact: FactDeclaration, probe: string | null): OrderFamily {
	const isCount = fact.kind === 'count';
	const help = `${fact.help[0]?.toUpperCase() ?? ''}${fact.help.slice(1)}.`;
	return {
		family: { name, kind: isCount ? 'counter' : 'gauge', help },
		...(probe === null ? {} : { probe }),
		write: (writer, served) => {
			const { counts, gauges } = served.series;
			// A count exists before the first is counted, for the probes that can tell it.
			const value = isCount ? (counts.facts.get(fact.name) ?? 0) : gauges.get(fact.name);
			if (!isCount && served.isSilent()) return;
			if (value !== undefined && served.facts.some((one) => one.name === fact.name))
				writer.sample(served.labels.own, value);
		},
	};
}

/** More names than these are not told: programs may make up a new one each time. */
const undeclaredNamesMax = 200;

/** The families of facts that no probe has declared, of those that are served. `taken`: names of other families. */
export function undeclaredFamilies(
	all: readonly { readonly served: Served }[],
	taken: ReadonlySet<string>,
): OrderFamily[] {
	const families = new Map<string, OrderFamily>();
	for (const { served } of all) {
		const { probe, series } = served;
		for (const fact of series.undeclared.keys()) {
			if (families.size >= undeclaredNamesMax) break;
			const name = `${factPrefix(probe)}${fact}`;
			if (!taken.has(name) && !families.has(name)) families.set(name, undeclaredFamily(name, fact, probe));
		}
	}
	return [...families.values()];
}

function undeclaredFamily(name: string, fact: string, probe: string): OrderFamily {
	return {
		family: { name, kind: 'gauge', help: 'As it was told.' },
		write: (writer, served) => {
			const value = served.probe === probe ? served.series.undeclared.get(fact) : undefined;
			if (value !== undefined && !served.isSilent()) writer.sample(served.labels.own, value);
		},
	};
}
