import { numbersOf } from '../../browser/smoke-model.ts';
import type { WebParts } from '../../web-parts.ts';
import { type Html, html } from '../html.ts';
import type { GraphQuery } from '../order/graph-query.ts';
import { smokeOf } from '../order/smoke-data.ts';
import { orderPath, rtt, share, time } from '../order/words.ts';
import type { ComparedOrder } from './compared-orders.ts';

const points = 800;
const headings = ['median', 'lowest', 'highest', 'now', 'loss', 'highest loss', 'not measured'];

/** What the plots show, in numbers: of medians and loss over the time that the page was asked for. */
export function numbersTable(
	parts: WebParts,
	orders: readonly ComparedOrder[],
	{ bounds }: GraphQuery,
): Html {
	return html`<div id="numbers-now" data-refresh="30"><p class="soft">From ${time(bounds.startSeconds)} to ${time(bounds.endSeconds)}</p>
<div class="scroll" tabindex="0" role="group" aria-label="Numbers"><table>
<thead><tr><th scope="col">Line</th><th scope="col">Order</th>${headings.map((each) => html`<th scope="col" class="number">${each}</th>`)}</tr></thead>
<tbody>${orders.map((order, at) => row(parts, order, at, bounds))}</tbody></table></div></div>`;
}

function row(parts: WebParts, { id, name }: ComparedOrder, at: number, bounds: GraphQuery['bounds']): Html {
	const data = smokeOf(parts, id, bounds, points);
	const numbers = data === null ? null : numbersOf(data);
	const cells =
		numbers === null || numbers.lossAverage === null
			? headings.map(() => '-')
			: [
					...[numbers.medianAverage, numbers.medianMin, numbers.medianMax, numbers.medianNow].map(rtt),
					...[numbers.lossAverage, numbers.lossMax, numbers.unknownShare].map(share),
				];
	return html`<tr><td class="nowrap"><span class="line series-${at + 1}"></span>${at + 1}</td><th scope="row"><a href="${orderPath(id)}"><bdi>${name}</bdi></a></th>${cells.map((cell) => html`<td class="number">${cell}</td>`)}</tr>\n`;
}
