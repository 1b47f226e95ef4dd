import { validateHeaderName, validateHeaderValue } from 'node:http';
import { isIP } from 'node:net';
import { z } from 'zod';
import { inWords } from '../../src/model/findings.ts';
import { once } from '../../src/model/once.ts';
import type { ProbeFinding, Timing } from '../../src/model/probe.ts';
import { spanAsNumber } from '../../src/model/span.ts';
import { sourceIpOption } from '../shared/addressing.ts';
import { checkInterval, intervalOption } from '../shared/fping-pace.ts';
import { checkTls, fileOption, type TlsOptions, tlsOptions } from '../shared/tls/options.ts';
import { type JsonExpectation, jsonOption, patternsOption, statusOption } from './expectations.ts';
import { literalFamily, type ReadText, readProxy, readUrl } from './url.ts';

export interface HttpOptions extends Readonly<Record<string, unknown>>, TlsOptions {
	/** As the WHATWG writes it; with user and password, if it has them. */
	readonly url: string;
	readonly method: string;
	readonly headers?: Readonly<Record<string, string>> | undefined;
	readonly body?: string | undefined;
	readonly status: readonly string[];
	readonly match?: readonly string[] | undefined;
	readonly not_match?: readonly string[] | undefined;
	readonly json?: readonly JsonExpectation[] | undefined;
	/** So many are followed; 0: none, the redirect is the answer. */
	readonly redirects: number;
	/** `http://user:password@host:port/`; without the port if it is 80. */
	readonly proxy?: string | undefined;
	readonly username?: string | undefined;
	readonly password_file?: string | undefined;
	readonly token_file?: string | undefined;
	readonly http_version?: '1.1' | '2' | undefined;
	readonly family: 4 | 6 | 'auto';
	readonly resolve?: string | undefined;
	readonly source_ip?: string | undefined;
	readonly until: 'headers' | 'body';
	/** Milliseconds between the pings to one URL. */
	readonly interval?: number | undefined;
	/** Milliseconds until a ping is lost. */
	readonly timeout?: number | undefined;
}

const trimmed = once(() => z.string().transform((text) => text.trim()));

/** Text that `read` brings into one form. */
function readBy(read: (text: string) => ReadText) {
	return trimmed().transform((text, context) => {
		const result = read(text);
		if ('value' in result) return result.value;
		context.addIssue({ code: 'custom', message: result.fault });
		return z.NEVER;
	});
}

const methodOption = trimmed()
	.transform((method) => method.toUpperCase())
	.superRefine((method, context) => {
		if (/^[A-Z]{3,20}$/.test(method) && method !== 'CONNECT') return;
		const message = `is not a method: ${inWords(method)}. Write one such as GET, HEAD or POST`;
		context.addIssue({ code: 'custom', message });
	});

const headersMax = 50;
const headerBytesMax = 8000;
/** What the connection, and the length of the body, make of themselves. */
const ours: ReadonlySet<string> = new Set([
	...[
		'connection',
		'keep-alive',
		'content-length',
		'transfer-encoding',
		'upgrade',
		'te',
		'trailer',
		'expect',
	],
	...['proxy-connection', 'proxy-authorization'],
]);

const headersOption = once(() =>
	z
		.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String))
		.superRefine((headers, context) => {
			const fault = wrongWithHeaders(Object.entries(headers));
			if (fault !== null) context.addIssue({ code: 'custom', message: fault });
		}),
);

function wrongWithHeaders(headers: readonly (readonly [string, string])[]): string | null {
	if (headers.length > headersMax) return `has more than ${headersMax} headers`;
	const names = new Set<string>();
	let bytes = 0;
	for (const [name, value] of headers) {
		const lower = name.toLowerCase();
		if (ours.has(lower)) return `must not set ${name}, which goes with the connection. Leave it out`;
		if (names.has(lower)) return `has ${name} twice`;
		names.add(lower);
		bytes += name.length + value.length + 4;
		try {
			validateHeaderName(name);
			validateHeaderValue(name, value);
		} catch {
			return `has a header that cannot be sent: ${inWords(name)}. Write its name and value in one line of ASCII`;
		}
	}
	return bytes > headerBytesMax ? `is longer than ${headerBytesMax} characters` : null;
}

const redirectsMax = 20;
const redirectsUsual = 10;

const redirectsOption = once(() =>
	z.preprocess(
		(value) => {
			const text = String(value).trim().toLowerCase();
			if (value === undefined || text === 'true' || text === 'yes') return redirectsUsual;
			if (text === 'false' || text === 'no') return 0;
			return typeof value === 'string' && /^\d+$/.test(text) ? Number(text) : value;
		},
		z.int(`must be true, false or how many are followed, 0 to ${redirectsMax}`).min(0).max(redirectsMax),
	),
);

const familyOption = once(() =>
	z.preprocess(
		(value) => (value === 4 || value === 6 ? String(value) : value),
		z
			.enum(['4', '6', 'auto'])
			.default('auto')
			.transform((family) => (family === 'auto' ? family : (Number(family) as 4 | 6))),
	),
);

const versionOption = once(() =>
	z.preprocess(
		(value) => (typeof value === 'number' ? String(value) : value === '2.0' ? '2' : value),
		z.enum(['1.1', '2']).optional(),
	),
);

const leastTimeoutMs = 10;
const longestTimeoutMs = 60_000;
/** Answers that take longer are lost, unless the order says more. */
export const usualTimeoutMs = 10_000;
const userMax = 250;
/** An order has 64 KiB. */
const bodyMax = 60_000;

export const httpOptions = once(() =>
	z.strictObject({
		url: readBy(readUrl),
		method: methodOption.default('GET'),
		headers: headersOption().optional(),
		body: z.string().max(bodyMax).optional(),
		status: statusOption,
		match: patternsOption,
		not_match: patternsOption,
		json: jsonOption,
		redirects: redirectsOption(),
		proxy: readBy(readProxy).optional(),
		username: z.string().min(1).max(userMax).optional(),
		password_file: fileOption().optional(),
		token_file: fileOption().optional(),
		...tlsOptions,
		http_version: versionOption(),
		family: familyOption(),
		resolve: sourceIpOption().optional(),
		source_ip: sourceIpOption().optional(),
		until: z.enum(['headers', 'body']).default('headers'),
		interval: intervalOption(),
		timeout: z.preprocess(
			spanAsNumber('ms'),
			z.number().min(leastTimeoutMs).max(longestTimeoutMs).transform(Math.round).optional(),
		),
	}),
);

/** What the schema cannot say. */
export function checkHttp(options: HttpOptions, timing: Timing): ProbeFinding[] {
	return [
		...checkTls(options),
		...checkCredentials(options),
		...checkFamilies(options),
		...checkInterval(options.interval, timing),
	];
}

function checkCredentials({
	username,
	password_file: password,
	token_file: token,
}: HttpOptions): ProbeFinding[] {
	if (token !== undefined && (username ?? password) !== undefined)
		return [
			{ key: 'token_file', message: 'cannot stand beside username and password_file. Keep one of them' },
		];
	if ((username === undefined) === (password === undefined)) return [];
	const [has, lacks] = username === undefined ? ['password_file', 'username'] : ['username', 'password_file'];
	return [{ key: has, message: `needs ${lacks} beside it. Write both, or neither` }];
}

function checkFamilies({ url, proxy, family, resolve, source_ip: source }: HttpOptions): ProbeFinding[] {
	if (resolve !== undefined && proxy !== undefined)
		return [
			{
				key: 'resolve',
				message: 'cannot stand beside proxy, which looks up the name itself. Keep one of them',
			},
		];
	const literal = resolve === undefined ? literalFamily(proxy ?? url) : isIP(resolve);
	const what = resolve !== undefined ? 'resolve' : proxy !== undefined ? 'the proxy' : 'the url';
	if (family !== 'auto' && literal !== 0 && literal !== family)
		return [
			{ key: 'family', message: `is ${family}, but ${what} has an IPv${literal} address. Leave it out` },
		];
	const wanted = literal === 0 ? family : literal;
	if (source === undefined || wanted === 'auto' || isIP(source) === wanted) return [];
	const message = `is an IPv${isIP(source)} address, but the connection is over IPv${wanted}. Write an IPv${wanted} address`;
	return [{ key: 'source_ip', message }];
}
