import { popFolderOf } from '../../../model/pop.ts';
import type { PopAnswer } from '../../../model/pops-answer.ts';
import { orderPattern } from '../../../orders/selector.ts';
import { RequestFault } from '../../server/route.ts';
import { type Html, html } from '../html.ts';
import { orderPath, rtt, share, spanText } from '../order/words.ts';
import type { PageContext, PageRoom } from '../page.ts';
import { type KnownPops, knownPops } from './known-pops.ts';
import { levelOf, type Seen } from './look.ts';
import { orderPopsSection } from './order-section.ts';
import { lookCell, mapOf } from './parts.ts';
import { type Reckoned, reckon, type Sighting } from './reckoning.ts';

const patternMax = 1000;

/** `/pops`: from where there is good latency and from where not; and a part of the page of each order. */
export function popsRoom(): PageRoom {
	return {
		pages: [
			{
				...{ name: 'pops', path: '/pops', title: () => 'Points of presence' },
				nav: { label: 'POPs', order: 25 },
			},
		],
		sections: [
			orderPopsSection,
			{
				...{ id: 'fleet', page: 'pops', order: 10, title: 'How each sees its orders', isTitleHidden: true },
				...{ style: 'pops.css', script: 'refresh.js' },
				render: fleet,
			},
		],
	};
}

/** One line of the table: what the daemon says of it, and what it measured; either may be missing. */
interface Line {
	readonly name: string;
	readonly pop: PopAnswer | null;
	readonly reckoned: Reckoned | null;
}

async function fleet(context: PageContext): Promise<Html> {
	const { parts, asked } = context;
	const word = asked.query.get('orders') ?? '';
	if (word.length > patternMax)
		throw new RequestFault(400, `orders: must have ${patternMax} characters at most`);
	const known = await knownPops(parts);
	const { pops, worst } = await reckon(parts.registry, word === '' ? null : orderPattern(word));
	const lines = linesOf(known, pops);
	if (lines.length === 0) return html`<p>${nothingWords(known)}</p>`;
	return html`<form class="bar" method="get" action="/pops"><label>Orders <input name="orders" value="${word}" placeholder="core/**" spellcheck="false"></label> <button>Show</button></form>
<div id="fleet-now" data-refresh="10">${mapOf(
		lines.map(({ name, pop, reckoned }) => ({
			...{ name, ...seenOf(reckoned), place: pop?.place ?? null },
		})),
	)}
<div class="scroll" tabindex="0" role="group" aria-label="Points of presence"><table>
<thead><tr><th scope="col">Point of presence</th><th scope="col">Heard of</th><th scope="col">Its orders</th>${['Median', 'Slowest', 'Loss', 'Orders', 'Down', 'Unknown'].map((head) => html`<th scope="col" class="number">${head}</th>`)}<th scope="col">Labels</th></tr></thead>
<tbody>${lines.map((line) => lineOf(line, context.nowSeconds))}</tbody></table></div>
${worst.length > 0 && worstTable(worst)}</div>`;
}

function nothingWords({ silence, isHub }: KnownPops): string {
	if (silence !== null) return `The daemon does not say: ${silence}.`;
	return isHub
		? 'There is no point of presence. pingmachine pop add makes one known.'
		: 'This pingmachine is no hub. Write hub: into its config to measure from other places.';
}

const unknown: Seen = { medianSeconds: null, loss: null };

function seenOf(reckoned: Reckoned | null): Seen {
	return reckoned?.seen ?? unknown;
}

/** The worst first; those of which nothing is known last. */
function linesOf({ pops }: KnownPops, all: readonly Reckoned[]): Line[] {
	const reckoned = new Map(all.map((one) => [one.pop, one]));
	const names = [...new Set([...pops.keys(), ...reckoned.keys()])].sort();
	const lines = names.map((name) => ({
		...{ name, pop: pops.get(name) ?? null, reckoned: reckoned.get(name) ?? null },
	}));
	const levelOfLine = ({ reckoned: one }: Line) => levelOf(seenOf(one)) ?? -1;
	return lines.sort((a, b) => levelOfLine(b) - levelOfLine(a));
}

function lineOf({ name, pop, reckoned }: Line, nowSeconds: number): Html {
	const seen = seenOf(reckoned);
	const isDown = reckoned !== null && reckoned.down > 0;
	const words =
		seen.loss === null ? 'unknown' : isDown ? `${reckoned.down} down` : seen.loss > 0 ? 'loss' : 'no loss';
	const numbers = [
		...[rtt(seen.medianSeconds), rtt(reckoned?.slowestSeconds ?? null), share(seen.loss)],
		...[reckoned?.orders ?? pop?.asked ?? 0, reckoned?.down ?? 0, reckoned?.unknown ?? pop?.asked ?? 0],
	];
	const labels = Object.entries(pop?.labels ?? {}).map(([key, value]) => `${key}=${value}`);
	return html`<tr><th scope="row"><bdi>${name}</bdi></th><td>${heardWords(pop, nowSeconds)}</td>${lookCell(seen, words)}${numbers.map((number) => html`<td class="number">${number}</td>`)}<td><bdi>${labels.join(', ')}</bdi></td></tr>\n`;
}

function heardWords(pop: PopAnswer | null, nowSeconds: number): string {
	if (pop === null) return '-';
	if (pop.heard === null) return 'not yet';
	return `${spanText(nowSeconds - pop.heard)} ago${pop.state === 'lost' ? ': lost' : ''}`;
}

function worstTable(worst: readonly Sighting[]): Html {
	return html`<h3>Worst now</h3>
<div class="scroll" tabindex="0" role="group" aria-label="Worst orders"><table>
<thead><tr><th scope="col">Order</th><th scope="col">From</th><th scope="col">State</th><th scope="col" class="number">Median</th><th scope="col" class="number">Loss</th></tr></thead>
<tbody>${worst.map(
		({ id, pop, seen }) =>
			html`<tr><th scope="row"><a href="${orderPath(popFolderOf(id, pop))}"><bdi>${id}</bdi></a></th><td><bdi>${pop}</bdi></td>${lookCell(seen, seen.loss >= 1 ? 'down' : seen.loss > 0 ? 'loss' : 'no loss')}<td class="number">${rtt(seen.medianSeconds)}</td><td class="number">${share(seen.loss)}</td></tr>\n`,
	)}</tbody></table></div>`;
}
