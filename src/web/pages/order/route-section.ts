import { type Hop, type LossMeaning, meaningOfLoss, readHop } from '../../../model/hop.ts';
import { hasLoop, hopChanges, type Route, type RouteHop } from '../../../model/route.ts';
import { routesOfOrder } from '../../api/routes-of-order.ts';
import { type Html, html } from '../html.ts';
import type { Section } from '../page.ts';
import { shownOrder } from './shown-order.ts';
import { rtt, time } from './words.ts';

const changesMax = 10;

const meanings: Readonly<Record<LossMeaning, string>> = {
	none: '',
	loss: 'packets are lost here or before',
	limited: 'limits its answers, loses nothing',
};

/** The way to the target, hop by hop, and when it has changed. */
export const routeSection: Section = {
	...{ id: 'route', page: 'order', order: 65, title: 'Route' },
	render: async (context) => {
		const { id, told } = await shownOrder(context);
		const found = routesOfOrder(context.parts, id);
		const last = found?.routes.at(-1);
		if (found === null || last === undefined) return null;
		const path = Object.values(told?.facts ?? {}).find(({ kind }) => kind === 'path')?.value;
		const hops = found.of === id && Array.isArray(path) ? path.map(hopIn) : [];
		const before = found.routes.at(-2);
		const changes = before === undefined ? [] : hopChanges(before, last);
		const of =
			found.of === id
				? ''
				: html`, that of <a href="/orders/${encodeURIComponent(found.of)}"><bdi>${found.of}</bdi></a>`;
		return html`<p>Since ${time(last.time)}${of}. ${last.reached ? '' : 'The target does not answer. '}${hasLoop(last.hops) ? 'Packets go in circles. ' : ''}<a href="/network">All routes</a></p>
<div class="scroll" tabindex="0" role="group" aria-label="Route"><table><thead><tr><th scope="col">Hop</th><th scope="col">Who</th><th scope="col">Network</th><th scope="col">Median</th><th scope="col">Loss</th><th scope="col">Notes</th></tr></thead>
<tbody>${rowsOf(last, hops, changes)}</tbody></table></div>${changesOf(found.routes)}`;
	},
};

function hopIn(value: unknown): Hop | null {
	return typeof value === 'string' ? readHop(value) : null;
}

function rowsOf(route: Route, told: readonly (Hop | null)[], changes: readonly string[]): Html[] {
	const isOfNow = told.length === route.hops.length;
	const loss = isOfNow ? meaningOfLoss(told) : [];
	return route.hops.map((hop, at) => {
		const known = isOfNow ? (told[at] ?? null) : null;
		const meaning = loss[at] ?? 'none';
		const change = changes[at] ?? 'same';
		const notes = [
			change === 'same' ? '' : change,
			meanings[meaning],
			known?.code === undefined ? '' : `ICMP ${known.code}`,
			known?.mtu === undefined ? '' : `MTU ${known.mtu}`,
			known?.mpls === undefined ? '' : `MPLS ${known.mpls.map((label) => label.split(':')[0]).join(' ')}`,
		].filter((note) => note !== '');
		return html`<tr><th scope="row">${at + 1}</th><td><bdi>${whoOf(hop)}</bdi></td><td><bdi>${systemOf(hop)}</bdi></td><td>${rtt(known?.medianSeconds ?? null)}</td><td>${known === null || known.sent === 0 ? '-' : `${known.lost} of ${known.sent}`}</td><td>${notes.join(', ')}</td></tr>\n`;
	});
}

function whoOf(hop: RouteHop): string {
	if (hop === null) return 'no answer';
	return hop.addresses
		.map((address, at) => {
			const name = hop.names?.[at] ?? null;
			return name === null ? address : `${name} (${address})`;
		})
		.join(', ');
}

function systemOf(hop: RouteHop): string {
	return hop?.as === undefined ? '' : `AS${hop.as} ${hop.as_name ?? ''}`.trim();
}

function changesOf(routes: readonly Route[]): Html | null {
	const changes = routes.slice(1).slice(-changesMax).reverse();
	if (changes.length === 0) return null;
	return html`<details><summary>${changes.length} ${changes.length === 1 ? 'change' : 'changes'}</summary><ul>${changes.map(
		(route) =>
			html`<li>${time(route.time)}: <bdi>${route.hops.map(whoOf).join(' – ')}</bdi>${route.reached ? '' : ' (not reached)'}</li>`,
	)}</ul></details>`;
}
