import { summaryLines } from '../../history/summary-table.ts';
import { answerText, wantsHtml } from '../server/answers.ts';
import type { Route } from '../server/route.ts';
import type { WebParts } from '../web-parts.ts';
import { answerPage, escapeHtml } from './html.ts';

/** `GET /`: what every order came to, as meshping's table. */
export function summaryRoutes({ orders, summaries }: WebParts): Route[] {
	return [
		{
			...{ method: 'GET', path: '/', part: 'status', scope: 'read' },
			handle: async ({ request: { headers }, response, who, session }) => {
				const table = [...summaryLines(await summaries.rows(orders.ids()))].join('');
				if (!wantsHtml(headers.accept)) {
					answerText(response, 200, table, { vary: 'accept' });
					return;
				}
				const account =
					who === null || session === null
						? '<p><a href="/login">Log in</a></p>'
						: `<form method="post" action="/logout">${escapeHtml(who.name)} <button>Log out</button></form>`;
				answerPage(response, 200, 'pingmachine', `${account}\n<pre>${escapeHtml(table)}</pre>`, {
					vary: 'accept',
				});
			},
		},
	];
}
