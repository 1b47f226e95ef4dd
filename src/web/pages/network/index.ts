import { networkMap } from '../../network/map.ts';
import { networkPicture } from '../../network/picture.ts';
import { html } from '../html.ts';
import type { PageRoom } from '../page.ts';

/** `/network`: all routes as one map. */
export function networkRoom(): PageRoom {
	return {
		pages: [
			{
				...{ name: 'network', path: '/network', title: () => 'Network' },
				nav: { label: 'Network', order: 30 },
			},
		],
		sections: [
			{
				...{ id: 'map', page: 'network', order: 10, title: 'Routes from here' },
				render: async ({ parts }) => {
					const map = await networkMap(parts);
					if (map.nodes.size === 0)
						return html`<p>No route is known yet. Orders of the probe traceroute have one, and orders that say <code>route: 900</code>.</p>`;
					const troubled = [...map.nodes.values()].filter(({ state }) => state !== 'up');
					return html`<p>${map.orders} ${map.orders === 1 ? 'route' : 'routes'}, ${map.nodes.size} hops${map.isCut ? ', which are not all' : ''}. Circles are hops, squares are targets; networks stand together. × is down, ≠ another one than on the last good route, … adds more than 50 ms.</p>
<div class="scroll" tabindex="0" role="group" aria-label="Map of routes">${networkPicture(map)}</div>
${
	troubled.length === 0
		? html`<p>All hops are as on the last good routes.</p>`
		: html`<div class="scroll" tabindex="0" role="group" aria-label="Hops that are not as they were"><table><thead><tr><th scope="col">Hop</th><th scope="col">State</th><th scope="col">Network</th><th scope="col">Routes</th></tr></thead><tbody>${troubled.map(
				({ address, name, as, asName, state, routes }) =>
					html`<tr><th scope="row"><bdi>${name === null ? address : `${name} (${address})`}</bdi></th><td>${state}</td><td><bdi>${as === null ? '' : `AS${as} ${asName ?? ''}`}</bdi></td><td>${routes}</td></tr>\n`,
			)}</tbody></table></div>`
}`;
				},
			},
		],
	};
}
