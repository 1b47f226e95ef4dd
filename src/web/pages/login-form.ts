import { type Html, html } from './html.ts';

/** Asks for a token. */
export function loginForm(to: string): Html {
	return html`<form class="stack" method="post" action="/login"><input type="hidden" name="to" value="${to}">
<label>Token <input name="token" type="password" autocomplete="current-password" size="50" required></label>
<button>Log in</button></form>
<p>A token is made by <code>pingmachine web token NAME --scope read</code>.</p>`;
}

/** A path of ours, wherever somebody's link says to go. */
export function placeOf(to: string | null): string {
	return to !== null && to.length < 2000 && /^\/(?![/\\])[\x21-\x7e]*$/.test(to) ? to : '/';
}
