import { hostname } from 'node:os';
import { describe, expect, test } from 'vitest';
import { http } from '../../../probes/http/index.ts';
import { Tally } from '../../../src/history/tally.ts';
import { declaredFacts, type FactDeclaration } from '../../../src/model/facts.ts';
import { measured, notMeasured, type OrderIdentity } from '../../../src/model/outcome.ts';
import { compatFamilies } from '../../../src/web/metrics/compat-families.ts';
import {
	coreFamilies,
	factFamilies,
	type OrderFamily,
	type Served,
} from '../../../src/web/metrics/core-families.ts';
import { seriesText } from '../../../src/web/metrics/exposition-writer.ts';
import { infoLabels, labelName, seriesLabels, tagLabels } from '../../../src/web/metrics/order-labels.ts';
import { OrderSeries } from '../../../src/web/metrics/order-series.ts';
import { prometheusText } from '../../../src/web/metrics/text-formats.ts';

const order: OrderIdentity = {
	id: 'core/router',
	user: 'me',
	probe: 'icmp',
	target: '192.0.2.7',
	title: 'The router',
	tags: { site: 'zrh', role: 'edge', job: 'x' },
};
const facts: readonly FactDeclaration[] = [
	{ name: 'ttl', kind: 'gauge', help: 'time to live', per: 'ping' },
	{ name: 'duplicates', kind: 'count', help: 'second and further answers', per: 'measurement' },
	{ name: 'timestamps', kind: 'text', help: 'who took the times', per: 'measurement' },
];
const declared = declaredFacts(facts);
const status: readonly FactDeclaration[] = [
	{ name: 'status_code', kind: 'gauge', help: 'status code', per: 'ping' },
];
const slot = (at: number) => ({ startSeconds: 1_795_240_800 + at * 60, stepSeconds: 60 });
const pings = (...rtts: (number | null)[]) =>
	rtts.map((rttSeconds, at) => ({ sentAtSeconds: slot(0).startSeconds + at, rttSeconds }));

function seriesFrom(before?: Tally): OrderSeries {
	const series = new OrderSeries(declared);
	if (before !== undefined)
		series.begin({
			...{
				before: { tally: before, untilSeconds: 0, unexplained: before.unknown },
				counts: null,
				last: null,
				recent: [],
				stepSeconds: 60,
			},
		});
	return series;
}

function served(before?: Tally): Served {
	return {
		...{ order, pop: undefined, popLabel: [], probe: 'icmp', target: order.target, options: {} },
		series: seriesFrom(before),
		labels: seriesLabels(order, undefined, ['site']),
		isMeasured: true,
		isSilent: () => false,
		info: infoLabels(order, 60),
		buckets: [0.01, 0.1],
		facts: declared,
	};
}

const common = new Set(['jitter', 'mos', 'address', 'loss_reason', 'path']);
const ours = [...coreFamilies, ...factFamilies(new Map([['icmp', declared]]), common)];

function textOf(one: Served, families: readonly OrderFamily[] = ours): string {
	return families
		.filter(({ probe }) => (probe ?? one.probe) === one.probe)
		.map(({ family, write }) => seriesText(prometheusText, family, (writer) => write(writer, one)))
		.join('')
		.split('\n')
		.filter((line) => !line.startsWith('#'))
		.join('\n');
}

describe('what is served of an order', () => {
	test('before anything was measured its counters are there already', () => {
		expect(
			textOf(served()),
		).toBe(`pingmachine_order_info{order="core/router",user="me",probe="icmp",target="192.0.2.7",step="60",title="The router",tag_job="x",role="edge",site="zrh"} 1
pingmachine_pings_sent_total{order="core/router",site="zrh"} 0
pingmachine_pings_lost_total{order="core/router",site="zrh"} 0
pingmachine_rtt_seconds_bucket{order="core/router",site="zrh",le="0.01"} 0
pingmachine_rtt_seconds_bucket{order="core/router",site="zrh",le="0.1"} 0
pingmachine_rtt_seconds_bucket{order="core/router",site="zrh",le="+Inf"} 0
pingmachine_rtt_seconds_sum{order="core/router",site="zrh"} 0
pingmachine_rtt_seconds_count{order="core/router",site="zrh"} 0
pingmachine_slots_total{order="core/router",site="zrh",outcome="measured"} 0
pingmachine_slots_total{order="core/router",site="zrh",outcome="failed"} 0
pingmachine_slots_total{order="core/router",site="zrh",outcome="skipped"} 0
pingmachine_icmp_duplicates_total{order="core/router",site="zrh"} 0
`);
	});

	test('measured and unknown slots, facts, and what was counted before', () => {
		const before = new Tally();
		before.addMeasured(pings(0.005, null));
		before.addUnknown(3);
		const one = served(before);
		const known = { ttl: [60, null, 61], duplicates: 2, timestamps: 'kernel', jitter: 0.01 };
		expect(one.series.add(measured(order, slot(1), 3, pings(0.02, null, 0.03), known))).toBe(true);
		expect(one.series.add(measured(order, slot(1), 3, pings(0.02, null, 0.03), known))).toBe(false);
		const why = { code: 'no_route', reason: 'no way' } as const;
		one.series.add(notMeasured('failed', order, slot(2), 3, why));
		one.series.add(notMeasured('skipped', order, slot(3), 3, { code: 'overrun', reason: 'late' }));
		const text = textOf(one);
		const labels = 'order="core/router",site="zrh"';
		for (const line of [
			`pingmachine_pings_sent_total{${labels}} 5`,
			`pingmachine_pings_lost_total{${labels}} 2`,
			`pingmachine_rtt_seconds_bucket{${labels},le="0.01"} 1`,
			`pingmachine_rtt_seconds_bucket{${labels},le="+Inf"} 3`,
			`pingmachine_rtt_seconds_sum{${labels}} 0.055`,
			`pingmachine_rtt_median_seconds{${labels}} 0.03`,
			`pingmachine_loss_ratio{${labels}} 0.3333333333333333`,
			`pingmachine_slots_total{${labels},outcome="measured"} 2`,
			`pingmachine_slots_total{${labels},outcome="failed"} 4`,
			`pingmachine_slots_total{${labels},outcome="skipped"} 1`,
			`pingmachine_slots_unknown_total{${labels},reason="no_route"} 1`,
			`pingmachine_slots_unknown_total{${labels},reason="overrun"} 1`,
			`pingmachine_last_result_timestamp_seconds{${labels}} ${slot(1).startSeconds}`,
			`pingmachine_icmp_ttl{${labels}} 61`,
			`pingmachine_icmp_duplicates_total{${labels}} 2`,
		])
			expect(text).toContain(`${line}\n`);
		expect(text).toMatch(/^pingmachine_jitter_seconds\{[^}]*\} 0\.01$/m);
		expect(text).not.toMatch(/timestamps|address/);
	});

	test('a late slot counts, and does not become the last one', () => {
		const one = served();
		one.series.add(measured(order, slot(5), 1, pings(0.02)));
		one.series.add(measured(order, slot(4), 1, pings(0.9)));
		expect(one.series.total.sent).toBe(2);
		expect(one.series.last?.startSeconds).toBe(slot(5).startSeconds);
	});

	test('what a point of presence measured has its label', () => {
		expect(seriesLabels(order, 'zrh', []).own.text).toBe('order="core/router",pop="zrh"');
		expect(seriesLabels(order, 'zrh', []).with('outcome', 'failed').text).toMatch(/,outcome="failed"$/);
	});
});

describe('names of neighbours', () => {
	const one = served();
	const known = { address: '192.0.2.8', ttl: [60, 61, null], duplicates: 1 };
	one.series.add(measured(order, slot(0), 3, pings(0.00002, 0.0203, null), known));
	one.series.add(measured(order, slot(1), 2, pings(null, null)));
	one.series.add(notMeasured('failed', order, slot(2), 3, { code: 'no_route', reason: 'no way' }));

	test.each([
		['meshping', ['sent', 'recv', 'lost', 'max', 'min', 'pings']],
		[
			'smokeping',
			[
				...['requests_total', 'response_duration_seconds', 'response_ttl', 'response_duplicates_total'],
				'send_errors_total',
			],
		],
	] as const)('of %s are all there', (block, names) => {
		const there = compatFamilies([block]).map(({ family }) => family.name);
		expect(there).toEqual(names.map((name) => `${block}_${name}`));
	});

	test('of the canaries are all there', () => {
		expect(compatFamilies(['canary']).map(({ family: { name, kind } }) => `${name} ${kind}`)).toEqual([
			...['canary_latency_ms gauge', 'canary_status_total counter', 'ping_packet_loss_percent gauge'],
			...['dns_resolve_time_ms gauge', 'http_status_code gauge', 'http_response_size_bytes gauge'],
			'http_content_match_status gauge',
		]);
	});

	test('meshping: milliseconds, only buckets with something in them, no bound twice', () => {
		const labels = '{name="core/router",target="192.0.2.7"';
		expect(textOf(one, compatFamilies(['meshping']))).toBe(`meshping_sent${labels}} 5
meshping_recv${labels}} 2
meshping_lost${labels}} 3
meshping_max${labels}} 20.3
meshping_min${labels}} 0.02
meshping_pings_bucket${labels},le="0.0206173"} 1
meshping_pings_bucket${labels},le="21.1121"} 2
meshping_pings_bucket${labels},le="+Inf"} 2
meshping_pings_sum${labels}} 20.32
meshping_pings_count${labels}} 2
`);
	});

	test('smokeping_prober', () => {
		const text = textOf(one, compatFamilies(['smokeping']));
		const labels = 'ip="192.0.2.7",host="192.0.2.7",source="",tos="0",order="core/router"';
		expect(text).toContain(`smokeping_requests_total{${labels}} 5\n`);
		expect(text).toContain(`smokeping_response_ttl{${labels}} 61\n`);
		expect(text).toContain(`smokeping_response_duplicates_total{${labels}} 1\n`);
		expect(text).toContain(`smokeping_send_errors_total{${labels}} 1\n`);
		const bounds = [...text.matchAll(/le="([^"]+)"/g)].map(([, le]) => le).join(' ');
		expect(bounds).toBe(
			'5e-05 0.0001 0.0002 0.0004 0.0008 0.0016 0.0032 0.0064 0.0128 0.0256 0.0512 0.1024 0.2048 0.4096 0.8192 1.6384 3.2768 6.5536 13.1072 26.2144 +Inf',
		);
		expect(textOf({ ...one, probe: 'ssh' }, compatFamilies(['smokeping']))).toBe('');
	});

	test('of a point of presence that has fallen silent: what was counted, and nothing that passes for its state of now', () => {
		const one = served();
		one.series.add(measured(order, slot(1), 3, pings(0.02, null, 0.03), { ttl: [60, null, 61] }));
		const namesOf = (isSilent: boolean) => {
			const text = textOf(
				{ ...one, pop: 'fra', isSilent: () => isSilent },
				compatFamilies(['smokeping', 'canary']),
			);
			return [...new Set(text.match(/^\w+/gm))];
		};
		const states = ['smokeping_response_ttl', 'canary_latency_ms', 'ping_packet_loss_percent'];
		expect(namesOf(false)).toEqual(expect.arrayContaining(states));
		expect(namesOf(false).filter((name) => !namesOf(true).includes(name))).toEqual(states);
	});

	test('the canaries', () => {
		const text = textOf(one, compatFamilies(['canary']));
		const labels = `canary_id="${hostname()}",target="192.0.2.7",type="ping",order="core/router"`;
		for (const [status, count] of Object.entries({ SUCCESS: 1, FAILURE: 1, ERROR: 1 }))
			expect(text).toContain(`canary_status_total{${labels},status="${status}"} ${count}\n`);
		expect(text).toContain(`ping_packet_loss_percent{${labels}} 100\n`);
		expect(text).not.toContain('http_');
		const web = { ...one, probe: 'httping', pop: 'zrh', series: new OrderSeries(declaredFacts(status)) };
		web.series.add(measured(order, slot(0), 1, pings(0.0254), { status_code: [204] }));
		const webText = textOf(web, compatFamilies(['canary']));
		const webLabels = 'canary_id="zrh",target="192.0.2.7",type="http",order="core/router"';
		expect(webText).toContain(`canary_latency_ms{${webLabels}} 25.4\n`);
		expect(webText).toContain(`http_status_code{${webLabels}} 204\n`);
		expect(webText).toContain(`http_content_match_status{${webLabels}} -1\n`);

		const ofHttp = {
			...web,
			probe: 'http',
			options: { match: ['ok'] },
			series: new OrderSeries(declaredFacts(http.facts)),
		};
		ofHttp.series.add(measured(order, slot(0), 1, pings(null), { status_code: [503], body_bytes: [14] }));
		const httpText = textOf(ofHttp, compatFamilies(['canary']));
		for (const line of ['http_status_code 503', 'http_response_size_bytes 14', 'http_content_match_status 0'])
			expect(httpText).toContain(`${line.replace(' ', `{${webLabels}} `)}\n`);
	});
});

describe('tags as labels', () => {
	test.each([
		['site', 'site'],
		['data-center', 'data_center'],
		['größe', 'gr__e'],
		['1st', '_1st'],
		['', '_'],
		['order', 'tag_order'],
		['le', 'tag_le'],
		['job', 'tag_job'],
		['__name__', 'tag___name__'],
	])('%s is %s', (tag, name) => {
		expect(labelName(tag)).toBe(name);
		expect(name).toMatch(/^[a-zA-Z_][a-zA-Z0-9_]*$/);
	});

	test('of two that become one the first by name counts', () => {
		expect(tagLabels({ a_b: 'second', 'a-b': 'first', c: 'x' })).toEqual([
			['a_b', 'first'],
			['c', 'x'],
		]);
	});
});
