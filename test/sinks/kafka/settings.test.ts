/** What an entry of `sinks:` may say, and what is told of one that is wrong. */
import { expect, test } from 'vitest';
import { describeFindings } from '../../../src/model/findings.ts';
import { readStrict } from '../../../src/reading/strict-section.ts';
import { kafkaError, partsOf } from '../../../src/sinks/kafka/errors.ts';
import { kafka } from '../../../src/sinks/kafka/index.ts';
import { describeDestination, type KafkaSettings } from '../../../src/sinks/kafka/settings.ts';

function read(entry: Readonly<Record<string, unknown>>): KafkaSettings {
	const result = readStrict<KafkaSettings>(kafka.settings, entry, 'sinks[0]');
	if ('value' in result) return result.value;
	throw new Error(describeFindings(result.findings));
}

const brokers = ['kafka-1:9092', '[2001:db8::1]:9092'];

test.each([
	[{ brokers: 'kafka-1:9092' }, 'kafka://kafka-1:9092/pingmachine.results'],
	[{ brokers, format: 'canary' }, 'kafka://kafka-1:9092,[2001:db8::1]:9092/canary-results'],
	[{ brokers: 'a:1', topic: 'mine', tls: true }, 'kafkas://a:1/mine'],
	[{ brokers: 'a:1', topic: 'mine', tls_ca_file: '/ca.pem' }, 'kafkas://a:1/mine'],
	[
		{ brokers: 'a:1', topic: 'mine', sasl: { mechanism: 'plain', username: 'u', password: 'secret' } },
		'kafka://a:1/mine',
	],
])('%j goes to %s', (entry, destination) => {
	expect(describeDestination(read(entry))).toBe(destination);
});

test.each([
	[{}, 'brokers: is missing'],
	[{ brokers: [] }, 'brokers: '],
	[{ brokers: 'kafka-1' }, 'brokers: must be HOST:PORT, such as kafka-1:9092'],
	[{ brokers: 'a:99999' }, 'brokers: has a port above 65535'],
	[{ brokers: 'me:pw@a:1' }, 'brokers: must be HOST:PORT'],
	[{ brokers: 'a:1', topic: 'a b' }, 'topic: must have 1 to 249 letters, digits, dots, - and _'],
	[{ brokers: 'a:1', topic: '..' }, 'topic: cannot be . or ..'],
	[{ brokers: 'a:1', compression: 'zip' }, 'compression: '],
	[{ brokers: 'a:1', headers: { '': 'x' } }, 'headers'],
	[{ brokers: 'a:1', tls: false, tls_ca_file: '/a' }, 'tls_ca_file: is for tls: true only'],
	[{ brokers: 'a:1', tls_cert_file: '/a' }, 'tls_cert_file: needs tls_key_file: beside it'],
	[{ brokers: 'a:1', tls_key_file: '/a' }, 'tls_key_file: needs tls_cert_file: beside it'],
	[{ brokers: 'a:1', sasl: { mechanism: 'GSSAPI' } }, 'sasl.mechanism: '],
	[
		{ brokers: 'a:1', sasl: { mechanism: 'PLAIN', username: 'u' } },
		'sasl.password_file: is missing, which mechanism: PLAIN',
	],
	[{ brokers: 'a:1', sasl: { mechanism: 'PLAIN', password: 'p' } }, 'sasl.username: is missing'],
	[{ brokers: 'a:1', sasl: { mechanism: 'OAUTHBEARER' } }, 'sasl.token_file: is missing'],
	[
		{ brokers: 'a:1', sasl: { mechanism: 'OAUTHBEARER', token: 't', username: 'u' } },
		'sasl.username: is not for mechanism: OAUTHBEARER',
	],
	[
		{ brokers: 'a:1', sasl: { mechanism: 'PLAIN', username: 'u', password: 'p', password_file: '/p' } },
		'sasl.password: cannot stand beside password_file',
	],
	[{ brokers: 'a:1', acks: 1 }, 'acks: '],
])('%j is wrong', (entry, message) => {
	expect(() => read(entry)).toThrow(`sinks[0].${message}`);
});

test('what the client says is told in words, wherever in the error it is', () => {
	const entry = read({
		brokers: 'a:1',
		topic: 't',
		sasl: { mechanism: 'PLAIN', username: 'u', password: 'p' },
	});
	const told = (error: unknown, isOpening = false) =>
		kafkaError(error, entry, 'kafka://a:1/t', isOpening).message;
	const nested = (inner: object) =>
		new AggregateError(
			[new Error('other', { cause: Object.assign(new Error('x'), inner) })],
			'failed 3 times.',
		);
	expect(told(nested({ apiId: 'NOT_ENOUGH_REPLICAS' }))).toMatch(
		/too few brokers hold the topic t: fewer than its min/,
	);
	expect(told(nested({ apiId: 'NOT_LEADER_OR_FOLLOWER' }))).toMatch(/has no leader just now/);
	expect(told(nested({ apiId: 'KAFKA_STORAGE_ERROR' }))).toMatch(/cannot write to its disk/);
	expect(told(nested({ code: 'ECONNREFUSED' }))).toMatch(
		/nothing listens there\. Start it, or correct brokers:$/,
	);
	expect(told(nested({ code: 'ECONNRESET' }))).toMatch(/: it closed the connection$/);
	expect(told(nested({ code: 'ECONNRESET' }), true)).toMatch(/It may ask for TLS \(tls:\)$/);
	expect(told(nested({ message: 'Request timed out' }))).toMatch(/: no answer$/);
	expect(told(nested({ message: 'SASL authentication failed.' }))).toMatch(/wrong user or password/);
	expect(told(new Error('odd'))).toBe('kafka://a:1/t: odd');
	expect(told(undefined)).toBe('kafka://a:1/t: it failed');
	const endless: { errors: unknown[] } = { errors: [] };
	endless.errors.push(endless, endless);
	expect([...partsOf(endless)].length).toBeLessThanOrEqual(1000);
});
