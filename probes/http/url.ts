import { isIP } from 'node:net';
import { inWords } from '../../src/model/findings.ts';
import { parseUrl } from '../../src/model/parse-url.ts';
import { firstUnprintable } from '../../src/model/printable.ts';
import { hostOption } from '../shared/addressing.ts';
import { credentialsOf, shownUrl } from '../shared/url.ts';

/** Either what was read or what is wrong with it, and what to write instead. */
export type ReadText = { readonly value: string } | { readonly fault: string };

const lengthMax = 2000;
const urlExample = 'Write one such as https://www.example.net/health';
const proxyExample = 'Write host:port, such as proxy.example.net:3128, or user:password@host:port';

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
	const url = parseUrl(text);
	if (url === null) return { fault: `cannot be read: ${shown}. ${example}` };
	if (url.href.length > lengthMax) return { fault: `is longer than ${lengthMax} characters` };
	const fault = wrongWithHost(hostOf(url)) ?? wrongWithCredentials(url);
	if (fault !== null) return { fault };
	return url.port === '0' ? { fault: `must not name port 0: ${shown}` } : { url };
}

function wrongWithHost(host: string): string | null {
	const { error } = hostOption().safeParse(host);
	return error === undefined ? null : `has a host that ${error.issues[0]?.message}`;
}

function wrongWithCredentials(url: URL): string | null {
	try {
		const { user, password } = credentialsOf(url.href) ?? { user: '', password: '' };
		return firstUnprintable(user + password) === null
			? null
			: 'has a user or a password with control characters, which cannot be sent';
	} catch {
		return 'has a user or a password that cannot be decoded. Write % as %25';
	}
}

/** A name, or an address without brackets. */
export function hostOf({ hostname }: URL): string {
	return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

/** The family of the address that stands in a URL; 0 when it has a name. */
export function literalFamily(href: string): 0 | 4 | 6 {
	return isIP(hostOf(new URL(href))) as 0 | 4 | 6;
}

export function portOf({ port, protocol }: URL): number {
	return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

/** The value of `Authorization` for what stands in a URL, or null. */
export function basicOf(href: string): string | null {
	const credentials = credentialsOf(href);
	return credentials === null ? null : basic(credentials.user, credentials.password);
}

export function basic(user: string, password: string): string {
	return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}
