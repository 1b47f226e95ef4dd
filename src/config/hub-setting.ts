import { isIP } from 'node:net';
import { z } from 'zod';
import { inWords } from '../model/findings.ts';
import { faultsOfKafkaLogin, type KafkaLogin, kafkaLoginIn, kafkaLoginKeys } from '../model/kafka-login.ts';
import { parseUrl } from '../model/parse-url.ts';
import { spanAsNumber } from '../model/span.ts';

/** Brokers that carry orders and results. */
export interface HubKafkaSettings {
	readonly brokers: readonly string[];
	/** What the names of the topics begin with. */
	readonly prefix: string;
	/** A topic for the results of each point of presence, or one for all. */
	readonly results: 'each' | 'shared';
	readonly login: KafkaLogin;
}

/** Where a platform's own canaries tell what they measure. */
export interface CanarySettings {
	readonly brokers: readonly string[];
	readonly topic: string;
	readonly stepSeconds: number;
	readonly ordersMax: number;
	readonly login: KafkaLogin;
}

/** What `hub:` in the config says. */
export interface HubSettings {
	/** Where points of presence reach it; null: not over HTTPS. */
	readonly listen: { readonly host: string; readonly port: number } | null;
	/** The address that is written into join files; null: made of `listen`. */
	readonly url: string | null;
	/** `clientCaFile`: who comes has to show a certificate of one of these. */
	readonly tls: {
		readonly certFile: string;
		readonly keyFile: string;
		readonly clientCaFile: string | null;
	} | null;
	/** How other hubs call this one; null: by its host. */
	readonly name: string | null;
	/** The key that orders are signed with, if several hubs share one. */
	readonly keyFile: string | null;
	/** How long points of presence go on measuring when they hear nothing. */
	readonly validForSeconds: number;
	readonly kafka: HubKafkaSettings | null;
	readonly canaries: CanarySettings | null;
}

const file = z.string().startsWith('/', 'must be a path from the root').optional();
const listenForms = 'an address and a port such as 127.0.0.1:9923 or [::]:9923';

const listen = z.string().transform((text, context) => {
	const [, v6, v4, port = ''] =
		/^(?:\[([0-9a-f:.]{2,45})\]|([\d.]{7,15}|localhost)):(\d{1,5})$/i.exec(text) ?? [];
	const host = v6 ?? (v4 === 'localhost' ? '127.0.0.1' : v4) ?? '';
	if (isIP(host) !== 0 && Number(port) <= 65_535) return { host, port: Number(port) };
	context.addIssue({ code: 'custom', message: `must be ${listenForms}, not ${inWords(text)}`, input: text });
	return z.NEVER;
});

const url = z.string().refine(isHubUrl, {
	error: ({ input }) =>
		`must be a URL of https or http such as https://hub.example.net:9923, not ${inWords(input)}`,
});

/** Whether it names a server and nothing below it. */
function isHubUrl(text: string): boolean {
	const url = parseUrl(text);
	if (url === null) return false;
	const { protocol, pathname, search, hash, username, password } = url;
	return (
		(protocol === 'https:' || protocol === 'http:') &&
		pathname === '/' &&
		`${search}${hash}${username}${password}` === ''
	);
}

/** Whether what is sent there stays on this machine. */
function isLoopback(host: string): boolean {
	return host.startsWith('127.') || host === '::1' || host === '[::1]' || host === 'localhost';
}

const broker = z
	.string()
	.regex(/^(?:\[[0-9a-f:.]+\]|[^\s:/@[\]]+):\d{1,5}$/i, 'must be a host and a port, such as kafka:9092');
const brokers = z.array(broker).min(1).max(100);
const topic = z.string().regex(/^[\w.-]{1,200}$/, 'must have 1 to 200 letters, digits, . _ and -');
const span = (least: number, most: number) =>
	z.preprocess(spanAsNumber('s'), z.number().min(least).max(most));

const keys = z.strictObject({
	listen: listen.optional(),
	url: url.optional(),
	tls_cert_file: file,
	tls_key_file: file,
	tls_client_ca_file: file,
	key_file: file,
	name: z
		.string()
		.regex(/^[\w.-]{1,100}$/, 'must have 1 to 100 letters, digits, . _ and -')
		.optional(),
	valid_for: span(60, 90 * 86_400).optional(),
	kafka: z
		.strictObject({
			brokers,
			prefix: topic.optional(),
			results: z.enum(['each', 'shared']).optional(),
			...kafkaLoginKeys,
		})
		.optional(),
	canaries: z
		.strictObject({
			brokers,
			topic: topic.optional(),
			step: span(1, 86_400).optional(),
			max_orders: z.int().min(1).max(1_000_000).optional(),
			...kafkaLoginKeys,
		})
		.optional(),
});

type Keys = z.infer<typeof keys>;

const usualValidForSeconds = 86_400;

/** `hub:` in the config file. */
export const hubSetting = keys
	.superRefine((written, context) => {
		for (const [key, message] of faultsOf(written))
			context.addIssue({ code: 'custom', path: [key], message, input: written[key] });
		for (const key of ['kafka', 'canaries'] as const) {
			for (const [path, message] of faultsOfKafkaLogin(written[key] ?? { tls_verify: true }))
				context.addIssue({ code: 'custom', path: [key, ...path], message });
		}
	})
	.transform(settingsOf);

function* faultsOf(written: Keys): Generator<readonly [keyof Keys, string]> {
	const { listen: at, tls_cert_file: cert, tls_key_file: key, kafka, canaries } = written;
	if (at === undefined && kafka === undefined && canaries === undefined)
		yield ['listen', `is missing. Write ${listenForms}, or kafka: with brokers:`];
	if (cert !== undefined && key === undefined)
		yield ['tls_key_file', 'is missing: it goes with tls_cert_file'];
	if (key !== undefined && cert === undefined)
		yield ['tls_cert_file', 'is missing: it goes with tls_key_file'];
	if (written.tls_client_ca_file !== undefined && cert === undefined)
		yield ['tls_client_ca_file', 'needs tls_cert_file: and tls_key_file: beside it. Write them'];
	if (at !== undefined && cert === undefined && !isLoopback(at.host))
		yield [
			'tls_cert_file',
			'is missing: without TLS everybody on the way can read tokens. Write tls_cert_file: and tls_key_file:, or listen on 127.0.0.1',
		];
}

function settingsOf(written: Keys): HubSettings {
	const { listen: at, url: told, tls_cert_file: certFile, tls_key_file: keyFile, kafka, canaries } = written;
	return {
		listen: at ?? null,
		url: told ?? null,
		tls:
			certFile === undefined || keyFile === undefined
				? null
				: { certFile, keyFile, clientCaFile: written.tls_client_ca_file ?? null },
		keyFile: written.key_file ?? null,
		name: written.name ?? null,
		validForSeconds: written.valid_for ?? usualValidForSeconds,
		kafka:
			kafka === undefined
				? null
				: {
						...{ brokers: kafka.brokers, prefix: kafka.prefix ?? 'pingmachine' },
						...{ results: kafka.results ?? 'each', login: kafkaLoginIn(kafka) },
					},
		canaries:
			canaries === undefined
				? null
				: {
						brokers: canaries.brokers,
						topic: canaries.topic ?? 'canary-results',
						stepSeconds: Math.round(canaries.step ?? 60),
						ordersMax: canaries.max_orders ?? 10_000,
						login: kafkaLoginIn(canaries),
					},
	};
}
