import type { DashboardSpec } from './panels.ts';
import { instanceVariable, lossOf, machines, ordersOfVariable, quantileOf, withInfo } from './selectors.ts';

const chosen = `${machines},order=~"$order"`;
const toOrder = { uid: 'pingmachine-order', variable: 'order' } as const;

/** Loss of the orders of a probe alone. */
function lossOfProbe(probes: string): string {
	return `(${lossOf(chosen)}) and on (job, instance, order) pingmachine_order_info{${machines},probe=~"${probes}"}`;
}

/** Ways to targets. */
export const routes: DashboardSpec = {
	uid: 'pingmachine-routes',
	title: 'pingmachine / Routes',
	help: 'How far targets are, and whether they are reached. The ways themselves are on the pages of pingmachine.',
	variables: [instanceVariable, ordersOfVariable('traceroute')],
	alertsOf: chosen,
	rows: [
		{
			title: 'Routes',
			panels: [
				{
					...{ kind: 'table', title: 'Now', unit: 'none', width: 24, height: 8, link: toOrder },
					help: 'The last trace of each order.',
					queries: [
						{ expr: withInfo(`pingmachine_traceroute_hops{${chosen}}`, 'target'), legend: 'hops' },
						{ expr: withInfo(`pingmachine_traceroute_reached{${chosen}}`, 'target'), legend: 'reached' },
					],
				},
				{
					...{ kind: 'timeseries', title: 'Hops', unit: 'short', width: 12, height: 9 },
					help: 'Which hop the target is. A step is another way.',
					queries: [{ expr: `pingmachine_traceroute_hops{${chosen}}`, legend: '{{order}} {{pop}}' }],
				},
				{
					...{ kind: 'timeseries', title: 'Changes of length', unit: 'short', width: 12, height: 9 },
					help: 'How often the number of hops changed.',
					queries: [
						{
							expr: `changes(pingmachine_traceroute_hops{${chosen}}[$__rate_interval])`,
							legend: '{{order}} {{pop}}',
						},
					],
				},
				{
					...{ kind: 'state-timeline', title: 'Reached', unit: 'none', width: 24, height: 8, limits: [1, 1] },
					help: 'Whether the target answered.',
					words: { 0: 'no', 1: 'yes' },
					queries: [{ expr: `pingmachine_traceroute_reached{${chosen}}`, legend: '{{order}} {{pop}}' }],
				},
			],
		},
	],
};

const phases = ['dns', 'connect', 'tls', 'first_byte', 'transfer'];

/** Web servers. */
export const http: DashboardSpec = {
	uid: 'pingmachine-http',
	title: 'pingmachine / HTTP',
	help: 'Web servers: failures, status, phases of a request, certificates.',
	variables: [instanceVariable, ordersOfVariable('http|httping')],
	alertsOf: chosen,
	rows: [
		{
			title: 'HTTP',
			panels: [
				{
					...{ kind: 'timeseries', title: 'Failed requests', unit: 'percentunit', width: 12, height: 9 },
					help: 'Requests without an answer, or without the one that was expected.',
					queries: [{ expr: lossOfProbe('http|httping'), legend: '{{order}} {{pop}}' }],
				},
				{
					...{ kind: 'timeseries', title: 'Time of a request, 95 %', unit: 's', width: 12, height: 9 },
					help: 'Of answered requests.',
					queries: [
						{
							expr: `(${quantileOf(0.95, chosen, 'job, instance, order, pop')}) and on (job, instance, order) pingmachine_order_info{${machines},probe=~"http|httping"}`,
							legend: '{{order}} {{pop}}',
						},
					],
				},
				{
					...{
						kind: 'state-timeline',
						title: 'Status',
						unit: 'none',
						width: 12,
						height: 8,
						limits: [400, 500],
					},
					help: 'Status code of the last answer.',
					queries: [{ expr: `pingmachine_http_status_code{${chosen}}`, legend: '{{order}} {{pop}}' }],
				},
				{
					...{ kind: 'timeseries', title: 'Phases', unit: 's', width: 12, height: 8 },
					help: 'Where the time goes: mean of the chosen orders.',
					queries: phases.map((phase) => ({
						expr: `avg(pingmachine_http_${phase}_seconds{${chosen}})`,
						legend: phase.replace('_', ' '),
					})),
				},
				{
					...{ kind: 'bargauge', title: 'Certificates end in', unit: 's', width: 12, height: 8 },
					limits: [30 * 86_400, 7 * 86_400],
					help: 'Until the first certificate of the chain ends.',
					queries: [
						{
							expr: `sort(pingmachine_http_certificate_left_seconds{${chosen}})`,
							legend: '{{order}} {{pop}}',
						},
					],
				},
				{
					...{ kind: 'timeseries', title: 'Size of the answer', unit: 'bytes', width: 12, height: 8 },
					help: 'Length of the body.',
					queries: [{ expr: `pingmachine_http_body_bytes{${chosen}}`, legend: '{{order}} {{pop}}' }],
				},
			],
		},
	],
};

/** Name servers. */
export const dns: DashboardSpec = {
	uid: 'pingmachine-dns',
	title: 'pingmachine / DNS',
	help: 'Name servers: failures, times, and what they answer.',
	variables: [instanceVariable, ordersOfVariable('dns')],
	alertsOf: chosen,
	rows: [
		{
			title: 'DNS',
			panels: [
				{
					...{ kind: 'timeseries', title: 'Failed questions', unit: 'percentunit', width: 12, height: 9 },
					help: 'Questions without an answer, or without the one that was expected.',
					queries: [{ expr: lossOfProbe('dns'), legend: '{{order}} {{pop}}' }],
				},
				{
					...{ kind: 'timeseries', title: 'Time of an answer', unit: 's', width: 12, height: 9 },
					help: 'From the question to its answer, of the last slot.',
					queries: [{ expr: `pingmachine_dns_request_seconds{${chosen}}`, legend: '{{order}} {{pop}}' }],
				},
				{
					...{ kind: 'timeseries', title: 'Time to live', unit: 's', width: 12, height: 8 },
					help: 'The least of the records.',
					queries: [{ expr: `pingmachine_dns_ttl_seconds{${chosen}}`, legend: '{{order}} {{pop}}' }],
				},
				{
					...{ kind: 'timeseries', title: 'Size', unit: 'bytes', width: 12, height: 8 },
					help: 'Length of the answer.',
					queries: [{ expr: `pingmachine_dns_size{${chosen}}`, legend: '{{order}} {{pop}}' }],
				},
			],
		},
	],
};
