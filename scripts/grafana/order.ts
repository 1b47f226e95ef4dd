import type { DashboardSpec } from './panels.ts';
import { instanceVariable, lossOf, orderVariable, quantileOf, theOrder } from './selectors.ts';

/** One order: how it is, how it was, and how its times are spread. */
export const order: DashboardSpec = {
	uid: 'pingmachine-order',
	title: 'pingmachine / Order',
	help: 'One order: loss, round-trip times and their spread, jitter, and what was not measured.',
	variables: [instanceVariable, orderVariable],
	alertsOf: theOrder,
	rows: [
		{
			title: '$order',
			panels: [
				{
					...{ kind: 'stat', title: 'Loss', unit: 'percentunit', width: 4, height: 4, limits: [0.01, 0.2] },
					help: 'Of the last measured slot.',
					queries: [{ expr: `max(pingmachine_loss_ratio{${theOrder}})` }],
				},
				{
					...{ kind: 'stat', title: 'Median', unit: 's', width: 4, height: 4 },
					help: 'Of the last measured slot.',
					queries: [{ expr: `max(pingmachine_rtt_median_seconds{${theOrder}})` }],
				},
				{
					...{ kind: 'stat', title: 'Speech quality', unit: 'none', width: 4, height: 4, limits: [4, 3] },
					help: 'MOS as the E-model estimates it, 1 to 4.5.',
					queries: [{ expr: `min(pingmachine_mos{${theOrder}})` }],
				},
				{
					...{ kind: 'stat', title: 'Age of the last result', unit: 's', width: 4, height: 4 },
					help: 'How long ago the last measured slot began.',
					queries: [{ expr: `time() - max(pingmachine_last_result_timestamp_seconds{${theOrder}})` }],
				},
				{
					...{ kind: 'table', title: 'Who it is', unit: 'none', width: 8, height: 4 },
					help: 'What the order says, with its tags.',
					without: ['Value', 'value'],
					queries: [{ expr: `pingmachine_order_info{${theOrder}}` }],
				},
			],
		},
		{
			title: 'Round-trip times',
			panels: [
				{
					...{ kind: 'timeseries', title: 'Quantiles', unit: 's', width: 12, height: 9 },
					help: 'Of all answered pings in each span.',
					queries: [0.05, 0.5, 0.95].map((quantile) => ({
						expr: quantileOf(quantile, theOrder, 'pop'),
						legend: `${quantile * 100} % {{pop}}`,
					})),
				},
				{
					...{ kind: 'timeseries', title: 'Loss', unit: 'percentunit', width: 12, height: 9 },
					help: 'Lost pings of those that were sent. What was not measured has no part in it.',
					queries: [{ expr: lossOf(theOrder), legend: 'loss {{pop}}' }],
				},
				{
					...{ kind: 'heatmap', title: 'Spread, native histograms', unit: 's', width: 12, height: 10 },
					help: 'Needs native histograms in Prometheus: 16 buckets a doubling.',
					queries: [{ expr: `sum(rate(pingmachine_rtt_seconds{${theOrder}}[$__rate_interval]))` }],
				},
				{
					...{ kind: 'heatmap', title: 'Spread, classic histograms', unit: 's', width: 12, height: 10 },
					help: 'For Prometheus without native histograms: the buckets of the config.',
					queries: [
						{
							expr: `sum by (le) (rate(pingmachine_rtt_seconds_bucket{${theOrder}}[$__rate_interval]))`,
							legend: '{{le}}',
						},
					],
				},
				{
					...{ kind: 'timeseries', title: 'Jitter', unit: 's', width: 12, height: 8 },
					help: 'Mean difference of successive round-trip times.',
					queries: [{ expr: `pingmachine_jitter_seconds{${theOrder}}`, legend: 'jitter {{pop}}' }],
				},
				{
					...{ kind: 'timeseries', title: 'Speech quality', unit: 'none', width: 12, height: 8 },
					help: 'MOS as the E-model estimates it, 1 to 4.5.',
					queries: [{ expr: `pingmachine_mos{${theOrder}}`, legend: 'MOS {{pop}}' }],
				},
			],
		},
		{
			title: 'What was measured',
			panels: [
				{
					...{ kind: 'timeseries', title: 'Slots', unit: 'short', width: 12, height: 8 },
					help: 'Slots by what came of them. Failed and skipped ones are unknown, not loss.',
					queries: [
						{
							expr: `sum by (outcome, pop) (increase(pingmachine_slots_total{${theOrder}}[$__rate_interval]))`,
							legend: '{{outcome}} {{pop}}',
						},
					],
				},
				{
					...{ kind: 'bargauge', title: 'Why slots are unknown', unit: 'short', width: 12, height: 8 },
					help: 'Slots that were not measured, by reason, since counting began.',
					queries: [
						{
							expr: `sum by (reason) (pingmachine_slots_unknown_total{${theOrder}}) or sum(pingmachine_slots_total{${theOrder},outcome!="measured"})`,
							legend: '{{reason}}',
						},
					],
				},
			],
		},
	],
};
