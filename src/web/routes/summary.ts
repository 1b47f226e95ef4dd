import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { summaryLines } from '../../history/summary-table.ts';
import { head } from '../server/answers.ts';
import type { Route } from '../server/route.ts';
import type { WebParts } from '../web-parts.ts';

/** `GET /`, as text: what every order came to, as meshping's table. It names all orders, so `status` does not open it. */
export function summaryRoutes(parts: WebParts): Route[] {
	return [
		{
			...{ method: 'GET', path: '/', part: ['pages', 'api'], scope: 'read' },
			handle: async ({ request, response }) => {
				head(response, 200, { 'content-type': 'text/plain; charset=utf-8', vary: 'accept' });
				if (request.method === 'HEAD') {
					response.end();
					return;
				}
				await pipeline(Readable.from(tableOf(parts), { objectMode: false }), response);
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
