import { z } from 'zod';
import { parseUrl } from '../../model/parse-url.ts';
import { file, secret, span } from '../shared/settings.ts';
import { urlOfCloudId } from './cloud-id.ts';

const url = z.string().transform((text, context) => {
	const wrong = wrongWithUrl(text);
	if (wrong === null) return withoutSlash(text);
	context.addIssue({ code: 'custom', message: wrong, input: text });
	return z.NEVER;
});

function withoutSlash(text: string): string {
	let end = text.length;
	while (text[end - 1] === '/') end--;
	return text.slice(0, end);
}

function wrongWithUrl(text: string): string | null {
	const url = /^https?:\/\/\S*$/i.test(text) ? parseUrl(text) : null;
	if (url === null) {
		return 'must be http://HOST:9200 or https://HOST:9200, with a path behind it if need be';
	}
	const { username, password, search, hash } = url;
	if (username !== '' || password !== '') {
		return 'holds a user or a password. Write them as username: and password_file:';
	}
	if (search !== '' || hash !== '') return 'ends with a query. Remove it';
	return null;
}

const cloudId = z
	.string()
	.refine((text) => urlOfCloudId(text) !== null, 'is no cloud id. Copy it from the page of the deployment');

const notInNames = /[\\/*?"<>| ,#:\p{Lu}\p{Cc}]/u;
/** As the server wants it. */
const indexName = z
	.string()
	.min(1)
	.refine((name) => Buffer.byteLength(name) <= 200, 'has more than 200 bytes')
	.refine(
		(name) => !notInNames.test(name) && !/^[-_+.]/.test(name),
		'must have no capitals, blanks and none of \\ / * ? " < > | , # : and not begin with - _ + or .',
	);

const keys = z.strictObject({
	urls: z.union([url.transform((one) => [one]), z.array(url).min(1).max(100)]).optional(),
	cloud_id: cloudId.optional(),
	api_key: secret,
	api_key_file: file,
	username: z.string().min(1).optional(),
	password: secret,
	password_file: file,
	tls_ca_file: file,
	tls_verify: z.boolean().default(true),
	gzip: z.boolean().default(false),
	index: indexName.optional(),
	data_stream: indexName.optional(),
	setup: z
		.strictObject({
			rollover: span.default(86_400),
			keep: span.default(30 * 86_400),
			shards: z.int().min(1).max(1024).default(1),
			replicas: z.int().min(0).max(100).default(1),
		})
		.prefault({}),
});

type Keys = z.infer<typeof keys>;

/** What an entry `type: elasticsearch` may say. */
export type ElasticsearchSettings = Keys;

export const settings = keys.superRefine((entry, context) => {
	for (const [key, message] of faultsOf(entry)) context.addIssue({ code: 'custom', path: [key], message });
});

const exclusive = [
	['urls', 'cloud_id'],
	['index', 'data_stream'],
	['api_key', 'api_key_file'],
	['password', 'password_file'],
] as const;

function* faultsOf(entry: Keys): Generator<readonly [keyof Keys, string]> {
	for (const [one, other] of exclusive) {
		if (entry[one] !== undefined && entry[other] !== undefined) {
			yield [one, `cannot stand beside ${other}. Keep one of them`];
		}
	}
	if (entry.urls === undefined && entry.cloud_id === undefined) {
		yield ['urls', 'is missing. Write urls: [http://HOST:9200], or cloud_id:'];
	}
	const password = entry.password ?? entry.password_file;
	if (entry.username !== undefined && password === undefined) {
		yield ['username', 'needs password_file: beside it. Write it'];
	}
	if (entry.username === undefined && password !== undefined) {
		yield ['username', 'is missing, whose password is there. Write it'];
	}
	if (entry.username !== undefined && (entry.api_key ?? entry.api_key_file) !== undefined) {
		yield ['username', 'cannot stand beside an api key. Keep one of them'];
	}
}

/** In the order in which they are tried. */
export function urlsOf({ urls, cloud_id }: ElasticsearchSettings): readonly string[] {
	return urls ?? [urlOfCloudId(cloud_id ?? '') ?? ''];
}

/** The data stream, index or alias that is written to. */
export function nameOf({ index, data_stream }: ElasticsearchSettings): string {
	return index ?? data_stream ?? 'pingmachine-results';
}

export function describeDestination(entry: ElasticsearchSettings): string {
	return `${urlsOf(entry).join(',')}/${nameOf(entry)}`;
}
