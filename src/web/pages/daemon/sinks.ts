import type { DaemonAnswer, SinkAnswer } from '../../../model/answers.ts';
import { writerFor } from '../../browser/row-words.ts';
import { type Html, html } from '../html.ts';
import { bytesText, timeOf } from './figures.ts';

const writer = writerFor('en');
const signs = { working: '\u25cf', starting: '\u25cb', failing: '\u2715' } as const;
const classes = { working: 'good', starting: 'soft', failing: 'bad' } as const;

/** Where measurements also go, and whether they arrive. */
export function sinkTable({ sinks }: DaemonAnswer): Html {
	if (sinks.length === 0)
		return html`<p class="soft">None is configured: measurements are in files alone.</p>`;
	return courierTable('Sink', sinks);
}

/** Who is told of alerts, and whether that arrives; counted in messages. */
export function notifierTable({ notifiers }: DaemonAnswer): Html {
	if (notifiers.length === 0)
		return html`<p class="soft">None is configured: alerts are on <a href="/alerts">their page</a> alone.</p>`;
	return courierTable('Notifier', notifiers);
}

function courierTable(title: string, couriers: readonly SinkAnswer[]): Html {
	const heads = [
		title,
		'State',
		'Destination',
		'Lag',
		'Queued',
		'In the spool',
		'Sent',
		'Failed tries',
		'Retried',
		'Dropped',
	];
	return html`<div class="scroll" tabindex="0" role="group" aria-label="${title}s"><table><thead><tr>${heads.map((name, at) => html`<th scope="col"${at > 2 && html` class="number"`}>${name}</th>`)}</tr></thead>
<tbody>${couriers.map(rowOf)}</tbody></table></div>`;
}

function rowOf(sink: SinkAnswer): Html {
	const { name, state, since, destination, lag, queued, spooled, spooled_bytes, sent, failed, retried } =
		sink;
	const dropped = Object.entries(sink.dropped).filter(([, count]) => count > 0);
	const all = dropped.reduce((sum, [, count]) => sum + count, 0);
	const why = dropped
		.map(([reason, count]) => `${reason.replaceAll('_', ' ')} ${writer.count(count)}`)
		.join(', ');
	return html`<tr><th scope="row"><bdi>${name}</bdi></th><td><span class="${classes[state]}">${signs[state]} ${state}</span> since ${timeOf(since)}</td><td><bdi>${destination}</bdi></td><td class="number">${writer.rtt(lag)}</td><td class="number">${writer.count(queued)}</td><td class="number">${writer.count(spooled)}, ${bytesText(spooled_bytes)}</td><td class="number">${writer.count(sent)}${sink.confirms === false && ' (not confirmed)'}</td><td class="number">${writer.count(failed)}</td><td class="number">${writer.count(retried)}</td><td class="number">${all === 0 ? '0' : html`<span class="warn">\u25b2 ${writer.count(all)}</span> <span class="soft">${why}</span>`}</td></tr>
${state === 'failing' && sink.last_error !== null && html`<tr><td></td><td colspan="9"><bdi>${sink.last_error}</bdi></td></tr>\n`}`;
}
