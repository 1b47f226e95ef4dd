import { popFolderIn, popFolderOf } from '../../../model/pop.ts';
import { readErrorMessage } from '../../../store/error-file.ts';
import { popsOf } from '../../../store/find-orders.ts';
import { type LastResult, lastResultName, readLastResult } from '../../../store/last-result.ts';
import { readOwnText } from '../../../store/read-own-text.ts';
import { type Html, html } from '../html.ts';
import { shownOrder } from '../order/shown-order.ts';
import { usualSpanOf } from '../order/usual-span.ts';
import { orderPath, rtt, share, time } from '../order/words.ts';
import type { PageContext, Section } from '../page.ts';
import { knownPops } from './known-pops.ts';
import type { Seen } from './look.ts';
import { lookCell, mapOf } from './parts.ts';

/** What one point of presence has of the order; `seen`: unknown, where it has told nothing in time. */
interface Row {
	readonly pop: string;
	readonly result: LastResult | null;
	readonly reason: string | null;
	readonly seen: Seen;
}

/** So many are shown; a graph compares so many. */
const rowsMax = 1000;
const comparedMax = 8;
const lateSeconds = 60;
const unknown: Seen = { medianSeconds: null, loss: null };

/** On the page of an order that points of presence measure: how each of them sees it, on a map and as a table. */
export const orderPopsSection: Section = {
	...{
		id: 'pops',
		page: 'order',
		order: 15,
		title: 'Points of presence',
		style: 'pops.css',
		script: 'refresh.js',
	},
	render: async (context) => {
		const { id, order, found } = await shownOrder(context);
		if (popFolderIn(id) !== null) return null;
		const pops = order?.pops ?? (found === null ? [] : popsOf(found));
		if (pops.length === 0) return null;
		const folder = found?.folder ?? `${context.parts.baseDir}/output/${id}`;
		const rows = [...pops]
			.sort()
			.slice(0, rowsMax)
			.map((pop) => rowOf(folder, pop, context));
		const { pops: known } = await knownPops(context.parts);
		return html`<div id="pops-now" data-refresh="10">${mapOf(
			rows.map(({ pop, seen }) => ({
				...{ name: pop, ...seen },
				place: known.get(pop)?.place ?? null,
			})),
		)}
<div class="scroll" tabindex="0" role="group" aria-label="Points of presence"><table>
<thead><tr><th scope="col">Point of presence</th><th scope="col">State</th>${['Median', 'Shortest', 'Longest', 'Loss'].map((head) => html`<th scope="col" class="number">${head}</th>`)}<th scope="col">Slot</th></tr></thead>
<tbody>${rows.map((row) => lineOf(id, row, known.get(row.pop)?.state === 'lost'))}</tbody></table></div></div>
${rows.length > 1 && compared(context, id, rows)}`;
	},
};

/** The medians of the first of them, one over the other. */
function compared({ parts, nowSeconds }: PageContext, id: string, rows: readonly Row[]): Html {
	const names = rows.slice(0, comparedMax).map(({ pop }) => popFolderOf(id, pop));
	const spanMinutes = usualSpanOf(parts, names, nowSeconds) / 60;
	const range = spanMinutes < 60 ? `${spanMinutes}min` : `${spanMinutes / 60}h`;
	const query = `${names.map((name) => `order=${encodeURIComponent(name)}`).join('&')}&range=${range}`;
	return html`<p><a href="/compare?${query}">Compare them in one graph</a></p>
<picture><source media="(prefers-color-scheme: dark)" srcset="/compare.svg?${query}&theme=dark"><img class="figure" src="/compare.svg?${query}" alt="Medians of the points of presence over the last ${range}" width="960" loading="lazy"></picture>`;
}

function rowOf(folder: string, pop: string, { nowSeconds }: PageContext): Row {
	const text = readOwnText(`${folder}/@${pop}/${lastResultName}`);
	const read = text === null ? null : readLastResult(text);
	const result = read === null || 'reason' in read ? null : read;
	const error = readOwnText(`${folder}/@${pop}/error`);
	const reason = error === null ? null : readErrorMessage(error);
	const isFresh =
		result !== null && reason === null && nowSeconds < result.time + 3 * result.step + lateSeconds;
	const seen = isFresh
		? { medianSeconds: result.median, loss: result.pings === 0 ? null : result.loss / result.pings }
		: unknown;
	return { pop, result, reason, seen };
}

function lineOf(id: string, { pop, result, reason, seen }: Row, isLost: boolean): Html {
	const isKnown = seen.loss !== null;
	const state = isKnown
		? seen.loss === 1
			? 'down'
			: seen.loss > 0
				? 'loss'
				: 'measuring'
		: (reason ?? (isLost ? 'unknown: nothing is heard of it' : 'unknown: it has told nothing lately'));
	const cells = isKnown
		? [rtt(seen.medianSeconds), rtt(result?.min ?? null), rtt(result?.max ?? null), share(seen.loss)]
		: ['-', '-', '-', '-'];
	return html`<tr><th scope="row"><a href="${orderPath(popFolderOf(id, pop))}"><bdi>${pop}</bdi></a></th>${lookCell(seen, state)}${cells.map((cell) => html`<td class="number">${cell}</td>`)}<td>${result === null ? '-' : time(result.time)}</td></tr>\n`;
}
