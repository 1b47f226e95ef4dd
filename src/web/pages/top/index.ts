import { writerFor } from '../../browser/row-words.ts';
import { filterOf, viewOf } from '../../browser/view.ts';
import type { BoardRow } from '../board/board.ts';
import type { LiveBoard } from '../board/live.ts';
import { type Html, html } from '../html.ts';
import type { PageContext, PageRoom } from '../page.ts';

const writer = writerFor('en');
const usualCount = 25;
const countMax = 500;
/** A page does not wait longer for what has to be read. */
const patienceMs = 800;

interface Measure {
	readonly name: string;
	readonly label: string;
	/** What it means, in a sentence. */
	readonly help: string;
	/** Greater is worse; null: not known. */
	valueOf(row: BoardRow, live: LiveBoard): number | null;
	shown(value: number | null): string;
}

const measures: readonly Measure[] = [
	{
		...{ name: 'loss', label: 'Loss', help: 'Lost pings of the last slot.', shown: writer.share },
		valueOf: ({ loss, sent }) => (sent === 0 ? null : loss / sent),
	},
	{
		...{
			name: 'median',
			label: 'Median',
			help: 'Median round-trip time of the last slot.',
			shown: writer.rtt,
		},
		valueOf: ({ medianSeconds }) => medianSeconds,
	},
	{
		...{ name: 'max', label: 'Max', help: 'Slowest answer of the last slot.', shown: writer.rtt },
		valueOf: ({ figures }) => figures?.maxSeconds ?? null,
	},
	{
		...{ name: 'deviation', label: 'Deviation', shown: writer.rtt },
		help: 'Standard deviation of the answers of the last slot.',
		valueOf: ({ figures }) => figures?.deviationSeconds ?? null,
	},
	{
		...{ name: 'jitter', label: 'Jitter', shown: writer.rtt },
		help: 'Mean difference between an answer and the next one, in the last slot.',
		valueOf: ({ figures }) => figures?.jitterSeconds ?? null,
	},
	{
		...{ name: 'change', label: 'Change', shown: signed },
		help: 'Mean of the medians of the last 24 hours, against the same 24 hours a week before.',
		valueOf: ({ id }, { changes }) => changes.of(id)?.change ?? null,
	},
];

function signed(value: number | null): string {
	return value === null ? writer.share(null) : `${value > 0 ? '+' : ''}${writer.share(value)}`;
}

/** `/top`: the worst by one measure. */
export function topRoom(live: LiveBoard): PageRoom {
	return {
		pages: [{ name: 'top', path: '/top', nav: { label: 'Top', order: 20 }, title: () => 'Top' }],
		sections: [
			{
				...{ id: 'top', page: 'top', order: 10, title: 'Orders', isTitleHidden: true, script: 'refresh.js' },
				style: 'overview.css',
				render: (context) => topTable(live, context),
			},
		],
	};
}

async function topTable(live: LiveBoard, { asked: { query } }: PageContext): Promise<Html> {
	await live.look();
	const by = measures.find(({ name }) => name === query.get('by')) ?? (measures[0] as Measure);
	if (by.name === 'change') await live.changes.look(patienceMs);
	const count = Math.max(1, Math.min(countMax, Math.floor(Number(query.get('n'))) || usualCount));
	const view = viewOf(query);
	const isWanted = filterOf(view);
	const now = live.now();
	const ranked = live.board
		.rows()
		.filter((row) => !row.isRejected && isWanted(row, now))
		.flatMap((row) => {
			const value = by.valueOf(row, live);
			return value === null ? [] : [{ row, value }];
		})
		.sort((a, b) => b.value - a.value || (a.row.id < b.row.id ? -1 : 1));
	const linkTo = (name: string) => {
		const other = new URLSearchParams(query);
		other.set('by', name);
		return `/top?${other}`;
	};
	const tabs = measures.map(
		({ name, label }) =>
			html`<li><a href="${linkTo(name)}"${name === by.name && html` aria-current="true"`}>${label}</a></li>\n`,
	);
	const isReading = by.name === 'change' && live.changes.size < live.board.size;
	return html`<ul class="totals" aria-label="By what">${tabs}</ul>
<div id="top-table" data-refresh="10">
<p class="soft">${by.help}${isReading && html` Read of ${writer.count(live.changes.size)} of ${writer.count(live.board.size)} orders so far.`}</p>
${ranked.length === 0 ? html`<p>Nothing is known of it yet.</p>` : tableOf(ranked.slice(0, count), by, live, linkTo)}
${ranked.length > count && html`<p class="soft">${writer.count(count)} of ${writer.count(ranked.length)} orders.</p>`}
</div>`;
}

function tableOf(
	ranked: readonly { readonly row: BoardRow; readonly value: number }[],
	by: Measure,
	live: LiveBoard,
	linkTo: (name: string) => string,
): Html {
	const most = Math.max(...ranked.map(({ value }) => value), 0);
	const heads = measures.map(
		({ name, label }) =>
			html`<th scope="col" class="number"${name === by.name && html` aria-sort="descending"`}><a href="${linkTo(name)}">${label}</a></th>`,
	);
	const lines = ranked.map(({ row, value }, at) => {
		const cells = measures.map(
			(measure) =>
				html`<td class="number${measure.name === by.name && ' by'}">${measure.shown(measure.valueOf(row, live))}</td>`,
		);
		const width = most > 0 ? Math.round((100 * Math.max(0, value)) / most) : 0;
		return html`<tr><td class="number">${at + 1}</td><th scope="row"><a href="/orders/${encodeURIComponent(row.id)}"><bdi>${row.id}</bdi></a>${row.title !== '' && html` <span class="soft"><bdi>${row.title}</bdi></span>`}</th><td><bdi>${row.target}</bdi></td>${cells}<td class="share"><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect width="${width}" height="10"/></svg></td></tr>
`;
	});
	return html`<div class="scroll" tabindex="0" role="group" aria-label="Ranks"><table class="ranks"><thead><tr><th scope="col" class="number">Rank</th><th scope="col">Order</th><th scope="col">Target</th>${heads}<td></td></tr></thead>
<tbody>${lines}</tbody></table></div>`;
}
