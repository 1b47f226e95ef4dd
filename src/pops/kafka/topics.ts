import type { Admin } from '@platformatic/kafka';
import type { KafkaLogin } from '../../model/kafka-login.ts';
import { loginOf } from './login.ts';
import { partsOf } from './trouble.ts';

/** Brokers that carry a link, and how its topics are called. */
export interface LinkSettings {
	readonly brokers: readonly string[];
	/** What the names of the topics begin with. */
	readonly prefix: string;
	/** A topic for the results and heartbeats of each point of presence, or one for all. */
	readonly results: 'each' | 'shared';
	/** Left out: brokers ask nobody who he is. */
	readonly login?: KafkaLogin;
}

/** What the hub tells a point of presence. Always one for each: it sees only its own orders. */
export function ordersTopic({ prefix }: LinkSettings, pop: string): string {
	return `${prefix}.orders.${pop}`;
}

/** What a point of presence has measured. */
export function resultsTopic({ prefix, results }: LinkSettings, pop: string): string {
	return results === 'each' ? `${prefix}.results.${pop}` : `${prefix}.results`;
}

/** How a point of presence is. */
export function heartbeatsTopic({ prefix, results }: LinkSettings, pop: string): string {
	return results === 'each' ? `${prefix}.pops.${pop}` : `${prefix}.pops`;
}

/** The header by which results and heartbeats in a shared topic say whose they are. */
export const popHeader = 'pop';

const sharedPartitions = 12;
/** News of orders is compacted to the newest of each after a minute, when who follows it has read it all. */
const compacted: Readonly<Record<string, string>> = {
	'cleanup.policy': 'compact',
	'min.compaction.lag.ms': '60000',
	'segment.ms': '3600000',
};
const byBroker: Readonly<Record<string, string>> = { 'message.timestamp.type': 'LogAppendTime' };

/** What hubs tell each other. */
export function hubsTopic({ prefix }: LinkSettings): string {
	return `${prefix}.hubs`;
}

/** Makes it where it is missing. */
export async function makeHubsTopic(settings: LinkSettings): Promise<void> {
	const admin = await adminOf(settings);
	try {
		await makeMissing(admin, hubsTopic(settings), 1, { ...compacted, ...byBroker });
	} finally {
		await admin.close().catch(() => {});
	}
}

/** Names of the topics of results that there are. Rejects with the error of the client. */
export async function resultsTopics(settings: LinkSettings): Promise<readonly string[]> {
	const admin = await adminOf(settings);
	try {
		const known = await admin.listTopics();
		const all = `${settings.prefix}.results`;
		return known.filter((topic) => topic === all || topic.startsWith(`${all}.`)).sort();
	} finally {
		await admin.close().catch(() => {});
	}
}

/** Makes the topics of a point of presence that are missing. What is there is left as it is. */
export async function makeTopics(settings: LinkSettings, pop: string): Promise<void> {
	const admin = await adminOf(settings);
	const partitions = settings.results === 'shared' ? sharedPartitions : 1;
	try {
		const make = (topic: string, count: number, configs: Readonly<Record<string, string>>) =>
			makeMissing(admin, topic, count, configs);
		await make(ordersTopic(settings, pop), 1, compacted);
		await make(resultsTopic(settings, pop), partitions, {});
		await make(heartbeatsTopic(settings, pop), 1, { ...compacted, ...byBroker });
	} finally {
		await admin.close().catch(() => {});
	}
}

/** What is there is left as it is. */
async function makeMissing(
	admin: Admin,
	topic: string,
	partitions: number,
	configs: Readonly<Record<string, string>>,
): Promise<void> {
	if ((await admin.listTopics()).includes(topic)) return;
	const written = Object.entries(configs).map(([name, value]) => ({ name, value }));
	// Another hub may make it at the same time; what is wrong with it shows when it is used.
	await admin
		.createTopics({ topics: [topic], partitions, replicas: -1, configs: written })
		.catch((error: unknown) => {
			if (!partsOf(error).some(({ apiId }) => apiId === 'TOPIC_ALREADY_EXISTS')) throw error;
		});
}

async function adminOf({ brokers, login }: LinkSettings): Promise<Admin> {
	const { Admin: KafkaAdmin } = await import('@platformatic/kafka');
	const admin = new KafkaAdmin({
		...(await loginOf(login)),
		clientId: 'pingmachine',
		bootstrapBrokers: [...brokers],
		retries: 2,
		retryDelay: 200,
		connectTimeout: 10_000,
		requestTimeout: 10_000,
	});
	admin.on('error', () => {});
	return admin;
}
