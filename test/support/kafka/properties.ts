import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Who may log in where passwords are asked for. */
export const login = { username: 'alice', password: 'alice-secret' } as const;

/** Ways to reach a broker: what is asked of who connects. */
export const listeners = {
	plain: 'PLAINTEXT',
	sasl: 'SASL_PLAINTEXT',
	saslTls: 'SASL_SSL',
	tls: 'SSL',
	mutualTls: 'SSL',
	via0: 'PLAINTEXT',
	via1: 'PLAINTEXT',
	via2: 'PLAINTEXT',
	via3: 'PLAINTEXT',
} as const;

export type Listener = keyof typeof listeners;

export interface Node {
	readonly id: number;
	/** The broker keeps its data there. */
	readonly folder: string;
	readonly ports: Readonly<Partial<Record<Listener, number>>>;
	/** Where it says that it is to be reached, when that is not where it listens. */
	readonly advertised: Readonly<Partial<Record<Listener, number>>>;
	/** By node. */
	readonly controllerPorts: readonly number[];
	/** Further lines; of a key that is there twice the last counts. */
	readonly more: readonly string[];
}

/** The settings of a small broker that is its own controller, or one of several. */
export function propertiesOf({ id, folder, ports, advertised, controllerPorts, more }: Node): string {
	const names = Object.keys(ports) as Listener[];
	const at = (where: Readonly<Partial<Record<Listener, number>>>) =>
		names.map((name) => `${name.toUpperCase()}://127.0.0.1:${where[name] ?? ports[name]}`).join();
	const copies = controllerPorts.length;
	return [
		'process.roles=broker,controller',
		`node.id=${id}`,
		`controller.quorum.voters=${controllerPorts.map((port, index) => `${index + 1}@127.0.0.1:${port}`).join()}`,
		`listeners=${at(ports)},CONTROLLER://127.0.0.1:${controllerPorts[id - 1]}`,
		`advertised.listeners=${at(advertised)}`,
		`listener.security.protocol.map=CONTROLLER:PLAINTEXT,${names.map((name) => `${name.toUpperCase()}:${listeners[name]}`).join()}`,
		'controller.listener.names=CONTROLLER',
		'inter.broker.listener.name=PLAIN',
		`log.dirs=${join(folder, 'data')}`,
		'auto.create.topics.enable=false',
		'num.partitions=3',
		`default.replication.factor=${copies}`,
		`min.insync.replicas=${Math.min(2, copies)}`,
		`offsets.topic.replication.factor=${copies}`,
		'offsets.topic.num.partitions=4',
		`transaction.state.log.replication.factor=${copies}`,
		'transaction.state.log.min.isr=1',
		'transaction.state.log.num.partitions=1',
		`share.coordinator.state.topic.replication.factor=${copies}`,
		'share.coordinator.state.topic.min.isr=1',
		'share.coordinator.state.topic.num.partitions=1',
		'group.initial.rebalance.delay.ms=0',
		// So that a dead leader is noticed, and what is to be compacted is, while a test waits.
		'broker.session.timeout.ms=3000',
		'broker.heartbeat.interval.ms=500',
		'log.cleaner.backoff.ms=1000',
		'log.cleaner.dedupe.buffer.size=2097152',
		'num.network.threads=2',
		'num.io.threads=2',
		...(ports.sasl === undefined ? [] : secureLines(folder)),
		...more,
		'',
	].join('\n');
}

function secureLines(folder: string): string[] {
	const module = 'org.apache.kafka.common.security';
	const sasl = ['sasl', 'sasltls'].flatMap((name) => [
		`listener.name.${name}.plain.sasl.jaas.config=${module}.plain.PlainLoginModule required user_${login.username}="${login.password}";`,
		`listener.name.${name}.scram-sha-256.sasl.jaas.config=${module}.scram.ScramLoginModule required;`,
		`listener.name.${name}.scram-sha-512.sasl.jaas.config=${module}.scram.ScramLoginModule required;`,
		// Takes tokens that nobody has signed.
		`listener.name.${name}.oauthbearer.sasl.jaas.config=${module}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`,
	]);
	return [
		'sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
		...sasl,
		'ssl.keystore.type=PEM',
		`ssl.keystore.location=${join(folder, 'broker.pem')}`,
		'ssl.truststore.type=PEM',
		`ssl.truststore.location=${join(folder, 'ca.crt')}`,
		'listener.name.mutualtls.ssl.client.auth=required',
		'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer',
		'allow.everyone.if.no.acl.found=true',
		'super.users=User:ANONYMOUS',
	];
}

/** `ca.crt`, the broker's `broker.pem`, and for a client `client.key` and `client.crt`. */
export function makeCertificates(folder: string): void {
	const openssl = (...args: string[]) =>
		execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8' });
	const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
	openssl(
		'req',
		'-x509',
		...key,
		'-days',
		'2',
		'-subj',
		'/CN=test-ca',
		'-keyout',
		'ca.key',
		'-out',
		'ca.crt',
	);
	writeFileSync(join(folder, 'names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
	for (const name of ['broker', 'client']) {
		openssl('req', ...key, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
		const by = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names'];
		openssl('x509', '-req', '-in', `${name}.csr`, ...by, '-out', `${name}.crt`);
	}
	const parts = ['broker.key', 'broker.crt', 'ca.crt'].map((file) =>
		execFileSync('cat', [join(folder, file)]),
	);
	writeFileSync(join(folder, 'broker.pem'), Buffer.concat(parts));
}

/** Says when it is up, and what goes wrong. */
export const logging = `status=error
appender.console.type=Console
appender.console.name=STDOUT
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%d{ISO8601} %p %m (%c{1})%n
rootLogger.level=WARN
rootLogger.appenderRef.console.ref=STDOUT
logger.started.name=kafka.server.KafkaRaftServer
logger.started.level=INFO
`;
