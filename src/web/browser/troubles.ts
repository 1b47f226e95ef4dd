/** The list of failing and rejected orders, with their reasons. */
import { element } from './elements.ts';
import { reasonOf, signs } from './row-words.ts';
import { type Now, type Row, stateOf } from './rows.ts';

const shownMax = 20;
let shown = '';

/** Written anew only where something else is to be said. */
export function showTroubles(rows: readonly Row[], now: Now): void {
	const place = document.getElementById('trouble-list');
	if (place === null) return;
	const found: Row[] = [];
	for (const row of rows) if (['rejected', 'failing'].includes(stateOf(row, now))) found.push(row);
	// They are by id already.
	found.sort((a, b) => Number(b.isRejected) - Number(a.isRejected));
	const some = found.slice(0, shownMax);
	const key = JSON.stringify([
		found.length,
		...some.map((row) => [row.id, stateOf(row, now), reasonOf(row, now)]),
	]);
	if (key === shown) return;
	shown = key;
	if (some.length === 0) {
		place.replaceChildren(element('p', { class: 'soft' }, 'None.'));
		return;
	}
	const heads = ['State', 'Order', 'Reason'].map((word) => element('th', { scope: 'col' }, word));
	const lines = some.map((row) => {
		const state = stateOf(row, now);
		const sign = element('span', { class: `sign ${state}`, 'aria-hidden': 'true' }, signs[state]);
		const link = element('a', { href: `/orders/${encodeURIComponent(row.id)}` }, element('bdi', {}, row.id));
		return element(
			'tr',
			{},
			element('td', {}, sign, ` ${state}`),
			element('td', {}, link),
			element('td', {}, element('bdi', {}, reasonOf(row, now))),
		);
	});
	const table = element(
		'table',
		{},
		element('thead', {}, element('tr', {}, ...heads)),
		element('tbody', {}, ...lines),
	);
	const rest = found.length - some.length;
	const more = element('a', { href: '/?state=rejected,failing&sort=worst' }, `${rest} more`);
	place.replaceChildren(table, ...(rest > 0 ? [element('p', {}, more)] : []));
}
