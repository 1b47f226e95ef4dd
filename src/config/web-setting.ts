import { isIP } from 'node:net';
import { z } from 'zod';
import { inWords } from '../model/findings.ts';
import { isUrl } from '../model/parse-url.ts';
import { spanAsNumber } from '../model/span.ts';
import { type ReadSection, readStrict } from '../reading/strict-section.ts';

/** Where the web server listens. */
export type ListenAddress =
	| { readonly host: string; readonly port: number }
	/** A socket in the file system. */
	| { readonly path: string };

/** What needs no token where it is named below `public:`. */
export const publicParts = ['health', 'metrics', 'sd', 'status', 'badges', 'pages', 'api'] as const;
export type PublicPart = (typeof publicParts)[number];

/** Metrics with the names of neighbours. */
const compatBlocks = ['meshping', 'smokeping', 'canary'] as const;
export type CompatBlock = (typeof compatBlocks)[number];

/** What `web:` in the config says. */
export interface WebSettings {
	readonly listen: readonly ListenAddress[];
	readonly tls: { readonly certFile: string; readonly keyFile: string } | null;
	readonly tokensFile: string | null;
	/** What needs no token. */
	readonly public: readonly PublicPart[];
	readonly compat: readonly CompatBlock[];
	/** Tags that are labels of every series. */
	readonly labels: readonly string[];
	/** Upper bounds of the classic buckets, seconds, ascending. */
	readonly buckets: readonly number[];
	/** So many series are served at most. */
	readonly seriesMax: number;
	/** Names, beside addresses and this machine's own, by which the server may be asked without a token. */
	readonly hosts: readonly string[];
	/** What `/public` shows; null: there is no such page. */
	readonly statusPage: {
		readonly title: string | null;
		/** Ids, folders and patterns. */
		readonly orders: readonly string[];
	} | null;
	/** At which URL people reach it, for links in messages. */
	readonly url?: string;
}

const usualListen: ListenAddress = { host: '127.0.0.1', port: 9922 };
export const usualBuckets: readonly number[] = [
	0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2,
];
const usualSeriesMax = 1_000_000;

const listenForms = 'an address and a port such as 127.0.0.1:9922 or [::]:9922, or unix:/PATH';

/** Null when it is none. */
function listenAddressOf(text: string): ListenAddress | null {
	if (text.startsWith('unix:/')) return { path: text.slice('unix:'.length) };
	const [, v6, v4, port = ''] =
		/^(?:\[([0-9a-f:.]{2,45})\]|([\d.]{7,15}|localhost)):(\d{1,5})$/i.exec(text) ?? [];
	const host = v6 ?? (v4 === 'localhost' ? '127.0.0.1' : v4) ?? '';
	if (isIP(host) === 0 || Number(port) > 65_535) return null;
	return { host, port: Number(port) };
}

const listenAddress = z.string().transform((text, context): ListenAddress => {
	const address = listenAddressOf(text);
	if (address !== null) return address;
	context.addIssue({ code: 'custom', message: `must be ${listenForms}, not ${inWords(text)}`, input: text });
	return z.NEVER;
});

const file = z.string().startsWith('/', 'must be a path from the root').optional();
const bound = z.preprocess(
	spanAsNumber('s'),
	z.number('must be seconds').positive('must be more than 0 seconds'),
);

/** Upper bounds of classic buckets, of `web:` and of orders. */
const bucketsOption = z
	.array(bound)
	.min(1)
	.max(64)
	.refine((bounds) => bounds.every((value, at) => at === 0 || value > (bounds[at - 1] ?? 0)), {
		message: 'must grow from one to the next',
	});

const keys = z.strictObject({
	listen: z.union([listenAddress, z.array(listenAddress).min(1).max(16)]).optional(),
	tls_cert_file: file,
	tls_key_file: file,
	tokens_file: file,
	public: z.array(z.enum(publicParts)).optional(),
	compat: z.array(z.enum(compatBlocks)).optional(),
	labels: z.array(z.string().min(1)).max(32).optional(),
	buckets: bucketsOption.optional(),
	series_max: z.int().min(1).max(100_000_000).optional(),
	hosts: z.array(z.string().min(1).toLowerCase()).max(64).optional(),
	status_page: z
		.strictObject({
			title: z.string().trim().min(1).max(200).optional(),
			orders: z.array(z.string().min(1).max(4096)).min(1).max(1000),
		})
		.optional(),
	url: z
		.string()
		.regex(/^https?:\/\/[^\s?#]+$/i, 'must be a URL such as https://ping.example.net')
		.refine((url) => isUrl(url), 'is not a URL')
		.optional(),
});

type Keys = z.infer<typeof keys>;

/** The names of its keys. */
export const webKeys: readonly string[] = Object.keys(keys.shape);

/** `web:` in the config file. */
export const webSetting = keys
	.superRefine((written, context) => {
		for (const [key, message] of faultsOf(written))
			context.addIssue({ code: 'custom', path: [key], message, input: written[key] });
	})
	.transform(settingsOf);

function* faultsOf(written: Keys): Generator<readonly [keyof Keys, string]> {
	const { tls_cert_file: cert, tls_key_file: key, tokens_file: tokens } = written;
	if (cert !== undefined && key === undefined)
		yield ['tls_key_file', 'is missing: it goes with tls_cert_file'];
	if (key !== undefined && cert === undefined)
		yield ['tls_cert_file', 'is missing: it goes with tls_key_file'];
	if (tokens === undefined && written.public === undefined && !listenOf(written).every(isOfThisMachine))
		yield [
			'tokens_file',
			'is missing: others than this machine could read everything. Write tokens_file: (`pingmachine web token` ' +
				'fills it), or public: with what anybody may read, or listen on 127.0.0.1',
		];
}

function listenOf({ listen = usualListen }: Keys): readonly ListenAddress[] {
	return Array.isArray(listen) ? listen : [listen as ListenAddress];
}

/** Whether only programs on this machine can reach it. */
function isOfThisMachine(address: ListenAddress): boolean {
	if ('path' in address) return true;
	return address.host.startsWith('127.') || address.host === '::1';
}

function settingsOf(written: Keys): WebSettings {
	const { tls_cert_file: certFile, tls_key_file: keyFile } = written;
	const listen = listenOf(written);
	const isOpen = written.tokens_file === undefined && listen.every(isOfThisMachine);
	return {
		listen,
		tls: certFile === undefined || keyFile === undefined ? null : { certFile, keyFile },
		tokensFile: written.tokens_file ?? null,
		// On this machine alone, and without tokens, all may be read.
		public: isOpen ? publicParts : (written.public ?? ['health']),
		compat: written.compat ?? [],
		labels: written.labels ?? [],
		buckets: written.buckets ?? usualBuckets,
		seriesMax: written.series_max ?? usualSeriesMax,
		hosts: written.hosts ?? [],
		statusPage:
			written.status_page === undefined
				? null
				: { title: written.status_page.title ?? null, orders: written.status_page.orders },
		...(written.url === undefined ? {} : { url: written.url.replace(/\/+$/, '') }),
	};
}

/** Reads `web:` as it may also come from the command line. */
export function readWebSetting(written: unknown): ReadSection<WebSettings> {
	return readStrict(webSetting, written, 'web');
}
