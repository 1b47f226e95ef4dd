import { isIPv6 } from 'node:net';
import { parseUrl } from '../../model/parse-url.ts';

/** Where measurements are sent to. Plain data. */
export type Endpoint =
	| { readonly kind: 'udp' | 'tcp'; readonly host: string; readonly port: number }
	| { readonly kind: 'unix'; readonly path: string }
	/** `url` has no user, no password and no fragment. */
	| { readonly kind: 'http'; readonly url: string };

/** Reads `url:`. `HOST:PORT` means UDP. */
export function readEndpoint(text: string): { readonly endpoint: Endpoint } | { readonly fault: string } {
	const [, scheme = 'udp', rest = text] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(text) ?? [];
	switch (scheme.toLowerCase()) {
		case 'udp':
			return hostAndPort('udp', rest);
		case 'tcp':
			return hostAndPort('tcp', rest);
		case 'unix':
			return unixPath(rest);
		case 'http':
		case 'https':
			return httpUrl(text);
		case 'unixgram':
			return { fault: 'unixgram:// is not supported: Node.js has no such sockets. Use unix:// or udp://' };
		default:
			return { fault: `${scheme}:// is not supported. Use ${known}` };
	}
}

const known = 'udp://, tcp://, unix://, http:// or https://';

/** For people, and to tell sinks apart. Without anything that may be secret. */
export function describeEndpoint(endpoint: Endpoint): string {
	if (endpoint.kind === 'unix') return `unix://${endpoint.path}`;
	if (endpoint.kind === 'http') return describeUrl(new URL(endpoint.url));
	const host = isIPv6(endpoint.host) ? `[${endpoint.host}]` : endpoint.host;
	return `${endpoint.kind}://${host}:${endpoint.port}`;
}

/** Queries of InfluxDB 1 may hold a password. */
function describeUrl(url: URL): string {
	const shown = ['db', 'rp', 'org', 'bucket'].flatMap((key) => {
		const value = url.searchParams.get(key);
		return value === null ? [] : [`${key}=${value}`];
	});
	return `${url.origin}${url.pathname}${shown.length === 0 ? '' : `?${shown.join('&')}`}`;
}

type Read = ReturnType<typeof readEndpoint>;

function hostAndPort(kind: 'udp' | 'tcp', text: string): Read {
	const [, literal, name = '', digits] = /^(?:\[([^\]]*)\]|([^:/\s]+)):(\d+)\/?$/.exec(text) ?? [];
	const port = Number(digits);
	const isHost = literal === undefined ? name !== '' : isIPv6(literal);
	if (isHost && port >= 1 && port <= 65_535) return { endpoint: { kind, host: literal ?? name, port } };
	return { fault: `needs a host and a port. Write ${kind}://127.0.0.1:8094 or ${kind}://[::1]:8094` };
}

function unixPath(path: string): Read {
	if (path.startsWith('/')) return { endpoint: { kind: 'unix', path } };
	return {
		fault: 'needs a path from the root, so three slashes in all. Write unix:///run/telegraf/telegraf.sock',
	};
}

function httpUrl(text: string): Read {
	const url = parseUrl(text);
	if (url === null) return { fault: 'is no URL. Write http://127.0.0.1:8086' };
	if (url.username !== '' || url.password !== '') {
		return { fault: 'holds a user or a password. Write them as username: and password:' };
	}
	const precision = url.searchParams.get('precision') ?? 'ns';
	if (precision !== 'ns' && precision !== 'n') {
		return { fault: `asks for the precision ${precision}, but times are nanoseconds. Remove precision=` };
	}
	url.hash = '';
	return { endpoint: { kind: 'http', url: url.href } };
}
