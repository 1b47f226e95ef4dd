import type { Buckets } from '../../model/histogram.ts';
import type { ExpositionWriter, HistogramValue, Labels, MetricFamily, MetricKind } from './exposition.ts';
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

function labelMessage(pairs: Labels['pairs']): Buffer {
	const all = new MessageBuilder();
	const pair = new MessageBuilder();
	for (const [name, value] of pairs) all.message(1, pair.text(1, name).text(2, value).view());
	return all.take();
}

/** Length-delimited `MetricFamily` messages, with native histograms and the classic buckets beside them. */
export class ProtobufWriter implements ExpositionWriter {
	readonly contentType =
		'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited';
	#open: MetricFamily | null = null;
	/** Its metrics: the length of the whole family stands before it, so nothing of it goes out before its end. */
	readonly #family = new MessageBuilder();
	readonly #metric = new MessageBuilder();
	readonly #part = new MessageBuilder();
	readonly #small = new MessageBuilder();
	#ready: Buffer[] = [];

	family(family: MetricFamily): void {
		this.#endFamily();
		this.#open = family;
		this.#family.text(1, family.name).text(2, family.help).uint(3, typeNumbers[family.kind]);
	}

	sample(labels: Labels, value: number): void {
		const kind = this.#open?.kind ?? 'gauge';
		if (kind === 'histogram') return;
		this.#metric.raw(labels.message(labelMessage));
		this.#metric.message(fieldOfKind[kind], this.#part.double(1, value).view());
		this.#family.message(4, this.#metric.view());
	}

	histogram(labels: Labels, value: HistogramValue): void {
		const { count, sum, classic, native } = value;
		const part = this.#part.uint(1, count).double(2, sum);
		for (const [bound, cumulative] of classic)
			part.message(3, this.#small.uint(1, cumulative).double(2, bound).view());
		if (native !== null) {
			part.sint(5, native.schema).double(6, zeroThreshold).uint(7, 0);
			this.#nativeBuckets(part, native.buckets());
		}
		this.#metric.raw(labels.message(labelMessage)).message(7, part.view());
		this.#family.message(4, this.#metric.view());
	}

	/** Spans of neighbouring buckets, then the differences between the counts of neighbours. */
	#nativeBuckets(part: MessageBuilder, buckets: Buckets): void {
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
		for (const { offset, length } of spans)
			part.message(12, this.#small.sint(1, offset).uint(2, length).view());
		let before = 0;
		for (const count of counts) {
			part.sint(13, count - before);
			before = count;
		}
	}

	take(): Buffer {
		const ready = Buffer.concat(this.#ready);
		this.#ready = [];
		return ready;
	}

	end(): void {
		this.#endFamily();
	}

	#endFamily(): void {
		if (this.#open === null) return;
		this.#open = null;
		const body = this.#family.take();
		this.#ready.push(this.#small.delimiter(body.length).take(), body);
	}
}
