import { parseUrl } from '../../src/model/parse-url.ts';

/** URLs of HTTP, of servers and proxies, and what of them must not be shown. */

/** User and password of a URL, as they are, not percent-encoded. */
export interface Credentials {
	readonly user: string;
	readonly password: string;
}

/** Who to be at the server, if the URL says so. */
export function credentialsOf(href: string): Credentials | null {
	const { username, password } = new URL(href);
	if (username === '' && password === '') return null;
	return { user: decodeURIComponent(username), password: decodeURIComponent(password) };
}

/** The URL without user and password. */
export function withoutCredentials(href: string): string {
	const url = new URL(href);
	url.username = '';
	url.password = '';
	return url.href;
}

/** Whatever was written for a URL, in a form that may be shown: `***` for the user and the password. */
export function shownUrl(text: string): string {
	const url = parseUrl(text);
	const isRead = url !== null && /^https?:$/.test(url.protocol);
	if (isRead && url.username === '' && url.password === '') return text;
	if (isRead) return withoutCredentials(url.href).replace('//', '//***@');
	// What cannot be read may have its password anywhere before the last at sign.
	return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1***@');
}

/** What is to be kept out of everything that people see, in every form in which it may turn up. */
export function secretsOf(hrefs: readonly (string | undefined)[]): string[] {
	const secrets = new Set<string>();
	for (const href of hrefs) {
		const credentials = href === undefined ? null : credentialsOf(href);
		if (href === undefined || credentials === null) continue;
		const { user, password } = credentials;
		const raw = new URL(href);
		const basic = Buffer.from(`${user}:${password}`).toString('base64');
		for (const secret of [`${raw.username}:${raw.password}`, basic, raw.password, password]) {
			if (secret !== '') secrets.add(secret);
		}
		// A token may stand where the user does.
		if (password === '') secrets.add(user);
	}
	return [...secrets].sort((a, b) => b.length - a.length);
}

/** `text` without the secrets. */
export function masked(text: string, secrets: readonly string[]): string {
	return secrets.reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
}
