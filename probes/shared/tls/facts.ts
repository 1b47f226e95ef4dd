import type { DetailedPeerCertificate, PeerCertificate, TLSSocket } from 'node:tls';
import type { FactDeclaration } from '../../../src/model/facts.ts';
import type { PingFacts } from '../timing/pings.ts';

/** What probes that speak TLS tell of it. The time of the handshake is the fact `tls`, which they declare among their phases. */
export const tlsFacts: readonly FactDeclaration[] = [
	{
		name: 'certificate_left',
		kind: 'seconds',
		help: 'time until the first certificate of the chain ends; less than 0 when it has ended',
		per: 'measurement',
	},
	{ name: 'certificate_subject', kind: 'text', help: 'whose the certificate is', per: 'measurement' },
	{ name: 'certificate_issuer', kind: 'text', help: 'who has signed the certificate', per: 'measurement' },
	{ name: 'tls_version', kind: 'text', help: 'version of TLS', per: 'measurement' },
	{ name: 'tls_cipher', kind: 'text', help: 'cipher suite', per: 'measurement' },
];

/** No honest chain is longer. */
const chainMax = 20;

/** What is known of a connection whose handshake is over, and of its certificate, as `getPeerCertificate(true)` has it. */
export function factsOfTls(socket: TLSSocket, certificate: PeerCertificate): PingFacts {
	return {
		tls_version: socket.getProtocol() ?? '',
		tls_cipher: socket.getCipher()?.standardName ?? '',
		...factsOfCertificate(certificate),
	};
}

function factsOfCertificate(certificate: PeerCertificate): PingFacts {
	const left = secondsLeft(certificate, Date.now());
	if (left === null) return {};
	return {
		certificate_left: left,
		certificate_subject: nameOf(certificate.subject),
		certificate_issuer: nameOf(certificate.issuer),
	};
}

/** Until the first of the chain ends, whole seconds; null when there is none, or it says no time. */
function secondsLeft(certificate: PeerCertificate, nowMs: number): number | null {
	let firstMs = Number.POSITIVE_INFINITY;
	let one: Partial<DetailedPeerCertificate> | undefined = certificate;
	for (let depth = 0; depth < chainMax && one?.valid_to !== undefined; depth++) {
		const endMs = Date.parse(one.valid_to);
		if (endMs < firstMs) firstMs = endMs;
		// A root has signed itself.
		if (one.issuerCertificate === one) break;
		one = one.issuerCertificate;
	}
	return Number.isFinite(firstMs) ? Math.floor((firstMs - nowMs) / 1000) : null;
}

/** `CN=www.example.net, O=Example`. A part may stand there more than once. */
function nameOf(parts: object | undefined): string {
	const written: string[] = [];
	for (const [key, value] of Object.entries(parts ?? {}))
		for (const one of Array.isArray(value) ? value : [value]) written.push(`${key}=${one}`);
	return written.reverse().join(', ');
}
