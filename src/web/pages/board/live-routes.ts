import { answerJson } from '../../server/answers.ts';
import { RequestFault, type Route } from '../../server/route.ts';
import type { WebParts } from '../../web-parts.ts';
import { summaryWireOf } from '../overview/summary-cells.ts';
import type { BoardRow } from './board.ts';
import type { LiveBoard } from './live.ts';

/** Rows that are asked for at once. */
const handlesMax = 200;

/** What the modules of the pages ask: the feed, and what of it only the rows have that are seen. */
export function liveRoutes(parts: WebParts, live: LiveBoard): Route[] {
	const open = { method: 'GET', part: 'pages', scope: 'read' } as const;
	return [
		{
			...{ ...open, path: '/live/feed' },
			handle: async ({ request, response }) => {
				await live.look();
				await live.feed.serve(request, response);
			},
		},
		{
			...{ ...open, path: '/live/sparks' },
			handle: ({ response, query }) => {
				const rows = rowsIn(live, query);
				live.fill.now(rows);
				const sparks = rows.map(({ handle, spark }) => [handle, spark]);
				answerJson(response, 200, sparks);
			},
		},
		{
			...{ ...open, path: '/live/summaries' },
			handle: async ({ response, query }) => {
				const rows = rowsIn(live, query);
				const handles = new Map(rows.map(({ id, handle }) => [id, handle]));
				const found: unknown[] = [];
				for await (const some of parts.summaries.rows([...handles.keys()]))
					for (const row of some) found.push([handles.get(row.id), summaryWireOf(row)]);
				answerJson(response, 200, found);
			},
		},
	];
}

/** Those that there are of `of=1,2,3`. */
function rowsIn({ board }: LiveBoard, query: URLSearchParams): BoardRow[] {
	const handles = (query.get('of') ?? '').split(',', handlesMax + 1);
	if (handles.length > handlesMax) throw new RequestFault(400, `of: must have ${handlesMax} numbers at most`);
	return handles.flatMap((text) => {
		const row = /^\d{1,9}$/.test(text) ? board.byHandle(Number(text)) : null;
		return row === null ? [] : [row];
	});
}
