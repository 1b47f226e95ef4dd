import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { RequestFault } from '../server/route.ts';
import { answerHtml } from './answer-html.ts';
import { html } from './html.ts';
import { type Frame, layout } from './layout.ts';
import { loginForm, placeOf } from './login-form.ts';

/**
 * Tells a browser why there is no page: with the form for a token where one is needed.
 *
 * @param isStatusOpen whether `/public` is for everybody: who may not see more is told where it is
 */
export async function answerFault(
	frame: Frame,
	request: IncomingMessage,
	response: ServerResponse,
	{ status, message }: RequestFault,
	headers: Readonly<Record<string, string>>,
	isStatusOpen: boolean,
): Promise<void> {
	const around = { name: 'fault', account: null, request };
	const title = status === 401 ? 'Log in' : (STATUS_CODES[status] ?? 'It cannot be shown');
	const main =
		status === 401
			? html`<p>This page needs a token of scope <code>read</code>.</p>${loginForm(placeOf(request.url ?? '/'))}${isStatusOpen && html`<p>The <a href="/public">status page</a> is for everybody.</p>`}`
			: html`<p>${`${message.slice(0, 1).toUpperCase()}${message.slice(1)}.`}</p><p><a href="/">To the overview</a></p>`;
	await answerHtml(request, response, status, layout(frame, { ...around, title, main }), headers);
}
