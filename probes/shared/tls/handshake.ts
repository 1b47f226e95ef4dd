import { isIP, type Socket } from 'node:net';
import {
	checkServerIdentity,
	connect,
	type PeerCertificate,
	type SecureContext,
	type TLSSocket,
} from 'node:tls';
import { errnoWords } from '../../../src/model/errno.ts';
import type { Lost } from '../timing/connect.ts';
import { lossByError } from '../timing/failures.ts';
import type { PingFacts } from '../timing/pings.ts';
import { factsOfTls } from './facts.ts';

export interface Handshake {
	/** Whom to ask for: a name is told to the server (SNI), an address is not. */
	readonly serverName: string;
	readonly verify: boolean;
	readonly context: SecureContext;
	/** What to speak above it, the best one first. */
	readonly alpn?: readonly string[] | undefined;
}

export type HandshakeDone =
	| { readonly secure: TLSSocket; readonly facts: PingFacts }
	/** With what is known of the connection all the same, such as that the certificate has ended. */
	| (Lost & { readonly facts: PingFacts });

/**
 * A whole new handshake over a connection; null when the signal fired before. With `verify`, a certificate that is not
 * valid is a loss, and its facts are known.
 */
export function handshake(
	socket: Socket,
	{ serverName, verify, context, alpn }: Handshake,
	signal: AbortSignal,
): Promise<HandshakeDone | null> {
	return new Promise((resolve) => {
		let certificate: PeerCertificate | null = null;
		const secure = connect({
			socket,
			secureContext: context,
			// An address is no name.
			servername: isIP(serverName) === 0 ? serverName.replace(/\.$/, '') : '',
			// Judged below: so much is known of the certificate all the same.
			rejectUnauthorized: false,
			checkServerIdentity: (_name, seen) => {
				certificate = seen;
				return verify ? checkServerIdentity(serverName, seen) : undefined;
			},
			...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
		});
		const lost = (lossReason: string, facts: PingFacts = {}) => {
			signal.removeEventListener('abort', abort);
			resolve({ lossReason, facts });
			secure.destroy();
		};
		const abort = () => {
			resolve(null);
			secure.destroy();
		};
		signal.addEventListener('abort', abort, { once: true });
		secure.on('error', (error: NodeJS.ErrnoException) => lost(reasonOf(error)));
		secure.once('close', () => lost('closed in the TLS handshake'));
		secure.once('secureConnect', () => {
			signal.removeEventListener('abort', abort);
			const facts = factsOfTls(secure, certificate ?? secure.getPeerCertificate(true));
			if (verify && !secure.authorized) lost(whyNotValid(secure), facts);
			else resolve({ secure, facts });
		});
	});
}

/** In words that are short; OpenSSL's for what is not listed. */
const faults: Readonly<Record<string, string>> = {
	CERT_HAS_EXPIRED: 'certificate has expired',
	CERT_NOT_YET_VALID: 'certificate is not valid yet',
	DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate is signed by itself',
	SELF_SIGNED_CERT_IN_CHAIN: 'certificate of an unknown authority',
	UNABLE_TO_GET_ISSUER_CERT: 'certificate of an unknown authority',
	UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate of an unknown authority',
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate of an unknown authority',
	ERR_TLS_CERT_ALTNAME_INVALID: 'certificate is for another name',
};

function whyNotValid(secure: TLSSocket): string {
	// The types say an error; it is its code, where it has one.
	const error: unknown = secure.authorizationError;
	const code = typeof error === 'string' ? error : ((error as NodeJS.ErrnoException | null)?.code ?? '');
	return faults[code] ?? `certificate: ${code || String(error)}`;
}

/** What went wrong in a handshake, or after it, in short: `TLS: wrong version number`. */
export function reasonOf(error: NodeJS.ErrnoException): string {
	// Node gives it the code of a reset.
	if (error.message.startsWith('Client network socket disconnected')) return 'closed in the TLS handshake';
	const ofNetwork = lossByError(error.code ?? '');
	if (ofNetwork !== null)
		return ofNetwork === errnoWords.ECONNRESET ? 'connection reset in the TLS handshake' : ofNetwork;
	const { reason } = error as { reason?: unknown };
	return `TLS: ${typeof reason === 'string' ? reason : error.message}`;
}
