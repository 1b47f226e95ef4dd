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

/** In words for the user, with the remedy: of all that it says the first that we know more of. */
export function kafkaTrouble(error: unknown, brokers: readonly string[], topics: readonly string[]): string {
	const parts = partsOf(error);
	const names = topics.slice(0, 3).join(', ') + (topics.length > 3 ? ', ...' : '');
	for (const { apiId, code, message } of parts) {
		if (typeof code === 'string' && tlsCodes.test(code))
			return `kafka://${brokers.join(',')}: its certificate is not trusted: ${String(message)}. Name its CA in tls_ca_file:`;
		const words = byName[String(apiId ?? code)] ?? byMessage(String(message));
		if (words !== undefined) return `kafka://${brokers.join(',')}: ${words(names)}`;
	}
	return `kafka://${brokers.join(',')}: ${String(parts.at(-1)?.message ?? error)}`;
}

/** The error and all that nest in it. */
export function partsOf(error: unknown): ClientError[] {
	const found: ClientError[] = [];
	const left: unknown[] = [error];
	while (left.length > 0 && found.length < nodesMax) {
		const one = left.shift();
		if (typeof one !== 'object' || one === null) continue;
		const { errors, cause } = one as ClientError;
		found.push(one as ClientError);
		if (Array.isArray(errors)) left.push(...errors.slice(0, nodesMax));
		if (cause !== undefined) left.push(cause);
	}
	return found;
}

const tlsCodes = /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS/;

type Words = (topics: string) => string;

const noTopic: Words = (topics) => `there is no topic ${topics}. Make it, or correct its name in hub:`;
const mayNot: Words = (topics) => `we may not read the topic ${topics}. Let the user read it (an ACL)`;

const byName: Readonly<Record<string, Words>> = {
	UNKNOWN_TOPIC_OR_PARTITION: noTopic,
	TOPIC_AUTHORIZATION_FAILED: mayNot,
	GROUP_AUTHORIZATION_FAILED: () =>
		'we may not read as this group. Let the user read with groups of pingmachine (an ACL)',
	LEADER_NOT_AVAILABLE: (topics) =>
		`a part of the topic ${topics} has no leader just now. Look at the brokers that hold it`,
	ECONNREFUSED: () => 'connection refused. Start the broker, or correct brokers:',
	ENOTFOUND: () => 'there is no such host. Correct brokers:',
	EAI_AGAIN: () => 'the name service does not answer',
};

function byMessage(message: string): Words | undefined {
	if (message.startsWith('Unknown topic')) return noTopic;
	if (message === 'SASL authentication failed.') return () => 'wrong user or password. Correct sasl:';
	if (message.includes('timed out') || message === 'no answer') return () => 'no answer';
	return undefined;
}
