import type { DashboardSpec } from './panels.ts';
import {
	instanceVariable,
	lossOf,
	lossOfAll,
	machines,
	orderVariable,
	popVariable,
	quantileOf,
	theOrder,
} from './selectors.ts';

const ofPops = `${machines},pop!=""`;
const ofThis = `${machines},pop="$pop"`;
const fromPops = `${theOrder},pop!=""`;

/** The mean of each point of presence, with where that is. */
function placed(series: string): string {
	const info = `pingmachine_pop_info{${machines},lat!="",lon!=""}`;
	return `avg by (job, instance, pop) (${series}) * on (job, instance, pop) group_left (lat, lon) ${info}`;
}

/** The same order from several places. */
export const popsCompared: DashboardSpec = {
	uid: 'pingmachine-pops',
	title: 'pingmachine / Points of presence compared',
	help: 'One order, from every point of presence that measures it; and all points of presence beside each other.',
	variables: [instanceVariable, orderVariable],
	alertsOf: theOrder,
	rows: [
		{
			title: 'All orders',
			panels: [
				{
					...{ kind: 'table', title: 'Points of presence', unit: 'none', width: 24, height: 8 },
					help: 'What each has measured. A silent one is unknown, not loss.',
					link: { uid: 'pingmachine-pop', variable: 'pop' },
					queries: [
						{ expr: `count by (instance, pop) (pingmachine_pings_sent_total{${ofPops}})`, legend: 'orders' },
						{ expr: lossOfAll(ofPops, 'instance, pop'), legend: 'loss', unit: 'percentunit' },
						{
							expr: `avg by (instance, pop) (pingmachine_rtt_median_seconds{${ofPops}})`,
							legend: 'mean of medians',
							unit: 's',
						},
						{
							expr: `time() - max by (instance, pop) (pingmachine_last_result_timestamp_seconds{${ofPops}})`,
							legend: 'silent for',
							unit: 's',
						},
					],
				},
			],
		},
		{
			title: 'Where',
			panels: [
				{
					...{ kind: 'geomap', title: 'Median by place', unit: 's', width: 12, height: 10 },
					limits: [0.05, 0.2],
					help: 'Mean of the medians that each point of presence measures. A hub knows their places: pop add --place.',
					queries: [{ expr: placed(`pingmachine_rtt_median_seconds{${ofPops}}`) }],
				},
				{
					...{ kind: 'geomap', title: 'Loss by place', unit: 'percentunit', width: 12, height: 10 },
					limits: [0.01, 0.2],
					help: 'Mean of the loss that each point of presence sees. A silent one has none: it is unknown, not loss.',
					queries: [{ expr: placed(`pingmachine_loss_ratio{${ofPops}}`) }],
				},
			],
		},
		{
			title: '$order',
			panels: [
				{
					...{ kind: 'timeseries', title: 'Median from each', unit: 's', width: 12, height: 9 },
					help: 'Of the last measured slot.',
					queries: [{ expr: `pingmachine_rtt_median_seconds{${fromPops}}`, legend: '{{pop}}' }],
				},
				{
					...{ kind: 'timeseries', title: 'Loss from each', unit: 'percentunit', width: 12, height: 9 },
					help: 'Lost pings of those that were sent.',
					queries: [{ expr: lossOf(fromPops), legend: '{{pop}}' }],
				},
				{
					...{ kind: 'bargauge', title: '95 % of the answers came within', unit: 's', width: 12, height: 8 },
					help: 'Of the answered pings of the last spans.',
					queries: [{ expr: quantileOf(0.95, fromPops, 'pop'), legend: '{{pop}}' }],
				},
				{
					...{ kind: 'timeseries', title: 'Jitter from each', unit: 's', width: 12, height: 8 },
					help: 'Mean difference of successive round-trip times.',
					queries: [{ expr: `pingmachine_jitter_seconds{${fromPops}}`, legend: '{{pop}}' }],
				},
			],
		},
	],
};

/** All that one place measures. */
export const onePop: DashboardSpec = {
	uid: 'pingmachine-pop',
	title: 'pingmachine / One point of presence',
	help: 'All orders that one point of presence measures.',
	variables: [instanceVariable, popVariable],
	alertsOf: machines,
	rows: [
		{
			title: '$pop',
			panels: [
				{
					...{ kind: 'stat', title: 'Orders', unit: 'short', width: 6, height: 4 },
					help: 'Orders with results from there.',
					queries: [{ expr: `count(pingmachine_pings_sent_total{${ofThis}})` }],
				},
				{
					...{ kind: 'stat', title: 'Loss', unit: 'percentunit', width: 6, height: 4, limits: [0.01, 0.1] },
					help: 'Lost pings of all that were sent from there.',
					queries: [{ expr: lossOfAll(ofThis, '') }],
				},
				{
					...{ kind: 'stat', title: 'Silent for', unit: 's', width: 6, height: 4, limits: [600, 1800] },
					help: 'Since the last measured slot began.',
					queries: [{ expr: `time() - max(pingmachine_last_result_timestamp_seconds{${ofThis}})` }],
				},
				{
					...{
						kind: 'stat',
						title: 'Unknown',
						unit: 'percentunit',
						width: 6,
						height: 4,
						limits: [0.01, 0.2],
					},
					help: 'Slots that were not measured, of all in the chosen span.',
					queries: [
						{
							expr: `sum(increase(pingmachine_slots_total{${ofThis},outcome!="measured"}[$__range])) / sum(increase(pingmachine_slots_total{${ofThis}}[$__range]))`,
						},
					],
				},
				{
					...{ kind: 'timeseries', title: 'Slowest orders', unit: 's', width: 12, height: 9 },
					help: 'Medians of the 10 slowest.',
					queries: [{ expr: `topk(10, pingmachine_rtt_median_seconds{${ofThis}})`, legend: '{{order}}' }],
				},
				{
					...{ kind: 'timeseries', title: 'Most loss', unit: 'percentunit', width: 12, height: 9 },
					help: 'The 10 orders that lose most.',
					queries: [{ expr: `topk(10, ${lossOf(ofThis)})`, legend: '{{order}}' }],
				},
				{
					...{
						kind: 'table',
						title: 'Orders',
						unit: 'none',
						width: 24,
						height: 10,
						without: ['instance', 'pop'],
					},
					help: 'The last measured slot of each.',
					link: { uid: 'pingmachine-order', variable: 'order' },
					queries: [
						{
							expr: `sum by (order) (pingmachine_loss_ratio{${ofThis}})`,
							legend: 'loss',
							unit: 'percentunit',
						},
						{
							expr: `sum by (order) (pingmachine_rtt_median_seconds{${ofThis}})`,
							legend: 'median',
							unit: 's',
						},
					],
				},
			],
		},
	],
};
