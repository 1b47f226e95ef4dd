import type { LiveBoard } from '../board/live.ts';
import type { PageRoom } from '../page.ts';
import { filterForm } from './filters.ts';
import { orderTable } from './table.ts';
import { totals } from './totals.ts';
import { troubles } from './troubles.ts';

/** `/`: every order at a glance. */
export function overviewRoom(live: LiveBoard): PageRoom {
	const own = { page: 'overview', isTitleHidden: true } as const;
	return {
		pages: [
			{
				...{ name: 'overview', path: '/', nav: { label: 'Overview', order: 10 } },
				title: async () => {
					await live.look();
					return 'Overview';
				},
			},
		],
		sections: [
			{ ...own, id: 'totals', order: 10, title: 'Totals', render: (context) => totals(live, context) },
			{ ...own, id: 'filter', order: 20, title: 'Filter', render: (context) => filterForm(live, context) },
			{
				...{ ...own, id: 'orders', order: 30, title: 'Orders' },
				...{ script: 'overview.js', style: 'overview.css' },
				render: (context) => orderTable(live, context),
			},
			{
				...{ id: 'troubles', page: 'overview', order: 40, title: 'Failing and rejected orders' },
				render: () => troubles(live),
			},
		],
	};
}
