import { readEvents } from '../../../store/events-file.ts';
import { readHistory } from '../../../store/read-history.ts';
import { historyOfOrder } from '../../alerts/history.ts';
import { levelWords, lightPalette } from '../../browser/loss-levels.ts';
import { lastSecondsIn, usualRanges } from '../../browser/time-range.ts';
import { type Html, html } from '../html.ts';
import type { PageContext, Section } from '../page.ts';
import { type GraphQuery, graphQueryOf } from './graph-query.ts';
import { type ShownOrder, shownOrder } from './shown-order.ts';
import { sinceOf } from './since.ts';
import { smokeOf } from './smoke-data.ts';
import { summaryOf } from './smoke-svg.ts';
import { usualSpanOf } from './usual-span.ts';
import { orderPath } from './words.ts';

/** More would hide the graph. */
const marksMax = 500;
/** As wide as the server's picture. */
const picturePoints = 800;

/** What the address asks for. A young order shows less time than others. */
export function queryOf({ asked, nowSeconds, parts }: PageContext, { id, found }: ShownOrder): GraphQuery {
	const ids = found === null ? [] : [id];
	return graphQueryOf(asked.query, nowSeconds, () => usualSpanOf(parts, ids, nowSeconds));
}

/** The smoke graph: drawn by the browser, or a picture of the server's where scripts are off. */
export const smokeSection: Section = {
	...{ id: 'smoke', page: 'order', order: 20, title: 'Smoke graph', isTitleHidden: true },
	...{ script: 'order-page.js', style: 'uplot.css' },
	render: async (context) => {
		const shown = await shownOrder(context);
		if (shown.isElsewhere) return null;
		const query = queryOf(context, shown);
		const { bounds, range, fit, chosenWidth, others } = query;
		const { found } = shown;
		const sinceSeconds =
			found === null ? null : sinceOf(found.folder, readHistory(found.folder), context.nowSeconds);
		const read = smokeOf(context.parts, shown.id, bounds, picturePoints);
		const data = read === null || sinceSeconds === null ? read : { ...read, sinceSeconds };
		const summary = data === null ? 'Nothing was measured yet.' : summaryOf(data);
		const last = range.kind === 'last' ? query.timeQuery.slice('range='.length) : '';
		return html`${controls(shown, query)}
<div class="plot" id="smoke-graph" hidden data-needs-script tabindex="0" role="group"
aria-label="Smoke graph. Arrow keys move in time, plus and minus zoom, Home and End go back to the beginning and to now."
aria-describedby="readout" data-id="${shown.id}" data-pings="${shown.pings}" data-range="${last}"
data-start="${bounds.startSeconds}" data-end="${bounds.endSeconds}" data-fit="${fit}" data-heat="${chosenWidth ?? ''}"
data-with="${JSON.stringify(others)}" data-marks="${JSON.stringify(marksOf(shown))}" data-since="${sinceSeconds}" data-measured="${data === null ? 'no' : 'yes'}"></div>
<div class="plot" id="loss-graph" hidden data-needs-script role="img" aria-label="Loss, and what was not measured, of the same time" aria-describedby="readout"></div>
<p class="readout" id="readout" hidden data-needs-script></p>
<p class="trouble" id="graph-trouble" role="status" hidden></p>
<noscript><p>${picture(shown.id, query, 'smoke.svg', `Smoke graph. ${summary}`)}</p><p>${summary}</p></noscript>
${legend(shown.pings)}`;
	},
};

function controls({ id }: ShownOrder, { timeQuery, range }: GraphQuery): Html {
	const ranges = usualRanges.map((each) => {
		const isNow = range.kind === 'last' && lastSecondsIn(each) === range.seconds;
		return html`<a href="?range=${each}" data-range="${each}"${isNow ? html` aria-current="true"` : null}>${each}</a>\n`;
	});
	return html`<div class="bar graph-bar"><nav aria-label="Time shown" class="ranges">${ranges}</nav>
<label class="check" hidden data-needs-script><input type="checkbox" id="fit"> show all pings</label>
<span class="soft" id="updated" hidden data-needs-script></span>
<span class="downloads"><button type="button" id="png" hidden data-needs-script>PNG</button>
<a href="${orderPath(id)}/smoke.svg?${timeQuery}" data-download="${orderPath(id)}/smoke.svg">SVG</a>
<a href="${orderPath(id)}/series.csv?${timeQuery}" data-download="${orderPath(id)}/series.csv">CSV</a></span></div>`;
}

/** A picture that the server draws, in the reader's theme. */
export function picture(id: string, { timeQuery }: GraphQuery, name: string, words: string, more = ''): Html {
	const source = `${orderPath(id)}/${name}?${timeQuery}${more}`;
	return html`<picture><source media="(prefers-color-scheme: dark)" srcset="${source}&theme=dark"><img src="${source}" alt="${words}" width="960"></picture>`;
}

function legend(pings: number): Html {
	const words = levelWords(pings);
	const items = lightPalette.loss.map((_, level) => {
		const word = words[level];
		return word === null || word === undefined
			? null
			: html`<li><span class="swatch loss-level-${level}"></span>${word}</li>\n`;
	});
	return html`<ul class="legend" aria-label="Colours of the median, by lost pings"><li>lost pings:</li>
${items}<li><span class="swatch unknown"></span>not measured</li></ul>`;
}

/** What happened, for the graph: when and what. */
function marksOf({ found }: ShownOrder): { time: number; event: string }[] {
	if (found === null) return [];
	const alerts = historyOfOrder(found.folder, found.id)
		.slice(-marksMax)
		.map(({ about, rule, ...alert }) => {
			const time = about === 'raise' ? alert.raisedSeconds : (alert.clearedSeconds ?? alert.time);
			return { time, event: `alert ${about}: ${rule}` };
		});
	const events = readEvents(found.folder)
		.slice(-marksMax)
		.flatMap((line) => {
			const { time, event } = JSON.parse(line) as { time: unknown; event: unknown };
			return typeof time === 'number' && typeof event === 'string' ? [{ time, event }] : [];
		});
	return [...events, ...alerts];
}
