import { html } from '../html.ts';
import type { PageRoom } from '../page.ts';

/** `/`: every order at a glance. */
export function overviewRoom(): PageRoom {
	return {
		pages: [{ name: 'overview', path: '/', nav: { label: 'Overview', order: 10 }, title: () => 'Overview' }],
		sections: [
			{
				...{ id: 'totals', page: 'overview', order: 10, title: 'Totals' },
				render: ({ parts: { orders } }) => html`<p>Orders: <strong>${orders.ids().length}</strong></p>
<ul>${orders
					.ids()
					.slice(0, 100)
					.map(
						(id) => html`<li><bdi>${id}</bdi></li>
`,
					)}</ul>`,
			},
		],
	};
}
