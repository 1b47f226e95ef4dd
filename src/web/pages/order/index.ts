import type { PageRoom } from '../page.ts';
import { aboutSection } from './about-section.ts';
import { eventsSection } from './events-section.ts';
import { explainSection } from './explain-section.ts';
import { factsSection } from './facts-section.ts';
import { heatSection } from './heat-section.ts';
import { routeSection } from './route-section.ts';
import { shownOrder } from './shown-order.ts';
import { slotsSection } from './slots-section.ts';
import { smokeSection } from './smoke-section.ts';
import { uptimeSection } from './uptime-section.ts';

/** `/orders/ID`: everything of one order. */
export function orderRoom(): PageRoom {
	return {
		pages: [
			{
				...{ name: 'order', path: '/orders/:id' },
				title: async (context) => {
					const { id, title } = await shownOrder(context);
					return title ?? id;
				},
			},
		],
		sections: [
			...[aboutSection, smokeSection, heatSection, uptimeSection, slotsSection],
			...[factsSection, routeSection, eventsSection, explainSection],
		],
	};
}
