import { askAboutDaemon } from '../../memory/ask-daemon.ts';
import type { DaemonAnswer, SinkAnswer } from '../../model/answers.ts';
import { Labels, type MetricFamily } from '../metrics/exposition.ts';
import type { OwnMetrics } from '../metrics/registry.ts';
import type { WebParts } from '../web-parts.ts';
import { alertMetrics } from './alert-metrics.ts';
import { popMetrics } from './pop-metrics.ts';

type Sample = OwnMetrics['samples'][number];

const none = new Labels([]);
const made = new Map<string, Labels>();

/** Labels with one pair or two; made once. */
function labelsOf(...pairs: readonly (readonly [name: string, value: string])[]): Labels {
	const key = JSON.stringify(pairs);
	let labels = made.get(key);
	if (labels === undefined) {
		labels = new Labels(pairs);
		made.set(key, labels);
	}
	return labels;
}

function metrics(
	name: string,
	kind: MetricFamily['kind'],
	help: string,
	samples: readonly Sample[],
): OwnMetrics {
	return { family: { name: `pingmachine_${name}`, kind, help }, samples };
}

function one(name: string, kind: MetricFamily['kind'], help: string, value: number | null): OwnMetrics {
	return metrics(name, kind, help, value === null ? [] : [[none, value]]);
}

function each(
	name: string,
	kind: MetricFamily['kind'],
	help: string,
	label: string,
	values: Readonly<Record<string, number>>,
): OwnMetrics {
	const samples = Object.entries(values).map(([value, number]): Sample => [labelsOf([label, value]), number]);
	return metrics(name, kind, help, samples);
}

/** What is told of the program itself; of the daemon only while it answers. */
export async function ownMetrics({
	baseDir,
	version,
	settings,
	registry,
	heard,
	archive,
}: WebParts): Promise<readonly OwnMetrics[]> {
	const asked = heard().silence === null ? await askAboutDaemon(baseDir) : null;
	const answer = asked !== null && 'answer' in asked ? asked.answer : null;
	return [
		...programMetrics(version, answer !== null, registry.leftOut, archive.bytes),
		...(answer === null ? [] : daemonMetrics(answer)),
		...(answer === null ? [] : await alertMetrics(baseDir)),
		...(answer === null ? [] : await popMetrics(baseDir, Date.now() / 1000)),
		...(answer === null || !settings.compat.includes('smokeping') ? [] : ofSmokeping(answer)),
	];
}

/** What is told whether the daemon answers or not. */
export function programMetrics(
	version: string,
	isUp: boolean,
	leftOut: number,
	archiveBytes: number | null,
): readonly OwnMetrics[] {
	return [
		metrics('build_info', 'info', 'The version that runs.', [[labelsOf(['version', version]), 1]]),
		one('up', 'gauge', 'Whether the daemon answers the web server: 1 or 0.', isUp ? 1 : 0),
		one('orders_left_out', 'gauge', 'Orders without series in the last scrape, for series_max.', leftOut),
		one('archive_bytes', 'gauge', 'Size of the files in archive/, a while ago.', archiveBytes),
	];
}

/** What the daemon tells. */
export function daemonMetrics(answer: DaemonAnswer): OwnMetrics[] {
	const { orders, slots, config, disk, main_thread_delay: delay } = answer;
	const { measured, failed, skipped, overrun, late } = slots;
	return [
		one(
			'daemon_start_timestamp_seconds',
			'gauge',
			'When the daemon started, since the epoch.',
			answer.started,
		),
		each('orders', 'gauge', 'Orders by their state.', 'state', orders),
		one('batches', 'gauge', 'Batches: orders that are measured together.', answer.batches),
		one('jobs_running', 'gauge', 'Batches that are being measured now.', answer.jobs_running),
		each(
			'daemon_slots_total',
			'counter',
			'Slots of all orders since the daemon started, by what came of them.',
			'outcome',
			{ measured, failed, skipped },
		),
		one('daemon_slots_overrun_total', 'counter', 'Slots whose job was cut short at their end.', overrun),
		one('daemon_slots_late_total', 'counter', 'Slots whose job started too late.', late),
		one(
			'config_last_reload_successful',
			'gauge',
			'Whether the config could be read when it was read last: 1 or 0.',
			Number(config.last_read_ok),
		),
		one(
			'config_last_reload_success_timestamp_seconds',
			'gauge',
			'When the config in force was read, since the epoch.',
			config.in_force_since,
		),
		...ofStore(answer.store),
		...ofCouriers(sinkWords, answer.sinks),
		...ofCouriers(notifierWords, answer.notifiers),
		each(
			'main_thread_delay_seconds',
			'gauge',
			"How late the daemon's timers are, over the last minute or less.",
			'statistic',
			delay,
		),
		one('disk_free_bytes', 'gauge', 'Free bytes on the disk of the base directory.', disk.free),
		one('disk_main_rrd_bytes', 'gauge', 'Bytes of all main.rrd, when all are made.', disk.main_rrd),
	];
}

function ofStore(store: DaemonAnswer['store']): OwnMetrics[] {
	return [
		one('store_waiting', 'gauge', 'Results and requests that are not written yet.', store.waiting),
		one('store_lag_seconds', 'gauge', 'How long the oldest of them has been waiting.', store.lag),
		each(
			'store_dropped_total',
			'counter',
			'What could not be written: last_result, and rows of main.rrd.',
			'file',
			{ last_result: store.results_not_written, main_rrd: store.rows_not_written },
		),
	];
}

interface Courier {
	readonly label: 'sink' | 'notifier';
	/** What it takes, in the plural, and one of them. */
	readonly what: string;
	readonly one: string;
}

const sinkWords: Courier = { label: 'sink', what: 'results', one: 'result' };
const notifierWords: Courier = { label: 'notifier', what: 'messages', one: 'message' };

function ofCouriers({ label, what, one: single }: Courier, all: readonly SinkAnswer[]): OwnMetrics[] {
	const ofEach = (
		name: string,
		kind: MetricFamily['kind'],
		help: string,
		value: (courier: SinkAnswer) => number,
	) =>
		metrics(
			`${label}_${name}`,
			kind,
			help,
			all.map((courier): Sample => [labelsOf([label, courier.name]), value(courier)]),
		);
	const capital = `${what.charAt(0).toUpperCase()}${what.slice(1)}`;
	return [
		ofEach('up', 'gauge', `Whether a ${label} takes ${what}: 1 or 0.`, ({ state }) =>
			Number(state === 'working'),
		),
		ofEach('lag_seconds', 'gauge', `How long the oldest ${single} has waited.`, ({ lag }) => lag),
		ofEach('queued', 'gauge', `${capital} that wait, in memory or on disk.`, ({ queued }) => queued),
		ofEach('spooled_bytes', 'gauge', 'Size of the spool.', ({ spooled_bytes: bytes }) => bytes),
		ofEach('sent_total', 'counter', `${capital} that were sent.`, ({ sent }) => sent),
		ofEach('failed_total', 'counter', 'Tries to send that failed.', ({ failed }) => failed),
		ofEach('retried_total', 'counter', `${capital} that were sent again.`, ({ retried }) => retried),
		metrics(
			`${label}_dropped_total`,
			'counter',
			`${capital} that a ${label} did not get, by reason.`,
			all.flatMap(({ name, dropped }) =>
				Object.entries(dropped).map(
					([reason, count]): Sample => [labelsOf([label, name], ['reason', reason]), count],
				),
			),
		),
	];
}

/** What smokeping_prober tells of itself. */
function ofSmokeping({ version, config, slots }: DaemonAnswer): OwnMetrics[] {
	const own = (name: string, kind: MetricFamily['kind'], help: string, value: number, labels = none) => ({
		family: { name: `smokeping_${name}`, kind, help },
		samples: [[labels, value]] as const,
	});
	return [
		own('receive_errors_total', 'counter', 'Answers that could not be received: none is told apart.', 0),
		own('prober_errors_total', 'counter', 'Slots of orders that could not be measured.', slots.failed),
		own(
			'prober_config_last_reload_successful',
			'gauge',
			'Whether the config could be read when it was read last.',
			Number(config.last_read_ok),
		),
		own(
			'prober_config_last_reload_success_timestamp_seconds',
			'gauge',
			'When the config in force was read.',
			config.in_force_since,
		),
		own('prober_build_info', 'info', 'The version that runs.', 1, labelsOf(['version', version])),
	];
}
