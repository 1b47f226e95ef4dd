import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { summaryLines } from '../../history/summary-table.ts';
import { head, wantsHtml } from '../server/answers.ts';
import type { Asked, Route } from '../server/route.ts';
import type { WebParts } from '../web-parts.ts';
import { escapeHtml, pageAround, pageHeaders } from './html.ts';

/** `GET /`: what every order came to, as meshping's table. */
export function summaryRoutes(parts: WebParts): Route[] {
	return [
		{
			...{ method: 'GET', path: '/', part: 'status', scope: 'read' },
			handle: async ({ request, response, who, session }) => {
				const isPage = wantsHtml(request.headers.accept);
				const type = isPage ? pageHeaders : { 'content-type': 'text/plain; charset=utf-8' };
				head(response, 200, { ...type, vary: 'accept' });
				if (request.method === 'HEAD') {
					response.end();
					return;
				}
				const text = isPage ? pageOf(parts, { who, session }) : tableOf(parts);
				await pipeline(Readable.from(text, { objectMode: false }), response);
			},
		},
	];
}

/** In pieces: there may be very many orders. */
async function* tableOf({ orders, summaries }: WebParts): AsyncGenerator<string> {
	let isFirst = true;
	for await (const rows of summaries.rows(orders.ids())) {
		const lines = [...summaryLines(rows)];
		yield (isFirst ? lines : lines.slice(1)).join('');
		isFirst = false;
	}
}

async function* pageOf(
	parts: WebParts,
	{ who, session }: Pick<Asked, 'who' | 'session'>,
): AsyncGenerator<string> {
	const account =
		who === null || session === null
			? '<p><a href="/login">Log in</a></p>'
			: `<form method="post" action="/logout">${escapeHtml(who.name)} <button>Log out</button></form>`;
	const [start, end] = pageAround('pingmachine');
	yield `${start}${account}\n<pre>`;
	for await (const piece of tableOf(parts)) yield escapeHtml(piece);
	yield `</pre>${end}`;
}
