import type { DashboardSpec } from './panels.ts';
import { instanceVariable, lossOfAll, machines, quantileOf, withInfo } from './selectors.ts';

const toOrder = { uid: 'pingmachine-order', variable: 'order' } as const;
const localOnly = `${machines},pop=""`;

/** All machines and all orders: where to look first. */
export const fleet: DashboardSpec = {
	uid: 'pingmachine-fleet',
	title: 'pingmachine / Fleet',
	help: 'All orders of all machines: the worst first, on a map, and over time.',
	variables: [instanceVariable],
	alertsOf: machines,
	rows: [
		{
			title: 'Now',
			panels: [
				{
					...{ kind: 'stat', title: 'Orders measured', unit: 'short', width: 4, height: 4 },
					help: 'Orders that are being measured.',
					queries: [{ expr: `sum(pingmachine_orders{${machines},state="measured"})` }],
				},
				{
					...{ kind: 'stat', title: 'Orders with loss', unit: 'short', width: 4, height: 4, limits: [1, 10] },
					help: 'Orders that lost a ping in their last measured slot.',
					queries: [{ expr: `sum(pingmachine_loss_ratio{${machines}} > bool 0)` }],
				},
				{
					...{ kind: 'stat', title: 'Orders that do not answer', unit: 'short', width: 4, height: 4 },
					limits: [1, 5],
					help: 'Orders whose last measured slot had no answer at all.',
					queries: [{ expr: `sum(pingmachine_loss_ratio{${machines}} >= bool 1)` }],
				},
				{
					...{ kind: 'stat', title: 'Alerts', unit: 'short', width: 4, height: 4, limits: [1, 10] },
					help: 'Alerts of pingmachine that fire.',
					queries: [{ expr: `sum(pingmachine_alerts{${machines},state="firing"}) or vector(0)` }],
				},
				{
					...{ kind: 'stat', title: 'Loss of all', unit: 'percentunit', width: 4, height: 4 },
					limits: [0.01, 0.05],
					help: 'Lost pings of all that were sent.',
					queries: [{ expr: lossOfAll(machines, '') }],
				},
				{
					...{ kind: 'stat', title: 'Machines', unit: 'short', width: 4, height: 4 },
					help: 'Machines whose daemon answers.',
					queries: [{ expr: `sum(pingmachine_up{${machines}})` }],
				},
			],
		},
		{
			title: 'Where',
			panels: [
				{
					...{ kind: 'geomap', title: 'Loss by place', unit: 'percentunit', width: 14, height: 12 },
					limits: [0.05, 0.5],
					help: 'Orders with the tags lat and lon, coloured by the loss of their last slot.',
					queries: [
						{
							expr: `pingmachine_loss_ratio{${localOnly}} * on (job, instance, order) group_left (lat, lon, target, title) pingmachine_order_info{${machines},lat!="",lon!=""}`,
						},
					],
				},
				{
					...{ kind: 'table', title: 'Most loss', unit: 'percentunit', width: 10, height: 12, link: toOrder },
					limits: [0.01, 0.2],
					help: 'The 20 orders that lose most, by the chosen span.',
					queries: [
						{
							expr: `topk(20, ${withInfo(lossOfAll(machines, 'job, instance, order, pop').replaceAll('$__rate_interval', '$__range'), 'target')})`,
							legend: 'loss',
						},
					],
				},
			],
		},
		{
			title: 'Over time',
			panels: [
				{
					...{ kind: 'timeseries', title: 'Slowest', unit: 's', width: 12, height: 9, link: toOrder },
					help: 'Medians of the 10 slowest orders.',
					queries: [
						{ expr: `topk(10, pingmachine_rtt_median_seconds{${machines}})`, legend: '{{order}} {{pop}}' },
					],
				},
				{
					...{ kind: 'timeseries', title: 'Loss by user', unit: 'percentunit', width: 12, height: 9 },
					help: 'Lost pings of all that were sent, for each user of orders.',
					queries: [
						{
							expr: `avg by (user) (${withInfo(`pingmachine_loss_ratio{${machines}}`, 'user')})`,
							legend: '{{user}}',
						},
					],
				},
				{
					...{ kind: 'timeseries', title: 'Round-trip times of all', unit: 's', width: 12, height: 9 },
					help: 'Quantiles of the answered pings of all orders.',
					queries: [0.5, 0.95, 0.99].map((quantile) => ({
						expr: quantileOf(quantile, machines, 'job'),
						legend: `${quantile * 100} %`,
					})),
				},
				{
					...{ kind: 'timeseries', title: 'Pings sent', unit: 'pps', width: 12, height: 9 },
					help: 'Pings a second, by machine.',
					queries: [
						{
							expr: `sum by (instance) (rate(pingmachine_pings_sent_total{${machines}}[$__rate_interval]))`,
							legend: '{{instance}}',
						},
					],
				},
			],
		},
	],
};
