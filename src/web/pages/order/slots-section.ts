import { pingsText, slotNumbers } from '../../browser/slot-words.ts';
import { html } from '../html.ts';
import type { Section } from '../page.ts';
import { type Explained, shownOrder } from './shown-order.ts';
import { rtt, time } from './words.ts';

const headings = ['lost', 'shortest', 'median', 'longest'];

/** The slot that is measured just now, ping by ping, and the last ones. */
export const slotsSection: Section = {
	...{ id: 'slots', page: 'order', order: 50, title: 'Last slots' },
	render: async (context) => {
		const { told, order, isElsewhere } = await shownOrder(context);
		if (isElsewhere) return null;
		const measurements = told?.measurements ?? [];
		if (measurements.length === 0 && order === null) return null;
		return html`<div class="slot-now" hidden data-needs-script><p id="slot-time" class="soft">Waiting for the next slot</p>
<ol id="slot-pings" aria-label="Pings of this slot, in milliseconds"></ol></div>
<div class="scroll" tabindex="0" role="group" aria-label="Last slots"><table id="last-slots">
<thead><tr><th scope="col">Slot</th>${headings.map((each) => html`<th scope="col" class="number">${each}</th>`)}<th scope="col">pings, ms (× lost)</th></tr></thead>
<tbody>${measurements.length === 0 ? html`<tr data-slot="none"><td colspan="6">none yet</td></tr>` : measurements.map(row)}</tbody></table></div>`;
	},
};

function row({
	time: slot,
	pings,
	samples,
	loss = 0,
	sorted_rtts: sorted = [],
}: Explained['measurements'][number]) {
	const rtts = samples?.map((sample) => sample.rtt) ?? [...sorted, ...Array<null>(loss).fill(null)];
	const { lost, min, median, max } = slotNumbers(rtts);
	const cells = [`${lost} of ${pings}`, rtt(min), rtt(median), rtt(max)];
	return html`<tr data-slot="${slot}"><th scope="row">${time(slot)}</th>${cells.map((cell) => html`<td class="number">${cell}</td>`)}<td class="pings">${pingsText(rtts)}</td></tr>\n`;
}
