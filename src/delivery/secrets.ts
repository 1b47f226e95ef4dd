import { isMapping } from '../reading/yaml-mapping.ts';

/** Those that end so name a file that holds one, and whoever is to mend it needs its path. */
const fileKey = /_file$/i;
const secretKey = /pass|token|secret|auth|credential|api.?key/i;

/** A function that hides the passwords and tokens of a sink's settings in what is said about it. */
export function hiderFor(settings: unknown): (text: string) => string {
	const secrets = [...new Set(secretsIn(settings, false))].filter((secret) => secret.length > 2);
	// The longest first: one may be a part of another.
	secrets.sort((a, b) => b.length - a.length);
	return (text) => secrets.reduce((hidden, secret) => hidden.replaceAll(secret, '***'), text);
}

function secretsIn(value: unknown, isSecret: boolean): string[] {
	if (typeof value === 'string' || typeof value === 'number') {
		return isSecret ? [String(value)] : passwordsOf(String(value));
	}
	if (Array.isArray(value)) return value.flatMap((one) => secretsIn(one, isSecret));
	if (!isMapping(value)) return [];
	const isSecretKey = (key: string) => secretKey.test(key) && !fileKey.test(key);
	return Object.entries(value).flatMap(([key, inner]) => secretsIn(inner, isSecret || isSecretKey(key)));
}

/** Of a URL, as written and as meant. */
function passwordsOf(text: string): string[] {
	const [, authority = ''] = /^[a-z][a-z\d+.-]*:\/\/([^/?#\s]*)/i.exec(text) ?? [];
	const [colon, at] = [authority.indexOf(':'), authority.lastIndexOf('@')];
	if (colon === -1 || at < colon) return [];
	const password = authority.slice(colon + 1, at);
	try {
		return [password, decodeURIComponent(password)];
	} catch {
		return [password];
	}
}
