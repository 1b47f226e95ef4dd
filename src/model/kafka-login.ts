import { z } from 'zod';

const mechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'] as const;
/** What is wrong with it is said without saying what it is. */
const secret = z.string('must be text. Put it in quotes').min(1, 'is empty').optional();
const file = z.string().startsWith('/', 'must be a path from the root').optional();

/** Who we are for brokers of Kafka. */
export const kafkaSasl = z.strictObject({
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

type Sasl = z.infer<typeof kafkaSasl>;

/** The keys of the config by which we show brokers of Kafka who we are, and know who they are. */
export const kafkaLoginKeys = {
	tls: z.boolean().optional(),
	tls_ca_file: file,
	tls_cert_file: file,
	tls_key_file: file,
	tls_verify: z.boolean().default(true),
	sasl: kafkaSasl.optional(),
};

export type KafkaLogin = Readonly<z.infer<z.ZodObject<typeof kafkaLoginKeys>>>;

/** The part of settings that is of this. */
export function kafkaLoginIn(written: KafkaLogin): KafkaLogin {
	const { tls, tls_ca_file, tls_cert_file, tls_key_file, tls_verify, sasl } = written;
	return { tls, tls_ca_file, tls_cert_file, tls_key_file, tls_verify, sasl };
}

export function usesTls({
	tls,
	tls_ca_file,
	tls_cert_file,
}: Pick<KafkaLogin, 'tls' | 'tls_ca_file' | 'tls_cert_file'>): boolean {
	return tls ?? (tls_ca_file !== undefined || tls_cert_file !== undefined);
}

/** What is wrong with what was written, by where it stands. */
export function* faultsOfKafkaLogin(
	entry: KafkaLogin,
): Generator<readonly [path: readonly string[], message: string]> {
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
	if (entry.sasl !== undefined) yield* faultsOfSasl(entry.sasl);
}

function* faultsOfSasl(login: Sasl): Generator<readonly [readonly string[], string]> {
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

/** As a client of Kafka wants it. */
export interface ReadKafkaLogin {
	readonly tls?: {
		readonly rejectUnauthorized: boolean;
		readonly ca?: string;
		readonly cert?: string;
		readonly key?: string;
	};
	readonly sasl?:
		| {
				readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
				readonly username: string;
				readonly password: string;
		  }
		| { readonly mechanism: 'OAUTHBEARER'; readonly token: () => Promise<string> };
}

/** What the file of a key holds; undefined: there is no such key. Rejects with what the user is to see. */
type ReadSecret = (key: string, path: string | undefined) => Promise<string | undefined>;

/** Reads the files with secrets anew each time, so that they can be changed. Rejects as `read` does. */
export async function readKafkaLogin(entry: KafkaLogin, read: ReadSecret): Promise<ReadKafkaLogin> {
	const [tls, sasl] = await Promise.all([readTls(entry, read), readSasl(entry.sasl, read)]);
	return {
		...(tls === undefined ? {} : { tls }),
		...(sasl === undefined ? {} : { sasl }),
	};
}

async function readTls(entry: KafkaLogin, read: ReadSecret): Promise<ReadKafkaLogin['tls']> {
	if (!usesTls(entry)) return undefined;
	const [ca, cert, key] = await Promise.all([
		read('tls_ca_file', entry.tls_ca_file),
		read('tls_cert_file', entry.tls_cert_file),
		read('tls_key_file', entry.tls_key_file),
	]);
	return {
		rejectUnauthorized: entry.tls_verify,
		...(ca === undefined ? {} : { ca }),
		...(cert === undefined ? {} : { cert }),
		...(key === undefined ? {} : { key }),
	};
}

async function readSasl(login: KafkaLogin['sasl'], read: ReadSecret): Promise<ReadKafkaLogin['sasl']> {
	if (login === undefined) return undefined;
	const { mechanism, username, token_file: tokenFile } = login;
	if (mechanism !== 'OAUTHBEARER') {
		const password = login.password ?? (await read('sasl.password_file', login.password_file));
		return { mechanism, username: username ?? '', password: password ?? '' };
	}
	const token = async () => login.token ?? (await read('sasl.token_file', tokenFile)) ?? '';
	// A file that cannot be read is told at once, and a token that was renewed is shown when the broker asks again.
	await token();
	return { mechanism, token };
}
