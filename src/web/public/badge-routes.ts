import type { LiveBoard } from '../pages/board/live.ts';
import { head } from '../server/answers.ts';
import type { Route } from '../server/route.ts';
import type { WebParts } from '../web-parts.ts';
import { badgeSvg } from './badge-svg.ts';
import { Badges, badgeKinds, keptSeconds } from './badges.ts';

/** Longer ones are none. */
const periodMax = 20;

/** `/badge/ID/state.svg`, `uptime.svg`, `median.svg` and `loss.svg`, with `?period=`. */
export function badgeRoutes(parts: WebParts, live: LiveBoard): Route[] {
	const badges = new Badges(parts, live);
	const isPublic = parts.settings.public.includes('badges');
	return badgeKinds.map((kind) => ({
		...{ method: 'GET', path: `/badge/:id/${kind}.svg`, part: 'badges', scope: 'read' },
		handle: async ({ request, response, path: { id = '' }, query }) => {
			const svg = await badges.of(id, kind, (query.get('period') ?? 'day').slice(0, periodMax));
			const bytes = Buffer.from(svg ?? badgeSvg('pingmachine', 'no such order', 'unknown'));
			head(response, svg === null ? 404 : 200, {
				'content-type': 'image/svg+xml; charset=utf-8',
				'content-security-policy': "default-src 'none'",
				'cache-control': `${isPublic ? 'public' : 'private'}, max-age=${keptSeconds}`,
				// They are made to stand on pages of others.
				...(isPublic ? { 'cross-origin-resource-policy': 'cross-origin' } : {}),
				'content-length': bytes.length,
			});
			response.end(request.method === 'HEAD' ? undefined : bytes);
		},
	}));
}
