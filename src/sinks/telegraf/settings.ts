import { z } from 'zod';
import { file, secret } from '../shared/settings.ts';
import { describeEndpoint, type Endpoint, readEndpoint } from './url.ts';

const url = z.string().transform((text, context): Endpoint => {
	const read = readEndpoint(text);
	if ('endpoint' in read) return read.endpoint;
	context.addIssue({ code: 'custom', message: read.fault, input: text });
	return z.NEVER;
});

/** Numbers and yes or no are fine as values of tags. */
const tagText = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const keys = z.strictObject({
	url,
	summary: z.boolean().default(true),
	individual: z.enum(['spread', 'sent', 'none']).default('spread'),
	tags: z.record(z.string(), tagText).default({}),
	database: z.string().min(1).optional(),
	retention_policy: z.string().min(1).optional(),
	username: z.string().min(1).optional(),
	password: secret,
	password_file: file,
	org: z.string().min(1).optional(),
	bucket: z.string().min(1).optional(),
	token: secret,
	token_file: file,
	gzip: z.boolean().default(false),
	tls_ca_file: file,
	tls_verify: z.boolean().default(true),
	max_line_bytes: z
		.int()
		.min(1024)
		.max(64 * 1024 * 1024)
		.optional(),
});

type Keys = z.infer<typeof keys>;

/** What an entry `type: telegraf` may say. */
export type TelegrafSettings = Omit<Keys, 'url'> & { readonly url: Endpoint };

export const settings = keys.superRefine((entry, context) => {
	for (const [key, message] of faultsOf(entry)) {
		context.addIssue({ code: 'custom', path: [key], message, input: entry[key] });
	}
});

const httpKeys = [
	'database',
	'retention_policy',
	'username',
	'password',
	'password_file',
	'org',
	'bucket',
	'token',
	'token_file',
	'tls_ca_file',
] as const;

function* faultsOf(entry: Keys): Generator<readonly [keyof Keys, string]> {
	if (!entry.summary && entry.individual === 'none') {
		yield ['individual', 'leaves nothing to be sent together with summary: false. Remove one of them'];
	}
	if (entry.max_line_bytes !== undefined && entry.url.kind !== 'tcp' && entry.url.kind !== 'unix') {
		yield ['max_line_bytes', 'is for tcp:// and unix:// only. Remove it'];
	}
	if (entry.url.kind !== 'http') {
		for (const key of httpKeys) {
			if (entry[key] !== undefined) yield [key, 'is for http:// and https:// only. Remove it'];
		}
		if (entry.gzip) yield ['gzip', 'is for http:// and https:// only. Remove it'];
		return;
	}
	for (const [key, other] of exclusive) {
		if (entry[key] !== undefined && entry[other] !== undefined) {
			yield [key, `cannot stand beside ${other}. Keep one of them`];
		}
	}
	for (const [key, needed] of together) {
		if (entry[key] !== undefined && entry[needed] === undefined) {
			yield [key, `needs ${needed}: beside it. Write it`];
		}
	}
}

const exclusive = [
	['database', 'bucket'],
	['password', 'password_file'],
	['token', 'token_file'],
	['username', 'token'],
	['username', 'token_file'],
] as const;

const together = [
	['retention_policy', 'database'],
	['password', 'username'],
	['password_file', 'username'],
	['org', 'bucket'],
] as const;

/** The URL that is posted to: InfluxDB 1, InfluxDB 2 and Telegraf's influxdb_listener each have their own. */
export function writeUrl({ url, database, retention_policy, org, bucket }: TelegrafSettings): URL {
	const target = new URL(url.kind === 'http' ? url.url : '');
	const hasPath = target.pathname !== '/';
	if (!hasPath) target.pathname = bucket === undefined ? '/write' : '/api/v2/write';
	const query = { db: database, rp: retention_policy, org, bucket, precision: 'ns' };
	for (const [key, value] of Object.entries(query)) {
		if (value !== undefined) target.searchParams.set(key, value);
	}
	return target;
}

export function describeDestination(settings: TelegrafSettings): string {
	if (settings.url.kind !== 'http') return describeEndpoint(settings.url);
	return describeEndpoint({ kind: 'http', url: writeUrl(settings).href });
}
