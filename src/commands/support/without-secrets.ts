import { isMapping } from '../../reading/yaml-mapping.ts';

/** Keys whose values nobody else should see. Those of files and of users are only names. */
const secretKeys =
	/pass(?:word|phrase|wd)?|secret|token|credential|bearer|cookie|api_?key|authorization|^headers$|^auth$|^hmac$/i;
const nameKeys = /_(?:file|user|name)$|^tokens_file$/i;
const hidden = '***';
const urlStart = /^([a-z][a-z0-9+.-]{0,30}:\/\/)([^/?#]*@)?([^/?#]*)([\s\S]*)$/i;

/**
 * The same settings for other people's eyes: no passwords, no tokens, of URLs no user and password, and nothing behind the
 * host of those that can be a secret in themselves, as those of web hooks are.
 */
export function withoutSecrets(value: unknown, key = '', isBelowNotifier = false): unknown {
	if (Array.isArray(value)) return value.map((one) => withoutSecrets(one, key, isBelowNotifier));
	if (isMapping(value)) {
		if (secretKeys.test(key) && !nameKeys.test(key)) return hidden;
		const entries = Object.entries(value);
		const isNotifier = isBelowNotifier || key === 'notifiers' || key === 'heartbeat';
		return Object.fromEntries(entries.map(([name, one]) => [name, withoutSecrets(one, name, isNotifier)]));
	}
	if (value === null || value === undefined || typeof value === 'boolean') return value;
	if (secretKeys.test(key) && !nameKeys.test(key)) return hidden;
	return typeof value === 'string' ? ofUrl(value, isBelowNotifier) : value;
}

function ofUrl(text: string, isSecretItself: boolean): string {
	const [, scheme = '', login = '', host = '', rest = ''] = urlStart.exec(text) ?? [];
	if (scheme === '') return text;
	const behind = isSecretItself && rest.length > 1 ? `/${hidden}` : withoutValues(rest);
	return `${scheme}${login === '' ? '' : `${hidden}@`}${host}${behind}`;
}

/** A path with its query, whose values are left out. */
function withoutValues(rest: string): string {
	const at = rest.indexOf('?');
	if (at === -1) return rest;
	const parts = rest.slice(at + 1).split('&');
	const names = parts.map((part) =>
		part.includes('=') ? `${part.slice(0, part.indexOf('='))}=${hidden}` : part,
	);
	return `${rest.slice(0, at)}?${names.join('&')}`;
}
