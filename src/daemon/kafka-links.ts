import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import type { HubKafkaSettings } from '../config/hub-setting.ts';
import type { Join } from '../model/join-file.ts';
import type { KafkaLogin } from '../model/kafka-login.ts';
import type { Log } from '../model/log.ts';
import { hubFolder } from '../model/pop.ts';
import type { SinkEntry } from '../model/sink-entry.ts';
import { KafkaHubLink } from '../pops/kafka/hub-link.ts';
import { popHeader, resultsTopic } from '../pops/kafka/topics.ts';

/** The hub's link over Kafka. Each hub reads all results, so that each has a group of its own. */
export function kafkaHubLink(
	settings: HubKafkaSettings,
	{ baseDir, log, mayTell }: { readonly baseDir: string; readonly log: Log; mayTell(): boolean },
): KafkaHubLink {
	const place = createHash('sha256').update(`${hostname()}\0${baseDir}`).digest('hex').slice(0, 12);
	return new KafkaHubLink({
		...settings,
		group: `${settings.prefix}.hub.${place}`,
		mayTell,
		told: tellChanges(log, 'points of presence'),
	});
}

/** Tells a problem once, and when it is over. */
export function tellChanges(log: Log, what: string): (problem: string | null) => void {
	let last: string | null | undefined;
	return (problem) => {
		if (problem === last) return;
		if (problem !== null) log.warn(`${what}: ${problem}`);
		else log.info(`${what} are linked over Kafka`);
		last = problem;
	};
}

/** Those that are written: what is left out is not there at all. */
function loginKeysOf(login: KafkaLogin): Readonly<Record<string, unknown>> {
	return Object.fromEntries(Object.entries(login).filter(([, value]) => value !== undefined));
}

/** The way of results from a point of presence to its hub; what they are of is told by the topic or a header. */
export function kafkaResultsSink(
	kafka: NonNullable<Join['kafka']>,
	name: string,
	login: KafkaLogin,
	limits: SinkEntry['limits'],
): SinkEntry {
	return {
		...{ name: 'hub', type: 'kafka', limits, asPop: name },
		settings: {
			brokers: [...kafka.brokers],
			topic: resultsTopic(kafka, name),
			headers: { [popHeader]: name },
			client_id: `pingmachine-${name}`,
			...loginKeysOf(login),
		},
		filter: { ids: [`${hubFolder}/**`], users: null, probes: null },
	};
}
