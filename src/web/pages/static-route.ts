import { head } from '../server/answers.ts';
import { RequestFault, type Route } from '../server/route.ts';
import { takesGzip } from './answer-html.ts';
import type { StaticFiles } from './static-files.ts';

/** `/static/HASH/NAME`: for ever the same, so browsers need not ask again. Says nothing of what is measured. */
export function staticRoute(files: StaticFiles): Route {
	return {
		...{ method: 'GET', path: '/static/:hash/:name', part: null, scope: 'read' },
		handle: ({ request, response, path: { hash, name = '' } }) => {
			const file = hash === files.hash ? files.get(name) : null;
			if (file === null)
				throw new RequestFault(404, 'there is no such file, or not any more. Load the page again');
			const headers = {
				etag: `"${files.hash}"`,
				'cache-control': 'public, max-age=31536000, immutable',
				vary: 'accept-encoding',
			};
			if (request.headers['if-none-match']?.includes(headers.etag) === true) {
				head(response, 304, headers);
				response.end();
				return;
			}
			const isZipped = takesGzip(request);
			const bytes = isZipped ? file.zipped : file.bytes;
			head(response, 200, {
				...headers,
				...(isZipped ? { 'content-encoding': 'gzip' } : {}),
				'content-type': file.type,
				'content-length': bytes.length,
			});
			response.end(request.method === 'HEAD' ? undefined : bytes);
		},
	};
}
