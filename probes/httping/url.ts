import { inWords } from '../../src/model/findings.ts';
import { firstUnprintable } from '../../src/model/printable.ts';
import { hostOption } from '../shared/addressing.ts';

/** Either what was read or what is wrong with it, and what to write instead. */
export type ReadText = { readonly value: string } | { readonly fault: string };

/** User and password of a URL, as they are, not percent-encoded. */
export interface Credentials {
	readonly user: string;
	readonly password: string;
}

/** httping 2.5 says so of requests of more than 4 KB: some servers refuse them. */
const lengthMax = 2000;
/** httping 2.5 writes user and password into 256 bytes, and is ended by its own overrun. */
const credentialsMaxBytes = 240;

const urlExample = 'Write one such as https://www.example.net/health';
const proxyExample = 'Write host:port, such as proxy.example.net:3128, or user:password@host:port';
/** What to do about a server that has IPv6 only. */
export const onlyIpv4 =
	'httping 2.5 cannot do IPv6. Write a name that has an IPv4 address, or an IPv4 address';

/** `url`: in the one form that the WHATWG gives it, without the fragment, which no server sees. */
export function readUrl(text: string): ReadText {
	if (text === '') return { fault: `is empty. ${urlExample}` };
	if (!/^https?:\/\//i.test(text)) {
		return { fault: `must begin with http:// or https://, not ${inWords(shownUrl(text))}. ${urlExample}` };
	}
	const read = parse(text, urlExample);
	if ('fault' in read) return read;
	read.url.hash = '';
	return { value: read.url.href };
}

/** `proxy`: as `http://user:password@host:port/`, the port left out if it is 80. */
export function readProxy(text: string): ReadText {
	if (text === '') return { fault: `is empty. ${proxyExample}` };
	const [, scheme = 'http'] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text) ?? [];
	if (scheme.toLowerCase() !== 'http') {
		return { fault: `must be an HTTP proxy, not ${inWords(shownUrl(text))}. ${proxyExample}` };
	}
	const read = parse(text.includes('://') ? text : `http://${text}`, proxyExample);
	if ('fault' in read) return read;
	const { url } = read;
	const isBare = url.pathname === '/' && url.search === '' && url.hash === '';
	if (!isBare || !/:\d+\/?$/.test(text)) {
		return { fault: `must be a host and a port, and no more: ${inWords(shownUrl(text))}. ${proxyExample}` };
	}
	return { value: url.href };
}

function parse(text: string, example: string): { readonly url: URL } | { readonly fault: string } {
	const shown = inWords(shownUrl(text));
	const odd = firstUnprintable(text);
	if (odd !== null) return { fault: `must not contain ${odd}: ${shown}. ${example}` };
	if (!URL.canParse(text)) return { fault: `cannot be read: ${shown}. ${example}` };
	const url = new URL(text);
	if (url.href.length > lengthMax) return { fault: `is longer than ${lengthMax} characters` };
	const fault = wrongWithHost(url.hostname) ?? wrongWithCredentials(url);
	if (fault !== null) return { fault };
	return url.port === '0' ? { fault: `must not name port 0: ${shown}` } : { url };
}

function wrongWithHost(host: string): string | null {
	if (host.startsWith('[')) return `has an IPv6 address: ${host}. ${onlyIpv4}`;
	const { error } = hostOption.safeParse(host);
	return error === undefined ? null : `has a host that ${error.issues[0]?.message}`;
}

function wrongWithCredentials(url: URL): string | null {
	try {
		const { user, password } = credentialsOf(url.href) ?? { user: '', password: '' };
		if (firstUnprintable(user + password) !== null) {
			return 'has a user or a password with control characters. httping cannot send them';
		}
		if (Buffer.byteLength(`${user}:${password}`) <= credentialsMaxBytes) return null;
		return `has a user and a password of more than ${credentialsMaxBytes} bytes. httping 2.5 cannot send them`;
	} catch {
		return 'has a user or a password that cannot be decoded. Write % as %25';
	}
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
	const url = URL.canParse(text) ? new URL(text) : null;
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
