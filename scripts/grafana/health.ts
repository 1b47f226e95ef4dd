import type { PanelSpec } from './panel-spec.ts';
import type { DashboardSpec } from './panels.ts';
import { instanceVariable, machines } from './selectors.ts';

/** One line for each sink. */
function ofSinks(
	title: string,
	unit: string,
	help: string,
	expr: string,
	more: Partial<PanelSpec> = {},
): PanelSpec {
	return {
		...{ kind: 'timeseries', title, unit, help, width: 8, height: 8 },
		queries: [{ expr, legend: '{{sink}} {{reason}}' }],
		...more,
	};
}

const rateOf = (name: string) => `rate(pingmachine_${name}{${machines}}[$__rate_interval])`;

/** How pingmachine itself does: sinks, store, disk and load. */
export const health: DashboardSpec = {
	uid: 'pingmachine-health',
	title: 'pingmachine / Sinks and health',
	help: 'Whether results reach their sinks, and whether the daemon keeps up.',
	variables: [instanceVariable],
	alertsOf: machines,
	rows: [
		{
			title: 'Daemon',
			panels: [
				{
					...{ kind: 'table', title: 'Machines', unit: 'none', width: 12, height: 6 },
					help: 'The version that runs, and since when.',
					queries: [
						{ expr: `pingmachine_up{${machines}}`, legend: 'up' },
						{ expr: `sum by (instance, version) (pingmachine_build_info{${machines}})`, legend: 'build' },
						{
							expr: `time() - pingmachine_daemon_start_timestamp_seconds{${machines}}`,
							legend: 'runs for',
							unit: 's',
						},
						{
							expr: `pingmachine_config_last_reload_successful{${machines}}`,
							legend: 'config is good',
						},
					],
				},
				{
					...{ kind: 'timeseries', title: 'Orders by state', unit: 'short', width: 12, height: 6 },
					help: 'Rejected ones are told by pingmachine status.',
					queries: [{ expr: `sum by (state) (pingmachine_orders{${machines}})`, legend: '{{state}}' }],
				},
				{
					...{ kind: 'timeseries', title: 'Slots', unit: 'ops', width: 8, height: 8 },
					help: 'Slots a second by what came of them.',
					queries: [
						{ expr: `sum by (outcome) (${rateOf('daemon_slots_total')})`, legend: '{{outcome}}' },
						{ expr: `sum(${rateOf('daemon_slots_overrun_total')})`, legend: 'overrun' },
						{ expr: `sum(${rateOf('daemon_slots_late_total')})`, legend: 'late' },
					],
				},
				{
					...{ kind: 'timeseries', title: 'Delay of the main thread', unit: 's', width: 8, height: 8 },
					help: 'How late its timers are. Pings are timed elsewhere.',
					queries: [
						{
							expr: `pingmachine_main_thread_delay_seconds{${machines}}`,
							legend: '{{statistic}} {{instance}}',
						},
					],
				},
				{
					...{ kind: 'timeseries', title: 'Running', unit: 'short', width: 8, height: 8 },
					help: 'Batches, and those that are being measured.',
					queries: [
						{ expr: `pingmachine_batches{${machines}}`, legend: 'batches {{instance}}' },
						{ expr: `pingmachine_jobs_running{${machines}}`, legend: 'running {{instance}}' },
					],
				},
			],
		},
		{
			title: 'Sinks',
			panels: [
				ofSinks('Up', 'none', 'Whether a sink takes results.', `pingmachine_sink_up{${machines}}`, {
					kind: 'state-timeline',
					words: { 0: 'down', 1: 'up' },
					limits: [1, 1],
				}),
				ofSinks('Lag', 's', 'How long the oldest waits.', `pingmachine_sink_lag_seconds{${machines}}`),
				ofSinks('Queued', 'short', 'Results that wait.', `pingmachine_sink_queued{${machines}}`),
				ofSinks('Sent', 'ops', 'Results a second.', rateOf('sink_sent_total')),
				ofSinks('Failed tries', 'ops', 'Tries to send that failed.', rateOf('sink_failed_total')),
				ofSinks('Sent again', 'ops', 'Results that were sent again.', rateOf('sink_retried_total')),
				ofSinks(
					'Dropped',
					'short',
					'Results that a sink did not get.',
					`pingmachine_sink_dropped_total{${machines}}`,
					{
						width: 12,
					},
				),
				ofSinks('Spool', 'bytes', 'Size on disk.', `pingmachine_sink_spooled_bytes{${machines}}`, {
					width: 12,
				}),
			],
		},
		{
			title: 'Store and disk',
			panels: [
				{
					...{ kind: 'timeseries', title: 'Store', unit: 's', width: 8, height: 8 },
					help: 'How long the oldest result waits to be written.',
					queries: [{ expr: `pingmachine_store_lag_seconds{${machines}}`, legend: '{{instance}}' }],
				},
				{
					...{ kind: 'timeseries', title: 'Not written', unit: 'short', width: 8, height: 8 },
					help: 'Results and rows that could not be written, and those that wait.',
					queries: [
						{ expr: `pingmachine_store_dropped_total{${machines}}`, legend: '{{file}} {{instance}}' },
						{ expr: `pingmachine_store_waiting{${machines}}`, legend: 'waiting {{instance}}' },
					],
				},
				{
					...{ kind: 'timeseries', title: 'Disk', unit: 'bytes', width: 8, height: 8 },
					help: 'Free, and what files need.',
					queries: [
						{ expr: `pingmachine_disk_free_bytes{${machines}}`, legend: 'free {{instance}}' },
						{ expr: `pingmachine_disk_main_rrd_bytes{${machines}}`, legend: 'main.rrd {{instance}}' },
						{ expr: `pingmachine_archive_bytes{${machines}}`, legend: 'archive {{instance}}' },
					],
				},
			],
		},
	],
};
