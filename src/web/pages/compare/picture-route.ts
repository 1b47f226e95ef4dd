import { darkPalette, lightPalette } from '../../browser/loss-levels.ts';
import { darkSeries, lightSeries } from '../../browser/series-colours.ts';
import { RequestFault, type Route } from '../../server/route.ts';
import type { WebParts } from '../../web-parts.ts';
import { graphQueryOf } from '../order/graph-query.ts';
import { answerSvg, isDark } from '../order/pictures.ts';
import { smokeOf } from '../order/smoke-data.ts';
import { compareSvg } from './compare-svg.ts';
import { comparedOrders } from './compared-orders.ts';

const points = 800;

/** `/compare.svg`. */
export function comparePictureRoute(parts: WebParts): Route {
	return {
		...{ method: 'GET', path: '/compare.svg', part: 'pages', scope: 'read' },
		handle: (asked) => {
			const { orders } = comparedOrders({ parts, asked });
			if (orders.length === 0) throw new RequestFault(404, 'there are no such orders');
			const { bounds } = graphQueryOf(asked.query, Date.now() / 1000);
			const series = orders.map(({ id, name }) => ({ name, data: smokeOf(parts, id, bounds, points) }));
			const [palette, colours] = isDark(asked) ? [darkPalette, darkSeries] : [lightPalette, lightSeries];
			answerSvg(asked, compareSvg({ bounds, palette, colours, series }).toString());
		},
	};
}
