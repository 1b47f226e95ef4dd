import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Histogram } from '../../../src/model/histogram.ts';
import { type ExpositionFormat, Labels } from '../../../src/web/metrics/exposition.ts';
import { ExpositionWriter } from '../../../src/web/metrics/exposition-writer.ts';
import { formatFor } from '../../../src/web/metrics/negotiate.ts';
import { protobuf } from '../../../src/web/metrics/protobuf-format.ts';
import { openMetricsText, prometheusText } from '../../../src/web/metrics/text-formats.ts';
import { parseProtobuf, parseText } from './parse-exposition.ts';

const bounds = [0.0005, 0.01, 1, 2];

function histogramValue(rtts: readonly number[]) {
	const histogram = new Histogram();
	for (const rtt of rtts) histogram.add(rtt);
	return {
		count: rtts.length,
		sum: rtts.reduce((a, b) => a + b, 0),
		classic: bounds.map((bound) => [bound, histogram.countUpTo(bound)] as const),
		native: histogram,
	};
}

function exampleOf(format: ExpositionFormat): Buffer {
	const writer = new ExpositionWriter(format);
	writer.family({ name: 'pings_sent_total', help: 'Pings sent.', kind: 'counter' });
	writer.sample(new Labels([['order', 'core/a']]), 12);
	writer.sample(new Labels([['order', 'odd "\\\n']]), 1.5e21);
	writer.family({ name: 'build_info', help: 'One.', kind: 'info' });
	writer.sample(new Labels([['version', '2.0.0']]), 1);
	writer.family({ name: 'meshping_sent', help: 'Sent pings', kind: 'legacyCounter' });
	writer.sample(new Labels([]), 3);
	writer.family({ name: 'rtt_seconds', help: 'Round-trip "times".\nAll.', kind: 'histogram' });
	writer.histogram(new Labels([['order', 'core/a']]), histogramValue([0.0001, 0.009, 0.02, 1, 7]));
	writer.family({ name: 'delay_seconds', help: 'Delay.', kind: 'gauge' });
	writer.sample(new Labels([['quantile', '0.99']]), Number.NaN);
	writer.end();
	return writer.take();
}

describe('formats, as they are specified', () => {
	test('text 0.0.4', () => {
		expect(exampleOf(prometheusText).toString()).toBe(`# HELP pings_sent_total Pings sent.
# TYPE pings_sent_total counter
pings_sent_total{order="core/a"} 12
pings_sent_total{order="odd \\"\\\\\\n"} 1.5e+21
# HELP build_info One.
# TYPE build_info gauge
build_info{version="2.0.0"} 1
# HELP meshping_sent Sent pings
# TYPE meshping_sent counter
meshping_sent 3
# HELP rtt_seconds Round-trip "times".\\nAll.
# TYPE rtt_seconds histogram
rtt_seconds_bucket{order="core/a",le="0.0005"} 1
rtt_seconds_bucket{order="core/a",le="0.01"} 2
rtt_seconds_bucket{order="core/a",le="1"} 4
rtt_seconds_bucket{order="core/a",le="2"} 4
rtt_seconds_bucket{order="core/a",le="+Inf"} 5
rtt_seconds_sum{order="core/a"} 8.0291
rtt_seconds_count{order="core/a"} 5
# HELP delay_seconds Delay.
# TYPE delay_seconds gauge
delay_seconds{quantile="0.99"} NaN
`);
	});

	test('OpenMetrics 1.0', () => {
		const text = String(exampleOf(openMetricsText));
		expect(text.split('\n').slice(0, 4)).toEqual([
			'# TYPE pings_sent counter',
			'# HELP pings_sent Pings sent.',
			'pings_sent_total{order="core/a"} 12',
			'pings_sent_total{order="odd \\"\\\\\\n"} 1.5e+21',
		]);
		expect(text).toContain('# TYPE build info\n# HELP build One.\nbuild_info{version="2.0.0"} 1\n');
		expect(text).toContain('# TYPE meshping_sent unknown\n');
		expect(text).toContain(
			'# TYPE rtt_seconds histogram\n# UNIT rtt_seconds seconds\n# HELP rtt_seconds Round-trip \\"times\\".\\nAll.\n',
		);
		expect(text).toContain('le="0.0005"} 1\n');
		expect(text).toContain('le="1.0"} 4\n');
		expect(text).toMatch(/\n# EOF\n$/);
	});

	test('protobuf', () => {
		const families = parseProtobuf(exampleOf(protobuf));
		expect(families.map(({ name, type }) => [name, type])).toEqual([
			['pings_sent_total', 0],
			['build_info', 1],
			['meshping_sent', 0],
			['rtt_seconds', 4],
			['delay_seconds', 1],
		]);
		expect(families[0]?.metrics).toEqual([
			{ labels: { order: 'core/a' }, value: 12 },
			{ labels: { order: 'odd "\\\n' }, value: 1.5e21 },
		]);
		expect(families[3]?.metrics[0]?.histogram).toEqual(valueOfRead([0.0001, 0.009, 0.02, 1, 7]));
	});

	test('a native histogram without a value still has a span', () => {
		const writer = new ExpositionWriter(protobuf);
		writer.family({ name: 'rtt_seconds', help: 'x', kind: 'histogram' });
		writer.histogram(new Labels([]), histogramValue([]));
		writer.end();
		const bytes = writer.take();
		// Field 12 with a span of nothing: offset 0, length 0.
		expect(bytes.includes(Buffer.from([0x62, 4, 8, 0, 16, 0]))).toBe(true);
		expect(parseProtobuf(bytes)[0]?.metrics[0]?.histogram).toMatchObject({ count: 0, schema: 4, native: [] });
	});
});

function valueOfRead(rtts: readonly number[]) {
	const { count, sum, classic, native } = histogramValue(rtts);
	return { count, sum, classic, schema: native.schema, native: native.buckets() };
}

describe('what is written is what is read', () => {
	const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,12}$/);
	const labels = fc.uniqueArray(fc.tuple(name, fc.string({ unit: 'binary' })), { selector: ([key]) => key });
	const rtts = fc.array(fc.double({ min: 1e-7, max: 200, noNaN: true }), { maxLength: 60 });
	const value = fc.double({ noDefaultInfinity: false });
	const odd = /[\ud800-\udfff]/;

	test('by all three formats', () => {
		fc.assert(
			fc.property(fc.array(fc.tuple(labels, value, rtts), { maxLength: 5 }), (series) => {
				fc.pre(!series.some(([pairs]) => pairs.some(([, text]) => odd.test(text))));
				const write = (format: ExpositionFormat) => {
					const writer = new ExpositionWriter(format);
					writer.family({ name: 'a_total', help: 'x', kind: 'counter' });
					for (const [pairs, number] of series) writer.sample(new Labels(pairs), number);
					writer.family({ name: 'h_seconds', help: 'x', kind: 'histogram' });
					for (const [pairs, , list] of series) writer.histogram(new Labels(pairs), histogramValue(list));
					writer.end();
					return writer.take();
				};
				const wanted = series.map(([pairs, number]) => ({
					labels: Object.fromEntries(pairs),
					value: number,
				}));
				for (const format of [prometheusText, openMetricsText]) {
					const read = parseText(String(write(format)));
					const counters = read.filter((sample) => sample.name === 'a_total');
					expect(counters.map(({ labels, value }) => ({ labels, value }))).toEqual(
						wanted.map((one) => (Object.is(one.value, -0) ? { ...one, value: 0 } : one)),
					);
					const counts = read.filter((sample) => sample.name === 'h_seconds_count');
					expect(counts.map((sample) => sample.value)).toEqual(series.map(([, , list]) => list.length));
				}
				const [counters, histograms] = parseProtobuf(write(protobuf));
				expect(counters?.metrics).toEqual(wanted);
				expect(histograms?.metrics.map(({ histogram }) => histogram)).toEqual(
					series.map(([, , list]) => valueOfRead(list)),
				);
			}),
		);
	});
});

describe('the format that a client likes best', () => {
	test.each([
		[undefined, 'text/plain'],
		['*/*', 'text/plain'],
		['text/html,*/*;q=0.1', 'text/plain'],
		['application/openmetrics-text; version=1.0.0; charset=utf-8', 'application/openmetrics-text'],
		['application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5', 'text/plain'],
		['text/plain;q=0.9,application/openmetrics-text;q=0.8', 'text/plain'],
		['text/plain;q=0.9,application/openmetrics-text;q=0.9', 'application/openmetrics-text'],
		['application/openmetrics-text;q=0', 'text/plain'],
		[
			'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,application/openmetrics-text;version=1.0.0;q=0.8',
			'application/vnd.google.protobuf',
		],
		['application/vnd.google.protobuf;encoding=text', 'text/plain'],
		[`${'a,'.repeat(100_000)}application/openmetrics-text`, 'text/plain'],
	])('%s', (accept, type) => {
		expect(formatFor(accept?.toString()).contentType).toMatch(new RegExp(`^${type}`));
	});
});
