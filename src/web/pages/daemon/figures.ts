import type { DaemonAnswer } from '../../../model/answers.ts';
import { writerFor } from '../../browser/row-words.ts';
import { type Html, html } from '../html.ts';

const writer = writerFor('en');

/** Bytes, as people say them. */
export function bytesText(bytes: number): string {
	for (const [unit, size] of [
		['GB', 1e9],
		['MB', 1e6],
		['kB', 1e3],
	] as const)
		if (bytes >= size)
			return `${new Intl.NumberFormat('en', { maximumSignificantDigits: 3 }).format(bytes / size)} ${unit}`;
	return `${bytes} bytes`;
}

export function timeOf(seconds: number): Html {
	const iso = new Date(seconds * 1000).toISOString();
	return html`<time datetime="${iso}">${iso.slice(0, 19).replace('T', ' ')} UTC</time>`;
}

type Fact = readonly [name: string, value: Html | string];

function facts(list: readonly Fact[]): Html {
	return html`<dl class="facts">${list.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>\n`)}</dl>`;
}

/** A figure that should be 0 is said with a sign where it is not. */
function wanting(count: number): Html | string {
	return count === 0 ? '0' : html`<span class="warn">\u25b2 ${writer.count(count)}</span>`;
}

export function daemonFigures({
	orders,
	slots,
	started,
	version,
	pid,
	batches,
	jobs_running,
	config,
	web,
}: DaemonAnswer): Html {
	const figures: readonly (readonly [string, string])[] = [
		['orders measured', writer.count(orders.measured)],
		['rejected', writer.count(orders.rejected)],
		['slots measured', writer.count(slots.measured)],
		['slots failed', writer.count(slots.failed)],
		['slots skipped', writer.count(slots.skipped)],
	];
	return html`<dl class="figures">${figures.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>\n`)}</dl>
${facts([
	['Version', `${version}, process ${pid}`],
	['Started', timeOf(started)],
	['Batches', `${writer.count(batches)}, jobs that run now: ${writer.count(jobs_running)}`],
	[
		'Config',
		html`in force since ${timeOf(config.in_force_since)}${!config.last_read_ok && html`, <span class="bad">\u2715 the file could not be read since: the log says why</span>`}`,
	],
	...(web === null
		? []
		: [
				[
					'Web server',
					html`${web.state}, started anew ${writer.count(web.restarts)} times${web.last_error !== null && html`: <bdi>${web.last_error}</bdi>`}`,
				] as const,
			]),
])}`;
}

export function diskFacts({ store, disk }: DaemonAnswer): Html {
	return facts([
		['Waiting to be written', `${writer.count(store.waiting)}, the oldest for ${writer.rtt(store.lag)}`],
		['Results not written', wanting(store.results_not_written)],
		['Rows not written', wanting(store.rows_not_written)],
		['main.rrd of all orders', bytesText(disk.main_rrd)],
		['Histograms and slots', `${bytesText(disk.history)} at most`],
		['Free', disk.free === null ? 'not known' : bytesText(disk.free)],
	]);
}

export function threadFacts({ main_thread_delay: delay, slots }: DaemonAnswer): Html {
	const { p50, p99, max } = delay;
	return facts([
		[
			'Delay of the main thread',
			`median ${writer.rtt(p50)}, 99 % below ${writer.rtt(p99)}, at most ${writer.rtt(max)}, over the last minute`,
		],
		['Jobs that started too late', wanting(slots.late)],
		['Jobs that were cut short at the end of their slot', wanting(slots.overrun)],
	]);
}
