import type { DashboardSpec } from './panels.ts';
import { instanceVariable, machines } from './selectors.ts';

/** Alerts of pingmachine, and those that Prometheus makes of its metrics. */
export const alerts: DashboardSpec = {
	uid: 'pingmachine-alerts',
	title: 'pingmachine / Alerts',
	help: "What fires: pingmachine's own rules, and the rules of Prometheus.",
	variables: [instanceVariable],
	alertsOf: machines,
	rows: [
		{
			title: "pingmachine's own rules",
			panels: [
				{
					...{
						kind: 'table',
						title: 'Firing',
						unit: 'none',
						width: 24,
						height: 9,
						without: ['Value', 'value'],
					},
					help: 'Held ones wait for what they depend on.',
					link: { uid: 'pingmachine-order', variable: 'order' },
					queries: [{ expr: `pingmachine_alerts{${machines}}` }],
				},
				{
					...{ kind: 'timeseries', title: 'By severity', unit: 'short', width: 12, height: 8 },
					help: 'How many fire.',
					queries: [{ expr: `sum by (severity) (pingmachine_alerts{${machines}})`, legend: '{{severity}}' }],
				},
				{
					...{ kind: 'timeseries', title: 'By rule', unit: 'short', width: 12, height: 8 },
					help: 'How many fire.',
					queries: [
						{ expr: `sum by (rule, state) (pingmachine_alerts{${machines}})`, legend: '{{rule}} {{state}}' },
					],
				},
			],
		},
		{
			title: 'Rules of Prometheus',
			panels: [
				{
					...{ kind: 'table', title: 'Firing and pending', unit: 'none', width: 24, height: 9 },
					help: 'Needs packaging/prometheus/rules.',
					without: ['Value', 'value'],
					link: { uid: 'pingmachine-order', variable: 'order' },
					queries: [{ expr: 'ALERTS{alertname=~"Pingmachine.*"}' }],
				},
			],
		},
	],
};
