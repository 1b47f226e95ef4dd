import { hostname } from 'node:os';
import type { CompatBlock } from '../../config/web-setting.ts';
import type { ReasonCode } from '../../model/outcome.ts';
import type { OrderFamily, Served } from './core-families.ts';
import { type HistogramValue, Labels, type MetricFamily, type SeriesWriter } from './exposition.ts';

/**
 * Metrics under the names of neighbours, so that their dashboards go on. Their own labels alone would make one series of
 * two orders for the same host, so `order` stands beside them.
 */
export function compatFamilies(blocks: readonly CompatBlock[]): OrderFamily[] {
	return blocks.flatMap((block) => families[block]());
}

type Write = (writer: SeriesWriter, served: Served) => void;

function family(name: string, kind: MetricFamily['kind'], help: string, write: Write): OrderFamily {
	return { family: { name, kind, help }, write };
}

/** Made once for each order; of an address that changes, again. */
const remembered = new WeakMap<Served, Map<string, Labels>>();

function labelsOf(served: Served, pairs: readonly (readonly [string, string])[]): Labels {
	let known = remembered.get(served);
	if (known === undefined) {
		known = new Map();
		remembered.set(served, known);
	}
	const key = JSON.stringify(pairs);
	let labels = known.get(key);
	if (labels === undefined) {
		labels = new Labels(pairs);
		known.set(key, labels);
	}
	return labels;
}

function addressOf({ series, target }: Served): string {
	const address = series.last?.facts['address'];
	return typeof address === 'string' ? address : target;
}

const answeredOf = ({ series: { total } }: Served) => total.sent - total.lost;
/** Round-trip times of ours, for those who count in milliseconds. */
const ms = (seconds: number) => Number((seconds * 1000).toPrecision(12));

// ---- meshping: milliseconds; a histogram of ten buckets an octave, of which only those with something in them ----

function meshpingLabels(served: Served): Labels {
	return labelsOf(served, [['name', served.order.id], ['target', addressOf(served)], ...served.popLabel]);
}

/** Upper bound of meshping's bucket, ms. Rounded to six digits: to two, short times would share a bound. */
const meshpingBound = (bucket: number) => Number((2 ** ((bucket + 1) / 10)).toPrecision(6));

function meshpingHistogram(served: Served): HistogramValue {
	const { total } = served.series;
	const classic: [number, number][] = [];
	let before = 0;
	if (total.min !== null && total.max !== null) {
		const first = Math.floor(Math.log2(ms(total.min)) * 10) - 1;
		const last = Math.ceil(Math.log2(ms(total.max)) * 10) + 1;
		for (let bucket = first; bucket <= last; bucket++) {
			const bound = meshpingBound(bucket);
			const cumulative = total.histogram.countUpTo(bound / 1000);
			if (cumulative > before) classic.push([bound, cumulative]);
			before = cumulative;
		}
	}
	return { count: answeredOf(served), sum: ms(total.sum), classic, native: null };
}

function meshping(): OrderFamily[] {
	const own = (
		name: string,
		kind: 'legacyCounter' | 'gauge',
		help: string,
		value: (served: Served) => number | null,
	) =>
		family(`meshping_${name}`, kind, help, (writer, served) => {
			const number = value(served);
			if (number !== null) writer.sample(meshpingLabels(served), number);
		});
	const extreme = (seconds: number | null) => (seconds === null ? null : ms(seconds));
	return [
		own('sent', 'legacyCounter', 'Sent pings', ({ series }) => series.total.sent),
		own('recv', 'legacyCounter', 'Received pongs', answeredOf),
		own(
			'lost',
			'legacyCounter',
			'Lost pings (actual counter, not just sent - recv)',
			({ series }) => series.total.lost,
		),
		own('max', 'gauge', 'max ping', ({ series }) => extreme(series.total.max)),
		own('min', 'gauge', 'min ping', ({ series }) => extreme(series.total.min)),
		family('meshping_pings', 'histogram', 'Pings bucketed by response time', (writer, served) =>
			writer.histogram(meshpingLabels(served), meshpingHistogram(served)),
		),
	];
}

// ---- smokeping_prober ----

const smokepingBounds = Array.from({ length: 20 }, (_, at) => Number((5e-5 * 2 ** at).toPrecision(6)));

function smokepingLabels(served: Served): Labels {
	const { options } = served;
	const text = (value: unknown) =>
		typeof value === 'string' || typeof value === 'number' ? String(value) : '';
	return labelsOf(served, [
		['ip', addressOf(served)],
		['host', served.target],
		['source', text(options['source_ip'])],
		['tos', text(options['tos']) || '0'],
		['order', served.order.id],
		...served.popLabel,
	]);
}

const icmpProbes: ReadonlySet<string> = new Set(['icmp', 'fping', 'sping', 'pping']);

/** The network or this machine did not take the pings. */
const unsentReasons: readonly ReasonCode[] = ['no_route', 'no_address', 'refused_here'];

function smokeping(): OrderFamily[] {
	const ofPings =
		(write: Write): Write =>
		(writer, served) => {
			if (icmpProbes.has(served.probe)) write(writer, served);
		};
	const own = (
		name: string,
		kind: 'counter' | 'gauge',
		help: string,
		value: (series: Served['series']) => number | undefined,
	) =>
		family(
			`smokeping_${name}`,
			kind,
			help,
			ofPings((writer, served) => {
				if (kind === 'gauge' && served.isSilent()) return;
				const number = value(served.series);
				if (number !== undefined) writer.sample(smokepingLabels(served), number);
			}),
		);
	return [
		own('requests_total', 'counter', 'Number of ping requests sent', ({ total }) => total.sent),
		family(
			'smokeping_response_duration_seconds',
			'histogram',
			'A histogram of latencies for ping responses.',
			ofPings((writer, served) => {
				const { histogram, sum } = served.series.total;
				writer.histogram(smokepingLabels(served), {
					count: answeredOf(served),
					sum,
					classic: histogram.countsUpTo(smokepingBounds),
					native: histogram,
				});
			}),
		),
		own('response_ttl', 'gauge', 'The last response Time To Live (TTL).', ({ gauges }) => gauges.get('ttl')),
		own(
			'response_duplicates_total',
			'counter',
			'The number of duplicated response packets.',
			({ counts }) => counts.facts.get('duplicates') ?? 0,
		),
		own('send_errors_total', 'counter', 'Slots whose pings could not be sent.', ({ counts }) =>
			unsentReasons.reduce((sum, reason) => sum + (counts.unknown.get(reason) ?? 0), 0),
		),
	];
}

// ---- The canaries' consumer ----

const canaryTypes: ReadonlyMap<string, string> = new Map([
	...[...icmpProbes].map((probe) => [probe, 'ping'] as const),
	['http', 'http'],
	['httping', 'http'],
	['dns', 'dns'],
]);

function canary(): OrderFamily[] {
	const machine = hostname();
	const own = (
		name: string,
		help: string,
		types: readonly string[],
		value: (served: Served) => number | null | undefined,
		more: (served: Served) => readonly (readonly [string, string])[] = () => [],
	) =>
		family(name, 'gauge', help, (writer, served) => {
			const type = canaryTypes.get(served.probe);
			if (type === undefined || !types.includes(type) || served.isSilent()) return;
			const number = value(served) ?? null;
			if (number !== null)
				writer.sample(labelsOf(served, [...canaryPairs(served, type, machine), ...more(served)]), number);
		});
	const median = ({ series }: Served) => {
		const seconds = series.last?.medianSeconds ?? null;
		return seconds === null ? null : ms(seconds);
	};
	const query = ({ options }: Served) =>
		[
			['query_type', String(options['type'] ?? 'A')],
			['resolver', String(options['server'] ?? 'System Default')],
		] as const;
	return [
		own('canary_latency_ms', 'Latency of canary test in milliseconds', ['ping', 'http', 'dns'], median),
		family(
			'canary_status_total',
			'counter',
			'Total count of canary test results by status',
			(writer, served) => {
				const type = canaryTypes.get(served.probe);
				if (type === undefined) return;
				const { total, unknownSlots } = served.series;
				const counts = { SUCCESS: total.slots - total.down, FAILURE: total.down, ERROR: unknownSlots };
				for (const [status, count] of Object.entries(counts))
					writer.sample(labelsOf(served, [...canaryPairs(served, type, machine), ['status', status]]), count);
			},
		),
		own(
			'ping_packet_loss_percent',
			'Packet loss percentage for ping canary tests',
			['ping'],
			({ series }) => {
				const { last } = series;
				return last === null ? null : (100 * last.loss) / last.sent;
			},
		),
		own('dns_resolve_time_ms', 'DNS resolve time in milliseconds', ['dns'], median, query),
		own('http_status_code', 'HTTP status code received from target', ['http'], ({ series }) =>
			series.gauges.get('status_code'),
		),
		own('http_response_size_bytes', 'Size of the HTTP response body in bytes', ['http'], ({ series }) =>
			series.gauges.get('body_bytes'),
		),
		own(
			'http_content_match_status',
			'Whether the content was as expected (1, 0, -1 = not checked)',
			['http'],
			contentMatch,
		),
	];
}

function canaryPairs({ target, pop, order }: Served, type: string, machine: string) {
	return [
		['canary_id', pop ?? machine],
		['target', target],
		['type', type],
		['order', order.id],
	] as const;
}

function contentMatch({ options, series }: Served): number | null {
	if (series.last === null) return null;
	const isChecked = ['match', 'not_match', 'json'].some((key) => options[key] !== undefined);
	if (!isChecked) return -1;
	return series.last.loss === 0 ? 1 : 0;
}

const families: Readonly<Record<CompatBlock, () => OrderFamily[]>> = { meshping, smokeping, canary };
