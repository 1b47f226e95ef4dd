import { isPageSecret, pageSecret } from '../access/sessions.ts';
import { type Asked, RequestFault } from '../server/route.ts';
import { type Html, html } from './html.ts';

const secretField = 'secret';

/** The second value of a session, which every form of a page has: other sites cannot know it. */
export function secretInput({ who, session }: Asked): Html {
	const secret = who === null || session === null ? '' : pageSecret(who, session);
	return html`<input type="hidden" name="${secretField}" value="${secret}">`;
}

/** Throws a `RequestFault` where a session sent a form that is none of ours. */
export function checkSecret({ who, session }: Asked, form: URLSearchParams): void {
	if (who === null || session === null || isPageSecret(who, session, form.get(secretField) ?? '')) return;
	throw new RequestFault(403, 'this did not come from a page of ours. Load the page again');
}
