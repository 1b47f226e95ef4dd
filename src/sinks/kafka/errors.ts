import { usesTls } from '../../model/kafka-login.ts';
import { networkError } from '../shared/network-errors.ts';
import { type KafkaSettings, topicOf } from './settings.ts';

/** What the client says about a failure. They nest: by `errors`, and by `cause`. */
interface ClientError {
	readonly message?: unknown;
	readonly code?: unknown;
	readonly errors?: unknown;
	readonly cause?: unknown;
	/** Kafka's own name of the error. */
	readonly apiId?: unknown;
}

const nodesMax = 1000;
/** How the client says so. */
const closed = 'Connection closed';
const brokenCodes: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);

/** An error with all that it is made of, the outermost first. */
export function* partsOf(error: unknown): Generator<ClientError> {
	const left: unknown[] = [error];
	for (let count = 0; left.length > 0 && count < nodesMax; count++) {
		const one = left.shift();
		if (typeof one !== 'object' || one === null) continue;
		const { errors, cause } = one as ClientError;
		yield one as ClientError;
		if (Array.isArray(errors)) left.push(...errors.slice(0, nodesMax));
		if (cause !== undefined) left.push(cause);
	}
}

/**
 * In words for the user, with the remedy: of all that it says the first that we know more of. `isOpening`: the connection
 * was not in use yet.
 */
export function kafkaError(
	error: unknown,
	entry: KafkaSettings,
	destination: string,
	isOpening = false,
): Error {
	const parts = [...partsOf(error)];
	const words = loginWords(parts, entry) ?? wordsByName(parts, entry);
	if (words !== null) return new Error(`${destination}: ${words}`, { cause: error });
	const ofSystem = parts.find(({ code }) => typeof code === 'string' && !code.startsWith('PLT_'));
	if (ofSystem !== undefined && !(isOpening && brokenCodes.has(String(ofSystem.code)))) {
		const tls = tlsWords[String(ofSystem.code)];
		if (tls !== undefined) return new Error(`${destination}: ${tls}`, { cause: error });
		return networkError(ofSystem, destination, 'brokers');
	}
	const isBroken = ofSystem !== undefined;
	const texts = parts.map(({ message }) => String(message));
	return new Error(
		`${destination}: ${plainWords(isBroken ? [...texts, closed] : texts, isOpening ? entry : null)}`,
		{ cause: error },
	);
}

function wordsByName(parts: readonly ClientError[], entry: KafkaSettings): string | null {
	const topic = topicOf(entry);
	for (const { apiId, message } of parts) {
		if (message === `Unknown topic ${topic}.`) return noTopic(topic);
		const words = typeof apiId === 'string' ? byName[apiId] : undefined;
		if (words !== undefined) return words(topic);
	}
	return null;
}

const noTopic = (topic: string) => `there is no topic ${topic}. Make it, or correct topic:`;
const noLeader = (topic: string) =>
	`a part of the topic ${topic} has no leader just now. Look at the brokers that hold it`;
const tooFew = (topic: string) =>
	`too few brokers hold the topic ${topic}: fewer than its min.insync.replicas. Start the others`;
const mayNot = (topic: string) =>
	`we may not write to the topic ${topic}. Let the user write and describe it (an ACL), or correct topic:`;

const byName: Readonly<Record<string, (topic: string) => string>> = {
	UNKNOWN_TOPIC_OR_PARTITION: noTopic,
	INVALID_TOPIC_EXCEPTION: (topic) => `${topic} is no name of a topic. Correct topic:`,
	TOPIC_AUTHORIZATION_FAILED: mayNot,
	CLUSTER_AUTHORIZATION_FAILED: mayNot,
	LEADER_NOT_AVAILABLE: noLeader,
	NOT_LEADER_OR_FOLLOWER: noLeader,
	FENCED_LEADER_EPOCH: noLeader,
	NOT_ENOUGH_REPLICAS: tooFew,
	NOT_ENOUGH_REPLICAS_AFTER_APPEND: tooFew,
	REQUEST_TIMED_OUT: (topic) =>
		`the brokers that hold the topic ${topic} did not confirm in time. Look at them`,
	KAFKA_STORAGE_ERROR: () => 'a broker cannot write to its disk. Look there',
	POLICY_VIOLATION: (topic) => `a policy of the brokers forbids it for the topic ${topic}. Look there`,
	UNSUPPORTED_COMPRESSION_TYPE: () => 'the broker does not know this compression. Correct compression:',
	MESSAGE_TOO_LARGE: (topic) =>
		`it is larger than the topic ${topic} takes. Raise its max.message.bytes, or tell fewer facts:`,
	RECORD_LIST_TOO_LARGE: (topic) =>
		`it is larger than the topic ${topic} takes. Raise its max.message.bytes, or tell fewer facts:`,
	INVALID_TIMESTAMP: (topic) =>
		`its time is outside of what the topic ${topic} takes. Raise its message.timestamp.before.max.ms, or set the clock`,
	INVALID_RECORD: (topic) =>
		`the topic ${topic} does not take such messages. One that is compacted and one with a schema do not fit`,
	UNSUPPORTED_SASL_MECHANISM: () =>
		'it does not know this way to log in. Correct sasl: mechanism:, or the port of brokers:',
	ILLEGAL_SASL_STATE: () =>
		'it does not ask for a password there. Remove sasl:, or correct the port of brokers:',
};

function loginWords(parts: readonly ClientError[], { sasl }: KafkaSettings): string | null {
	const secret = parts.find(({ message }) => /^sasl\.\w+_file: /.test(String(message)));
	if (secret !== undefined) return String(secret.message);
	const isRefused = parts.some(({ message }) => message === 'SASL authentication failed.');
	const isAsked = !parts.some(({ message }) => message === 'Cannot find a suitable SASL mechanism.');
	const isEnded = isAsked && parts.some(({ apiId }) => apiId === 'ILLEGAL_SASL_STATE');
	if (!isRefused && !isEnded) return null;
	return sasl?.mechanism === 'OAUTHBEARER'
		? 'it does not accept the token. Renew it: sasl: token_file:'
		: 'wrong user or password. Correct sasl: username: and password_file:';
}

const tlsWords: Readonly<Record<string, string>> = {
	ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS there. Remove tls:, or correct the port of brokers:',
	ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS there. Remove tls:, or correct the port of brokers:',
	EPROTO: 'it does not speak TLS there. Remove tls:, or correct the port of brokers:',
	ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED:
		'it asks for a certificate of ours. Write tls_cert_file: and tls_key_file:',
	ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'it does not trust our certificate. Correct tls_cert_file:',
	ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'it does not accept our certificate. Correct tls_cert_file:',
	ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: 'it does not agree on TLS with us. Look at its log',
	ERR_OSSL_PEM_NO_START_LINE: 'there is no PEM in tls_ca_file:, tls_cert_file: or tls_key_file:. Correct it',
	ERR_OSSL_X509_KEY_VALUES_MISMATCH: 'the key does not fit the certificate. Correct tls_key_file:',
};

/** `entry`: what may be at fault when the connection was not in use yet; else null. */
function plainWords(texts: readonly string[], entry: KafkaSettings | null): string {
	if (texts.some((text) => text.includes('timed out') || text.includes('no answer'))) return 'no answer';
	if (!texts.some((text) => text.startsWith(closed))) return texts.at(-1) ?? 'it failed';
	if (entry === null) return 'it closed the connection';
	const hints = [
		...(entry.sasl === undefined ? ['a password (sasl:)'] : []),
		...(usesTls(entry) ? [] : ['TLS (tls:)']),
		...(usesTls(entry) && entry.tls_cert_file === undefined
			? ['a certificate of ours (tls_cert_file:)']
			: []),
	];
	const asks = hints.length === 0 ? '' : `. It may ask for ${hints.join(' or ')}`;
	return `it closed the connection${asks}${usesTls(entry) ? '. Or it speaks no TLS there' : ''}`;
}
