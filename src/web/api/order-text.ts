import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { madeByKey, madeByWeb } from '../../model/made-by.ts';
import type { OrderFinding } from '../../model/order.ts';
import { isMapping, type Mapping, readMapping } from '../../reading/yaml-mapping.ts';

/** The text of an order as it is to be written, or what is wrong with what was sent. */
export type SentOrder = { readonly text: string } | { readonly findings: readonly OrderFinding[] };

/**
 * The order that somebody sent, with the sender as its user, and for ever unless it says otherwise. What they wrote stays
 * as they wrote it, comments and all.
 *
 * @param isJson whether it was sent as JSON; else it is YAML
 */
export function orderFromBody(body: Buffer, isJson: boolean, user: string): SentOrder {
	if (!isUtf8(body)) return fault('is not valid UTF-8. Send it as UTF-8');
	const sent = isJson ? plainJson(body.toString('utf8')) : body.toString('utf8').replace(/^\uFEFF/, '');
	if (sent === null) return fault('is not valid JSON. Mend it, or send YAML as application/yaml');
	const read = readMapping(sent);
	if ('finding' in read) return { findings: [read.finding] };
	const mapping = read.mapping ?? {};
	const written = mapping['user'];
	if (written !== undefined && written !== null && String(written) !== user)
		return fault(`must be ${user}, whose token this is. Leave it out`, 'user');
	const madeBy = mapping[madeByKey];
	if (madeBy !== undefined && madeBy !== madeByWeb)
		return fault(`must be ${madeByWeb}. Leave it out`, madeByKey);
	const added = [
		...(written === undefined || written === null ? [['user', user] as const] : []),
		...('expires' in mapping ? [] : [['expires', 'never'] as const]),
		...(madeBy === undefined ? [[madeByKey, madeByWeb] as const] : []),
	];
	const text = withKeys(sent, mapping, added);
	if (text !== null) return { text };
	return fault(`cannot be added here. Write it: ${user}`, added[0]?.[0]);
}

function plainJson(text: string): string | null {
	try {
		return `${JSON.stringify(JSON.parse(text), null, 2)}\n`;
	} catch {
		return null;
	}
}

function fault(message: string, key?: string): SentOrder {
	return { findings: [key === undefined ? { message } : { key, message }] };
}

type Keys = readonly (readonly [key: string, value: string])[];

/** Null when the text is written so that nothing can be added to it. */
function withKeys(text: string, mapping: Mapping, added: Keys): string | null {
	if (added.length === 0) return text;
	const wanted = JSON.stringify({ ...mapping, ...Object.fromEntries(added) });
	const candidates = [() => atEnd(text, added), () => inBraces(text, added), () => atStart(text, added)];
	for (const make of candidates) {
		const candidate = make();
		const read = readMapping(candidate);
		if ('mapping' in read && isMapping(read.mapping) && sameKeys(read.mapping, wanted)) return candidate;
	}
	return null;
}

function sameKeys(mapping: Mapping, wanted: string): boolean {
	const sorted = (value: object) =>
		JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
	return sorted(mapping) === sorted(JSON.parse(wanted) as object);
}

function atEnd(text: string, added: Keys): string {
	const lines = added.map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`).join('');
	return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${lines}`;
}

function atStart(text: string, added: Keys): string {
	return `${added.map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`).join('')}${text}`;
}

/** As in JSON: a comma follows where there are other keys. */
function inBraces(text: string, added: Keys): string {
	const at = text.indexOf('{') + 1;
	const pairs = added.map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`).join(', ');
	return `${text.slice(0, at)}${pairs}, ${text.slice(at)}`;
}

/** What `ETag` and `If-Match` have for a text. */
export function etagOf(text: string): string {
	return `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
}

/** Whether a list of tags, as in `If-Match`, has this one; `*` has all that there is. */
export function hasEtag(list: string, etag: string | null): boolean {
	const tags = list.slice(0, 1000).split(',');
	return etag !== null && tags.some((tag) => tag.trim() === '*' || tag.trim() === etag);
}
