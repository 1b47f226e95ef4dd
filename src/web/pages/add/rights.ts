import { type Html, html } from '../html.ts';
import { loginForm, placeOf } from '../login-form.ts';
import type { PageContext } from '../page.ts';

/** How one gets the right to write orders; null: whoever asks has it. */
export function wayToRight({ parts: { settings, isAlone }, asked }: PageContext): Html | null {
	if (isAlone)
		return html`<p>This server only reads: it was started by <code>pingmachine web</code>, without the daemon. Open the pages of the daemon, which has them where <code>web:</code> is in its config.</p>`;
	const { who } = asked;
	if (who?.scopes.includes('order')) return null;
	const make = html`<pre tabindex="0">pingmachine web token NAME --scope read,order</pre>`;
	if (settings.tokensFile === null)
		return html`<p>Nothing can be changed here, since nobody has a token. Two steps on the machine of pingmachine:</p>
<ol><li>Write <code>tokens_file: /etc/pingmachine/tokens</code> below <code>web:</code> in the config.</li><li>Make a token of scope <code>order</code>, and log in with it: ${make}</li></ol>
<p>Or write orders as files, as always: into <code>orders/</code>, or with <code>pingmachine order add</code>.</p>`;
	const login = html`<p>Whoever runs pingmachine makes one:</p>${make}`;
	if (who !== null)
		return html`<p>The token <strong>${who.name}</strong> is for ${who.scopes.join(' and ')}, and orders are written with one of scope <code>order</code>.</p>${login}<p>Then log out, and log in with it.</p>`;
	return html`<p>Orders are written with a token of scope <code>order</code>.</p>${login}${loginForm(placeOf(asked.request.url ?? '/'), null)}`;
}
