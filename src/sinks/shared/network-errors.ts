import { errnoWords } from '../../model/errno.ts';
import { race } from '../../model/race.ts';

/**
 * What the system says about a connection, in words for the user, with the remedy. `destination` holds no secrets; `key`
 * is where it is written.
 */
export function networkError(error: unknown, destination: string, key = 'url'): Error {
	const { code = '', message, errors } = error as NodeJS.ErrnoException & { errors?: readonly unknown[] };
	// Where a name has several addresses, there is one error for each.
	if (errors !== undefined && errors.length > 0) return networkError(errors[0], destination, key);
	const words =
		inPlainWords[code] ??
		(tlsCodes.test(code)
			? `its certificate is not trusted: ${message}. Name its CA in tls_ca_file`
			: message);
	return new Error(`${destination}: ${words.replace('url:', `${key}:`)}`, { cause: error });
}

const tlsCodes = /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS/;

const inPlainWords: Readonly<Record<string, string>> = {
	ECONNREFUSED: 'nothing listens there. Start it, or correct url:',
	ENOTFOUND: 'unknown host name. Correct url:, or the name service',
	EAI_AGAIN: 'the name service does not answer',
	ENOENT: 'there is no such socket. Start what listens there, or correct url:',
	EACCES: `${errnoWords.EACCES}. Let the user pingmachine runs as write to it`,
	ECONNRESET: 'it closed the connection',
	EPIPE: 'it closed the connection',
	ETIMEDOUT: 'no answer',
	EHOSTUNREACH: 'the host cannot be reached',
	ENETUNREACH: 'there is no route to the host',
	ENOBUFS: errnoWords.ENOBUFS,
};

/**
 * Waits for `work`, but not longer than until `signal` fires: then it rejects with an error that says so. What `work`
 * comes to after that is nobody's concern.
 */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal, message: string): Promise<T> {
	return race(work, { signal }, () => {
		throw new Error(message);
	});
}
