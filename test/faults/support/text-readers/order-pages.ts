/** The pages of orders: what they are asked, and what orders say. */
import { lastSecondsIn, rangeIn } from '../../../../src/web/browser/time-range.ts';
import { graphQueryOf } from '../../../../src/web/pages/order/graph-query.ts';
import { harmless } from '../../../../src/web/pages/order/shown-order.ts';
import type { TextReaders } from './feeds.ts';

export const orderPages: TextReaders = {
	'src/web/api/index.ts': 'paths of our own routes',
	'src/web/browser/compare-page.ts': 'what our own page says',
	'src/web/browser/live-order.ts': 'ids in a list, and JSON of our own server',
	'src/web/browser/order-data.ts': 'headers of our own server',
	'src/web/browser/order-page.ts': 'what our own page says',
	'src/web/browser/order-picture.ts': 'the heading of the page, once',
	'src/web/browser/time-range.ts': [
		lastSecondsIn,
		(text) => rangeIn(new URLSearchParams({ start: text, end: text, range: text })),
	],
	'src/web/browser/words.ts': 'numbers that we wrote',
	'src/web/pages/order/route-section.ts': 'labels of hops, fed to src/model/hop.ts',
	'src/web/pages/order/events-section.ts': 'lines of our own files, each of bounded length',
	'src/web/pages/order/graph-query.ts': [
		(text) => graphQueryOf(new URLSearchParams({ range: text, with: text, heat: text }), 0),
		(text) => graphQueryOf(new URLSearchParams({ start: text, end: text }), 0),
	],
	'src/web/pages/order/heat-section.ts': 'ids, which are paths',
	'src/web/pages/order/pictures.ts': 'ids, which are paths',
	'src/web/pages/order/shown-order.ts': [(text) => harmless(`https://${text}`), harmless],
	'src/web/pages/order/smoke-section.ts': 'what we wrote',
	'src/web/pages/order/words.ts': 'times that we wrote',
};
