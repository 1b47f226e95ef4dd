import { badgeRoutes } from '../public/badge-routes.ts';
import type { Route } from '../server/route.ts';
import type { WebServerParts } from '../server/web-server.ts';
import type { WebParts } from '../web-parts.ts';
import { addRoom } from './add/index.ts';
import { alertsRoom } from './alerts/index.ts';
import { type LiveBoard, openBoard } from './board/live.ts';
import { liveRoutes } from './board/live-routes.ts';
import { compareRoom } from './compare/index.ts';
import { comparePictureRoute } from './compare/picture-route.ts';
import { daemonRoom } from './daemon/index.ts';
import { answerFault } from './fault-page.ts';
import type { Frame } from './layout.ts';
import { networkRoom } from './network/index.ts';
import { orderRoom } from './order/index.ts';
import { pictureRoutes } from './order/pictures.ts';
import { overviewRoom } from './overview/index.ts';
import type { PageRoom } from './page.ts';
import { frameOf, pageRoutes } from './page-routes.ts';
import { popsRoom } from './pops/index.ts';
import { publicRoom } from './public/index.ts';
import { StaticFiles } from './static-files.ts';
import { staticRoute } from './static-route.ts';
import { topRoom } from './top/index.ts';

/** Every room that has pages, or sections of them. One line each. */
const rooms: readonly ((parts: WebParts, live: LiveBoard, files: StaticFiles) => PageRoom)[] = [
	(_, live) => overviewRoom(live),
	orderRoom,
	compareRoom,
	(_, live) => topRoom(live),
	popsRoom,
	networkRoom,
	alertsRoom,
	daemonRoom,
	addRoom,
	publicRoom,
];

export interface Pages {
	readonly frame: Frame;
	readonly routes: readonly Route[];
	readonly faultPage: NonNullable<WebServerParts['faultPage']>;
}

/** All that is for people. */
export function pagesOf(parts: WebParts): Pages {
	const files = StaticFiles.read();
	const live = openBoard(parts, files.hash);
	const given = rooms.map((room) => room(parts, live, files));
	const frame = frameOf(files, given);
	const isStatusOpen = parts.settings.public.includes('status') && parts.settings.statusPage !== null;
	return {
		frame,
		routes: [
			staticRoute(files),
			...liveRoutes(parts, live),
			...pictureRoutes(parts),
			comparePictureRoute(parts),
			...badgeRoutes(parts, live),
			...pageRoutes(parts, frame, given),
		],
		faultPage: (request, response, fault, headers) =>
			answerFault(frame, request, response, fault, headers, isStatusOpen),
	};
}
