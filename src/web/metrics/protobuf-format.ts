import type { Buckets } from '../../model/histogram.ts';
import type { ExpositionFormat, HistogramValue, Labels, MetricFamily, MetricKind } from './exposition.ts';
import { MessageBuilder } from './protobuf.ts';

/** Field numbers and types are those of `io.prometheus.client` (metrics.proto of Prometheus' client_model). */
const typeNumbers: Readonly<Record<MetricKind, number>> = {
	counter: 0,
	legacyCounter: 0,
	gauge: 1,
	info: 1,
	histogram: 4,
};
const fieldOfKind: Readonly<Record<Exclude<MetricKind, 'histogram'>, number>> = {
	counter: 3,
	legacyCounter: 3,
	gauge: 2,
	info: 2,
};
/** What is no shorter than nothing counts as 0. Ours are above it. */
const zeroThreshold = 2 ** -128;
/** A gap of so many empty buckets is cheaper written out than as a new span. */
const gapMax = 2;

const [metric, part, small, pair] = [
	new MessageBuilder(),
	new MessageBuilder(),
	new MessageBuilder(),
	new MessageBuilder(),
];

function labelMessage(pairs: Labels['pairs']): string {
	for (const [name, value] of pairs) part.message(1, pair.text(1, name).text(2, value).view());
	return part.latin1();
}

function head(family: MetricFamily, bytes: number): string {
	const own = part.text(1, family.name).text(2, family.help).uint(3, typeNumbers[family.kind]).latin1();
	return small.delimiter(own.length + bytes).latin1() + own;
}

function sample({ kind }: MetricFamily, labels: Labels, value: number): string {
	if (kind === 'histogram') return '';
	metric.latin1Fields(labels.message(labelMessage));
	metric.message(fieldOfKind[kind], part.double(1, value).view());
	return small.message(4, metric.view()).latin1();
}

function histogram(_family: MetricFamily, labels: Labels, value: HistogramValue): string {
	const { count, sum, classic, native } = value;
	const ownLabels = labels.message(labelMessage);
	part.uint(1, count).double(2, sum);
	for (const [bound, cumulative] of classic)
		part.message(3, small.uint(1, cumulative).double(2, bound).view());
	if (native !== null) {
		part.sint(5, native.schema).double(6, zeroThreshold).uint(7, 0);
		addNativeBuckets(native.buckets());
	}
	metric.latin1Fields(ownLabels).message(7, part.view());
	return small.message(4, metric.view()).latin1();
}

/** Spans of neighbouring buckets, then the differences between the counts of neighbours. */
function addNativeBuckets(buckets: Buckets): void {
	const spans: { offset: number; length: number }[] = [];
	const counts: number[] = [];
	let next: number | null = null;
	for (const [index, count] of buckets) {
		let span = spans.at(-1);
		if (span === undefined || next === null || index - next > gapMax) {
			span = { offset: index - (next ?? 0), length: 0 };
			spans.push(span);
		} else {
			span.length += index - next;
			for (let gap = next; gap < index; gap++) counts.push(0);
		}
		span.length++;
		counts.push(count);
		next = index + 1;
	}
	// Without a span it would be read as a classic histogram.
	if (spans.length === 0) spans.push({ offset: 0, length: 0 });
	for (const { offset, length } of spans) part.message(12, small.sint(1, offset).uint(2, length).view());
	let before = 0;
	for (const count of counts) {
		part.sint(13, count - before);
		before = count;
	}
}

/** Length-delimited `MetricFamily` messages, with native histograms and the classic buckets beside them. */
export const protobuf: ExpositionFormat = {
	contentType: 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited',
	encoding: 'latin1',
	isFramed: true,
	tail: '',
	...{ head, sample, histogram },
};
