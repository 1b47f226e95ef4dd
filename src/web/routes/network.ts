import { networkMap } from '../network/map.ts';
import { networkPicture } from '../network/picture.ts';
import { answerText } from '../server/answers.ts';
import type { Route } from '../server/route.ts';
import type { WebParts } from '../web-parts.ts';

/** `GET /network.svg`: all routes as one picture, where meshping has it. */
export function networkRoutes(parts: WebParts): Route[] {
	return [
		{
			...{ method: 'GET', path: '/network.svg', part: ['pages', 'api'], scope: 'read' },
			handle: async ({ response }) => {
				const picture = networkPicture(await networkMap(parts), '#555');
				answerText(response, 200, String(picture), { 'content-type': 'image/svg+xml; charset=utf-8' });
			},
		},
	];
}
