import type { IncomingMessage } from 'node:http';
import { sessionFor, setCookie } from '../access/sessions.ts';
import { head } from '../server/answers.ts';
import { type Asked, RequestFault, type Route } from '../server/route.ts';
import type { WebParts } from '../web-parts.ts';
import { answerPage, escapeHtml } from './html.ts';

const bodyMax = 4096;

/** `/login`: a token for a cookie that lasts twelve hours; `/logout`. */
export function loginRoutes(parts: WebParts): Route[] {
	const open = { part: null, scope: 'read', isOpen: true } as const;
	return [
		{
			...{ method: 'GET', path: '/login', ...open },
			handle: ({ response, query }) => answerPage(response, 200, 'Log in', formOf(placeOf(query.get('to')))),
		},
		{ ...{ method: 'POST', path: '/login', bodyMax, ...open }, handle: (asked) => logIn(parts, asked) },
		{
			...{ method: 'POST', path: '/logout', bodyMax, ...open },
			handle: ({ request, response }) => {
				refuseOthers(request);
				head(response, 303, { location: '/login', 'set-cookie': setCookie('', parts.settings.tls !== null) });
				response.end();
			},
		},
	];
}

async function logIn({ settings, holderOf, log }: WebParts, asked: Asked): Promise<void> {
	const { request, response } = asked;
	refuseOthers(request);
	const form = new URLSearchParams((await asked.body()).toString('utf8'));
	const to = placeOf(form.get('to'));
	const holder = holderOf((form.get('token') ?? '').trim());
	if (holder === null) {
		answerPage(response, 401, 'Log in', `<p>This token is not known.</p>\n${formOf(to)}`);
		return;
	}
	log.info(`web: ${holder.name} logged in`);
	const cookie = setCookie(sessionFor(holder, Date.now() / 1000), settings.tls !== null);
	head(response, 303, { location: to, 'set-cookie': cookie });
	response.end();
}

/** A page of another site must not log somebody in or out. */
function refuseOthers({ headers: { origin, host } }: IncomingMessage): void {
	if (origin === undefined) return;
	if (/^https?:\/\/(.*)$/.exec(origin)?.[1] !== host)
		throw new RequestFault(403, 'this did not come from a page of ours. Load the page again');
}

function formOf(to: string): string {
	return (
		`<form method="post" action="/login"><input type="hidden" name="to" value="${escapeHtml(to)}">` +
		'<label>Token <input name="token" type="password" autocomplete="current-password" size="50" autofocus></label> ' +
		'<button>Log in</button></form>\n<p>A token is made by <code>pingmachine web token NAME --scope read</code>.</p>'
	);
}

/** A path of ours, wherever somebody's link says to go. */
function placeOf(to: string | null): string {
	return to !== null && to.length < 2000 && /^\/(?![/\\])[\x21-\x7e]*$/.test(to) ? to : '/';
}
