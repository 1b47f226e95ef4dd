import type { OrderDay } from '../../public/order-days.ts';
import { type Html, html } from '../html.ts';
import { uptimeText } from '../order/words.ts';

const barWidth = 5;
const barPitch = 7;
const height = 30;
/** Of a day of which little was down something is to be seen. */
const notchMin = 5;

/** A bar for each day: what was down hangs from its top, and days that were not measured are low and hollow. */
export function dayBars(days: readonly OrderDay[]): Html {
	const width = days.length * barPitch - (barPitch - barWidth);
	return html`<svg class="days" viewBox="0 0 ${String(width)} ${String(height)}" role="img" aria-label="${inWords(days)}">${days.map(
		(day, at) => barOf(day, at * barPitch),
	)}</svg>`;
}

function barOf(day: OrderDay, x: number): Html {
	const title = html`<title>${titleOf(day)}</title>`;
	const { slots, down } = day;
	if (slots === 0)
		return html`<g>${title}<rect class="none" x="${x + 0.5}" y="${height - 6.5}" width="${barWidth - 1}" height="6"/></g>`;
	const notch = down === 0 ? 0 : Math.max(notchMin, Math.round((down / slots) * height));
	return html`<g>${title}<rect class="up" x="${x}" y="${notch === 0 ? 0 : notch + 1}" width="${barWidth}" height="${Math.max(0, height - (notch === 0 ? 0 : notch + 1))}"/>${
		notch > 0 && html`<rect class="down" x="${x}" y="0" width="${barWidth}" height="${notch}"/>`
	}</g>`;
}

function titleOf({ startSeconds, slots, down, unknown }: OrderDay): string {
	const date = dateOf(startSeconds);
	if (slots === 0) return `${date}: not measured`;
	const gaps =
		unknown === 0 ? '' : `, ${Math.max(1, Math.round((unknown / (slots + unknown)) * 100))}% not measured`;
	return `${date}: ${uptimeText((slots - down) / slots)}${gaps}`;
}

export function dateOf(seconds: number): string {
	return new Date(seconds * 1000).toISOString().slice(0, 10);
}

/** Of all days together; null: none was measured. */
export function uptimeOfDays(days: readonly OrderDay[]): number | null {
	const slots = days.reduce((sum, day) => sum + day.slots, 0);
	const down = days.reduce((sum, day) => sum + day.down, 0);
	return slots === 0 ? null : (slots - down) / slots;
}

function inWords(days: readonly OrderDay[]): string {
	const measured = days.filter(({ slots }) => slots > 0);
	const bad = measured.filter(({ down }) => down > 0);
	const worst = bad.toSorted((a, b) => b.down / b.slots - a.down / a.slots)[0];
	const most = worst === undefined ? '' : `, the worst ${titleOf(worst)}`;
	return `${measured.length} of ${days.length} days measured, ${bad.length} with outages${most}`;
}
