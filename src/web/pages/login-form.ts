import { type Html, html } from './html.ts';

/** Asks for a token, and says how one is made. */
export function loginForm(to: string, scope: 'read' | null = 'read'): Html {
	return html`<form class="stack" method="post" action="/login"><input type="hidden" name="to" value="${to}">
<label>Token <input name="token" type="password" autocomplete="current-password" size="50" required></label>
<button>Log in</button></form>
${scope !== null && html`<p>A token is made by <code>pingmachine web token NAME --scope ${scope}</code>.</p>`}`;
}

/** A path of ours, wherever somebody's link says to go. */
export function placeOf(to: string | null): string {
	return to !== null && to.length < 2000 && /^\/(?![/\\])[\x21-\x7e]*$/.test(to) ? to : '/';
}
