import type { IncomingMessage } from 'node:http';
import { sessionFor, setCookie } from '../access/sessions.ts';
import { answerHtml } from '../pages/answer-html.ts';
import { html } from '../pages/html.ts';
import { type Frame, layout } from '../pages/layout.ts';
import { loginForm, placeOf } from '../pages/login-form.ts';
import { head } from '../server/answers.ts';
import { type Asked, RequestFault, type Route } from '../server/route.ts';
import type { WebParts } from '../web-parts.ts';

const bodyMax = 4096;

/** `/login`: a token for a cookie that lasts twelve hours; `/logout`. */
export function loginRoutes(parts: WebParts, frame: Frame): Route[] {
	const open = { part: null, scope: 'read', isOpen: true } as const;
	return [
		{
			...{ method: 'GET', path: '/login', ...open },
			handle: (asked) => answerForm(frame, asked, 200, placeOf(asked.query.get('to'))),
		},
		{
			...{ method: 'POST', path: '/login', bodyMax, ...open },
			handle: (asked) => logIn(parts, frame, asked),
		},
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

async function logIn({ settings, holderOf, log }: WebParts, frame: Frame, asked: Asked): Promise<void> {
	const { request, response } = asked;
	refuseOthers(request);
	const form = new URLSearchParams((await asked.body()).toString('utf8'));
	const to = placeOf(form.get('to'));
	const holder = holderOf((form.get('token') ?? '').trim());
	if (holder === null) {
		await answerForm(frame, asked, 401, to);
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

/** With status 401: once more, for the token is nobody's. */
async function answerForm(
	frame: Frame,
	{ request, response, who, session }: Asked,
	status: 200 | 401,
	to: string,
): Promise<void> {
	const main = html`${status === 401 && html`<p class="trouble" role="alert">This token is not known.</p>`}${loginForm(to)}`;
	const account = session === null ? null : who;
	const text = layout(frame, { name: 'login', title: 'Log in', account, request, main });
	await answerHtml(request, response, status, text);
}
