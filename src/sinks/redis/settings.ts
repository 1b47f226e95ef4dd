import { isIPv6 } from 'node:net';
import { z } from 'zod';
import { parseUrl } from '../../model/parse-url.ts';
import { file, secret, span } from '../shared/settings.ts';

/** Where a Redis listens. */
export type RedisAddress =
	| { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls: boolean }
	| { readonly kind: 'unix'; readonly path: string };

const url = z.string().transform((text, context): { address: RedisAddress; database: number | undefined } => {
	const read = readUrl(text);
	if (typeof read !== 'string') return read;
	context.addIssue({ code: 'custom', message: read, input: text });
	return z.NEVER;
});

/** The address, or what is wrong. */
function readUrl(text: string) {
	const socket = /^unix:\/\/(\/.+)$/.exec(text)?.[1];
	if (socket !== undefined) return { address: { kind: 'unix', path: socket } as const, database: undefined };
	const url = /^rediss?:\/\//.test(text) ? parseUrl(text) : null;
	if (url === null) {
		return 'must be redis://HOST:PORT, rediss://HOST:PORT (TLS) or unix:///PATH, with /DATABASE behind it if you like';
	}
	const { protocol, hostname, port, username, password, pathname } = url;
	if (username !== '' || password !== '') {
		return 'holds a user or a password. Write them as username: and password_file:';
	}
	const [, digits] = /^\/?(\d{0,5})$/.exec(pathname) ?? [];
	if (digits === undefined || hostname === '')
		return 'must end with the number of a database, or with the port';
	const host = decodeURIComponent(hostname.replace(/^\[(.*)\]$/, '$1'));
	const tls = protocol === 'rediss:';
	const address = { kind: 'tcp', host, port: port === '' ? 6379 : Number(port), tls } as const;
	return { address, database: digits === '' ? undefined : Number(digits) };
}

const node = z
	.string()
	.regex(/^(?:\[[^\]]+\]|[^:\s]+):\d{1,5}$/, 'must be HOST:PORT, such as 127.0.0.1:26379');

/** How results are laid out in the database. */
const layouts = ['pingy-safe', 'pingy', 'stream', 'last', 'meshping'] as const;

const keys = z.strictObject({
	url: url.optional(),
	sentinel: z
		.strictObject({
			name: z.string().min(1),
			nodes: z.array(node).min(1),
			username: z.string().min(1).optional(),
			password_file: file,
			tls: z.boolean().default(false),
		})
		.optional(),
	username: z.string().min(1).optional(),
	password: secret,
	password_file: file,
	database: z.int().min(0).max(99_999).optional(),
	tls_ca_file: file,
	tls_verify: z.boolean().default(true),
	layout: z.enum(layouts).default('pingy-safe'),
	ttl: span.default(86_400),
	key: z.string().min(1).max(512).optional(),
	max_length: z.int().min(1).optional(),
});

type Keys = z.infer<typeof keys>;

/** What an entry `type: redis` may say. */
export type RedisSettings = Keys;

export const settings = keys.superRefine((entry, context) => {
	for (const [key, message] of faultsOf(entry)) {
		context.addIssue({ code: 'custom', path: [key], message, input: entry[key] });
	}
});

function* faultsOf(entry: Keys): Generator<readonly [keyof Keys, string]> {
	if (entry.url === undefined && entry.sentinel === undefined) {
		yield ['url', 'is missing. Write url: redis://HOST:PORT, or sentinel:'];
	}
	if (entry.url !== undefined && entry.sentinel !== undefined) {
		yield ['url', 'cannot stand beside sentinel, which says where the server is. Keep one of them'];
	}
	if (entry.password !== undefined && entry.password_file !== undefined) {
		yield ['password', 'cannot stand beside password_file. Keep one of them'];
	}
	if (entry.username !== undefined && (entry.password ?? entry.password_file) === undefined) {
		yield ['username', 'needs password_file: beside it. Write it'];
	}
	if (entry.url?.database !== undefined && entry.database !== undefined) {
		yield ['database', 'is in url: too. Keep one of them'];
	}
	if (entry.key !== undefined && entry.layout !== 'stream' && entry.layout !== 'last') {
		yield ['key', `is for layout: stream and last only: ${entry.layout} has names of its own. Remove it`];
	}
	if (entry.max_length !== undefined && entry.layout !== 'stream') {
		yield ['max_length', 'is for layout: stream only. Remove it'];
	}
}

export function describeDestination({ url, sentinel, database }: RedisSettings): string {
	const number = database ?? url?.database ?? 0;
	const suffix = number === 0 ? '' : `/${number}`;
	if (sentinel !== undefined) return `redis-sentinel://${sentinel.nodes.join(',')}/${sentinel.name}${suffix}`;
	const address = url?.address;
	if (address === undefined) return 'redis://';
	if (address.kind === 'unix') return `unix://${address.path}${suffix}`;
	const host = isIPv6(address.host) ? `[${address.host}]` : address.host;
	return `redis${address.tls ? 's' : ''}://${host}:${address.port}${suffix}`;
}
