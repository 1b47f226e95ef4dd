import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { errnoWords, errorCode } from '../../model/errno.ts';
import { type Join, readJoin } from '../../model/join-file.ts';

/** What a join file is to hold besides, for a hub or brokers that ask for more than a token. */
export interface SecretOptions {
	readonly tlsCertFile?: string;
	readonly tlsKeyFile?: string;
	readonly saslUsername?: string;
	readonly saslPasswordFile?: string;
	readonly saslMechanism?: string;
}

export function withSecretOptions(command: Command): Command {
	return command
		.option('--tls-cert-file <file>', 'certificate that it shows the hub or brokers, put into the join file')
		.option('--tls-key-file <file>', 'the key of that')
		.option('--sasl-username <name>', 'who it is for brokers of Kafka')
		.option('--sasl-password-file <file>', 'the password of that user, put into the join file')
		.option('--sasl-mechanism <name>', 'PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512 (default: SCRAM-SHA-512)');
}

/** Reads the files that are named. Throws an `Error` fit for the user. */
export function secretsIn(options: SecretOptions): (join: string) => string {
	const { tlsCertFile, tlsKeyFile, saslUsername, saslPasswordFile, saslMechanism } = options;
	if ((tlsCertFile === undefined) !== (tlsKeyFile === undefined))
		throw new Error('--tls-cert-file and --tls-key-file go together. Name both');
	if ((saslUsername === undefined) !== (saslPasswordFile === undefined))
		throw new Error('--sasl-username and --sasl-password-file go together. Name both');
	if (saslMechanism !== undefined && saslUsername === undefined)
		throw new Error('--sasl-mechanism needs --sasl-username and --sasl-password-file. Name them');
	const cert = textOf('--tls-cert-file', tlsCertFile);
	const key = textOf('--tls-key-file', tlsKeyFile);
	const password = textOf('--sasl-password-file', saslPasswordFile)?.trim();
	const mechanism = (saslMechanism ?? 'SCRAM-SHA-512').toUpperCase();
	if (!['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'].includes(mechanism))
		throw new Error(`--sasl-mechanism: must be PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512`);
	return (text) => {
		if (cert === undefined && password === undefined) return text;
		const join = JSON.parse(text) as Join;
		const { kafka } = join;
		if (password !== undefined && kafka === undefined)
			throw new Error('--sasl-username is for a hub with kafka: in its config. Take it out');
		const told = JSON.stringify(
			{
				...join,
				...(cert === undefined ? {} : { cert, key }),
				...(password === undefined
					? {}
					: { kafka: { ...kafka, sasl: { mechanism, username: saslUsername, password } } }),
			},
			null,
			'\t',
		);
		if (readJoin(told) === null)
			throw new Error('the join file would not be understood. Correct the secrets');
		return `${told}\n`;
	};
}

function textOf(option: string, path: string | undefined): string | undefined {
	if (path === undefined) return undefined;
	try {
		const text = readFileSync(path, 'utf8');
		if (text.trim() === '') throw new Error('it is empty');
		return text;
	} catch (error) {
		const why = errnoWords[errorCode(error) as keyof typeof errnoWords] ?? (error as Error).message;
		throw new Error(`${option}: ${path}: ${why}`);
	}
}
