import { once } from 'node:events';
import { connect } from 'node:net';
import { Admin } from '@platformatic/kafka';
import { inject } from 'vitest';
import { waitFor } from '../waiting.ts';
import { type Place, readTopic } from './broker.ts';
import type { Listener } from './properties.ts';

/** The broker that all test files of a run share: nobody stops it. Each test has topics of its own. */
export interface SharedKafka extends Place {
	/** `host:port` for clients that bring nothing. */
	readonly bootstrap: string;
	/**
	 * A way in that is this test file's own: the broker listens on `ports`, and says that it is reached on `advertised`,
	 * where the test lets through what it likes. There are four for a run.
	 */
	readonly via: { readonly listensOn: number; readonly isReachedOn: number };
}

export async function sharedKafka(): Promise<SharedKafka> {
	const socket = connect(inject('kafkaSocket'));
	let text = '';
	socket.on('data', (some) => {
		text += some;
	});
	await once(socket, 'end');
	const answer = JSON.parse(text) as Place & { readonly via: Listener; readonly error?: string };
	if (answer.error !== undefined) throw new Error(answer.error);
	const { folder, ports, advertised, via } = answer;
	const way = { listensOn: ports[via] ?? 0, isReachedOn: advertised[via] ?? 0 };
	return { folder, ports, advertised, bootstrap: `127.0.0.1:${ports.plain}`, via: way };
}

/** Does something as who may do everything. */
export async function asAdmin<T>(bootstrap: string, act: (admin: Admin) => Promise<T>): Promise<T> {
	const admin = new Admin({ clientId: 'test', bootstrapBrokers: [bootstrap], retries: 5, retryDelay: 200 });
	admin.on('error', () => {});
	try {
		return await act(admin);
	} finally {
		await admin.close();
	}
}

let made = 0;

/** Makes a topic of a name that nobody else has. `configs`: such as `max.message.bytes`. */
export async function newTopic(
	bootstrap: string,
	{ partitions = 3, configs = {} }: { partitions?: number; configs?: Readonly<Record<string, string>> } = {},
): Promise<string> {
	const topic = `t-${process.pid}-${++made}`;
	const written = Object.entries(configs).map(([name, value]) => ({ name, value }));
	await asAdmin(bootstrap, (admin) =>
		admin.createTopics({ topics: [topic], partitions, replicas: -1, configs: written }),
	);
	// A broker that has just been told of it does not take messages yet.
	const isThere = () =>
		readTopic(bootstrap, topic).then(
			() => true,
			() => false,
		);
	await waitFor(isThere, () => `there is no topic ${topic}`);
	return topic;
}
