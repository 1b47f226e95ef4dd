import type { ProducerOptions } from '@platformatic/kafka';
import { readSecret } from '../shared/secret-files.ts';
import { type KafkaSettings, usesTls } from './settings.ts';

/** How we show who we are, and who has to answer. */
export type Login = Pick<ProducerOptions<Buffer, Buffer, Buffer, Buffer>, 'tls' | 'sasl'>;

/** Reads the files with secrets anew, so that they can be changed. Rejects with what the user is to see. */
export async function loginOf(entry: KafkaSettings): Promise<Login> {
	const [tls, sasl] = await Promise.all([tlsOf(entry), saslOf(entry.sasl)]);
	return {
		...(tls === undefined ? {} : { tls }),
		...(sasl === undefined ? {} : { sasl }),
	};
}

async function tlsOf(entry: KafkaSettings): Promise<Login['tls']> {
	if (!usesTls(entry)) return undefined;
	const [ca, cert, key] = await Promise.all([
		readSecret('tls_ca_file', entry.tls_ca_file),
		readSecret('tls_cert_file', entry.tls_cert_file),
		readSecret('tls_key_file', entry.tls_key_file),
	]);
	return {
		rejectUnauthorized: entry.tls_verify,
		...(ca === undefined ? {} : { ca }),
		...(cert === undefined ? {} : { cert }),
		...(key === undefined ? {} : { key }),
	};
}

async function saslOf(login: KafkaSettings['sasl']): Promise<Login['sasl']> {
	if (login === undefined) return undefined;
	const { mechanism, username, token_file: tokenFile } = login;
	if (mechanism !== 'OAUTHBEARER') {
		const password = login.password ?? (await readSecret('sasl.password_file', login.password_file));
		return { mechanism, username: username ?? '', password: password ?? '' };
	}
	const read = async () => login.token ?? (await readSecret('sasl.token_file', tokenFile)) ?? '';
	// A file that cannot be read is told at once, and a token that was renewed is shown when the broker asks again.
	await read();
	return { mechanism, token: read };
}
