import { askAboutAlerts } from '../../../memory/ask-daemon.ts';
import { historyOfOrder } from '../../alerts/history.ts';
import { historyOfOrders } from '../../alerts/trial.ts';
import { html } from '../html.ts';
import { shownOrder } from '../order/shown-order.ts';
import type { PageContext, PageRoom, Section } from '../page.ts';
import { firingTable, historyTable } from './tables.ts';
import { trialSection } from './trial-section.ts';

const historyShown = 200;
const historySeconds = 8 * 86_400;
const orderHistoryShown = 20;

/** `/alerts`: what fires, what did, and how a rule would have done. */
export function alertsRoom(): PageRoom {
	return {
		pages: [{ name: 'alerts', path: '/alerts', nav: { label: 'Alerts', order: 35 }, title: () => 'Alerts' }],
		sections: [firingSection, historySection, trialSection, orderSection],
	};
}

const firingSection: Section = {
	...{ id: 'firing', page: 'alerts', order: 10, title: 'Firing', script: 'refresh.js' },
	render: async ({ parts }) => {
		const asked = await askAboutAlerts(parts.baseDir);
		if (!('answer' in asked))
			return html`<p class="trouble">The daemon does not answer: ${asked.silence}.</p>`;
		const { firing } = asked.answer;
		const content = firing.length === 0 ? html`<p>No alert fires.</p>` : firingTable(firing, true);
		return html`<div id="firing-now" data-refresh="5">${content}</div>`;
	},
};

const historySection: Section = {
	...{ id: 'history', page: 'alerts', order: 20, title: 'The last eight days' },
	render: async ({ parts, nowSeconds }) => {
		const lines = await historyOfOrders(parts, null, nowSeconds - historySeconds);
		if (lines.length === 0) return html`<p>Nothing was raised.</p>`;
		return historyTable(lines.slice(-historyShown).reverse(), true);
	},
};

/** On the page of an order: its own. */
const orderSection: Section = {
	...{ id: 'alerts', page: 'order', order: 68, title: 'Alerts' },
	render: async (context: PageContext) => {
		const { id, found } = await shownOrder(context);
		const lines = found === null ? [] : historyOfOrder(found.folder, id).slice(-orderHistoryShown).reverse();
		const asked = lines.length === 0 ? null : await askAboutAlerts(context.parts.baseDir);
		const firing = asked !== null && 'answer' in asked ? asked.answer.firing : [];
		const own = firing.filter(({ order }) => order === id);
		if (lines.length === 0) return null;
		return html`<div id="alerts-now" data-refresh="30">${own.length === 0 ? html`<p>None fires.</p>` : firingTable(own, false)}
${historyTable(lines, false)}</div>`;
	},
};
