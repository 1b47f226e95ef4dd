import { z } from 'zod';
import { file, secret } from '../shared/settings.ts';

const broker = z
	.string()
	.regex(
		/^(?:\[[\da-fA-F:.]{2,45}\]|[^:\s,/@[\]]{1,255}):\d{1,5}$/,
		'must be HOST:PORT, such as kafka-1:9092',
	)
	.refine((text) => Number(text.slice(text.lastIndexOf(':') + 1)) <= 65_535, 'has a port above 65535');

const topic = z
	.string()
	.regex(/^[\w.-]{1,249}$/, 'must have 1 to 249 letters, digits, dots, - and _')
	.refine((name) => name !== '.' && name !== '..', 'cannot be . or ..');

const mechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'] as const;

const sasl = z.strictObject({
	mechanism: z.preprocess(
		(written) => (typeof written === 'string' ? written.toUpperCase() : written),
		z.enum(mechanisms),
	),
	username: z.string().min(1).optional(),
	password: secret,
	password_file: file,
	token: secret,
	token_file: file,
});

/** Numbers and yes or no are fine as values. */
const headerText = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const keys = z.strictObject({
	brokers: z.union([broker.transform((one) => [one]), z.array(broker).min(1).max(100)]),
	topic: topic.optional(),
	format: z.enum(['pingmachine', 'canary']).default('pingmachine'),
	/** With `format: canary`, where no point of presence measured. */
	canary_id: z.string().min(1).max(200).optional(),
	compression: z.enum(['none', 'gzip', 'snappy', 'lz4']).default('lz4'),
	headers: z.record(z.string().min(1).max(249), headerText).default({}),
	client_id: z
		.string()
		.regex(/^[\w.-]{1,249}$/, 'must have 1 to 249 letters, digits, dots, - and _')
		.default('pingmachine'),
	tls: z.boolean().optional(),
	tls_ca_file: file,
	tls_cert_file: file,
	tls_key_file: file,
	tls_verify: z.boolean().default(true),
	sasl: sasl.optional(),
});

type Keys = z.infer<typeof keys>;

/** What an entry `type: kafka` may say. */
export type KafkaSettings = Keys;

export const settings = keys.superRefine((entry, context) => {
	for (const [path, message] of faultsOf(entry))
		context.addIssue({ code: 'custom', path: [...path], message });
});

function* faultsOf(entry: Keys): Generator<readonly [readonly string[], string]> {
	const { tls, tls_cert_file: cert, tls_key_file: key } = entry;
	if (tls === false) {
		for (const name of ['tls_ca_file', 'tls_cert_file', 'tls_key_file'] as const) {
			if (entry[name] !== undefined) yield [[name], 'is for tls: true only. Remove one of them'];
		}
	}
	if (cert !== undefined && key === undefined) {
		yield [['tls_cert_file'], 'needs tls_key_file: beside it. Write it'];
	}
	if (key !== undefined && cert === undefined) {
		yield [['tls_key_file'], 'needs tls_cert_file: beside it. Write it'];
	}
	if (entry.sasl !== undefined) yield* faultsOfLogin(entry.sasl);
}

function* faultsOfLogin(login: NonNullable<Keys['sasl']>): Generator<readonly [readonly string[], string]> {
	const { mechanism } = login;
	const [own, others] =
		mechanism === 'OAUTHBEARER' ? ([tokenKeys, passwordKeys] as const) : ([passwordKeys, tokenKeys] as const);
	for (const name of others) {
		if (login[name] !== undefined) yield [['sasl', name], `is not for mechanism: ${mechanism}. Remove it`];
	}
	const [text, path] =
		own === tokenKeys ? (['token', 'token_file'] as const) : (['password', 'password_file'] as const);
	if (login[text] !== undefined && login[path] !== undefined) {
		yield [['sasl', text], `cannot stand beside ${path}. Keep one of them`];
	}
	if ((login[text] ?? login[path]) === undefined) {
		yield [['sasl', path], `is missing, which mechanism: ${mechanism} needs. Write it`];
	}
	if (own === passwordKeys && login.username === undefined) {
		yield [['sasl', 'username'], `is missing, which mechanism: ${mechanism} needs. Write it`];
	}
}

const passwordKeys = ['username', 'password', 'password_file'] as const;
const tokenKeys = ['token', 'token_file'] as const;

export function usesTls({ tls, tls_ca_file, tls_cert_file }: KafkaSettings): boolean {
	return tls ?? (tls_ca_file !== undefined || tls_cert_file !== undefined);
}

export function topicOf({ topic, format }: KafkaSettings): string {
	return topic ?? (format === 'canary' ? 'canary-results' : 'pingmachine.results');
}

export function describeDestination(entry: KafkaSettings): string {
	return `kafka${usesTls(entry) ? 's' : ''}://${entry.brokers.join(',')}/${topicOf(entry)}`;
}
