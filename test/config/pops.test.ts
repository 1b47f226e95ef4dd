import { expect, test } from 'vitest';
import { builtInProbes } from '../../probes/index.ts';
import { loadConfig } from '../../src/config/config.ts';
import { builtInSinks } from '../../src/sinks/index.ts';

const load = (text: string) =>
	loadConfig({
		...{ file: '/etc/pingmachine.yaml', text: Buffer.from(text), flags: {}, environment: {} },
		...{ probes: builtInProbes, sinks: builtInSinks },
	});

test('a hub listens with TLS anywhere, or takes brokers', () => {
	const tls = "tls_cert_file: /a.crt, tls_key_file: /a.key, url: 'https://hub.example.net:9923'";
	expect(load(`hub: {listen: '[::]:9923', ${tls}, valid_for: 2h}`).hub).toEqual({
		listen: { host: '::', port: 9923 },
		url: 'https://hub.example.net:9923',
		tls: { certFile: '/a.crt', keyFile: '/a.key', clientCaFile: null },
		...{ keyFile: null, name: null, validForSeconds: 7200, kafka: null, canaries: null },
	});
	const kafka = { brokers: ['k:9092'], prefix: 'pingmachine', results: 'each' };
	expect(load("hub: {kafka: {brokers: ['k:9092']}}").hub).toMatchObject({ kafka });
	const canaries = { brokers: ['k:9092'], topic: 'canary-results', stepSeconds: 60, ordersMax: 10_000 };
	expect(load("hub: {canaries: {brokers: ['k:9092']}}").hub).toMatchObject({ canaries });
});

test('a point of presence takes everything but too much', () => {
	const accept = { probes: null, networks: null, ordersMax: 10_000, pingsPerSecondMax: 5000 };
	expect(load('pop: {join: /etc/zrh.join}').pop).toEqual({
		joinFile: '/etc/zrh.join',
		login: { tls_verify: true },
		accept,
	});
});

test.each([
	['hub: {}', 'hub.listen: is missing'],
	["hub: {listen: '[::]:9923'}", 'hub.tls_cert_file: is missing: without TLS'],
	['hub: {listen: 127.0.0.1:9923, tls_key_file: /a}', 'hub.tls_cert_file: is missing: it goes with'],
	['hub: {listen: here}', 'hub.listen: must be an address'],
	["hub: {listen: 127.0.0.1:9923, url: 'ftp://x'}", 'hub.url: must be a URL'],
	['hub: {kafka: {brokers: [x]}}', 'hub.kafka.brokers'],
	['hub: {listen: 127.0.0.1:9923, tls_client_ca_file: /a}', 'hub.tls_client_ca_file: needs tls_cert_file'],
	["hub: {kafka: {brokers: ['k:1'], tls_cert_file: /a}}", 'hub.kafka.tls_cert_file: needs tls_key_file'],
	[
		"hub: {canaries: {brokers: ['k:1'], sasl: {mechanism: plain}}}",
		'hub.canaries.sasl.password_file: is missing',
	],
	['pop: {join: /a, sasl: {mechanism: GSSAPI}}', 'pop.sasl.mechanism'],
	['pop: {}', 'pop.join: is missing'],
	['pop: {join: zrh.join}', 'pop.join: must be a path from the root'],
	['pop: {join: /a, accept: {networks: [10.0.0.0/33]}}', 'pop.accept.networks'],
])('%s is refused', (text, words) => {
	expect(() => load(text)).toThrow(words);
});
