import { existsSync } from 'node:fs';
import type { PopSettings } from '../config/pop-setting.ts';
import { StartError } from '../host/start-error.ts';
import { version } from '../host/version.ts';
import type { Clock } from '../model/clock.ts';
import { describeFindings } from '../model/findings.ts';
import type { Join } from '../model/join-file.ts';
import type { KafkaLogin } from '../model/kafka-login.ts';
import type { Log } from '../model/log.ts';
import type { ProbeTable } from '../model/probe.ts';
import { publicKeyOf } from '../pops/envelope.ts';
import type { Heartbeat } from '../pops/heartbeat.ts';
import { KafkaPopLink } from '../pops/kafka/pop-link.ts';
import { PopClient } from '../pops/links/https/pop-client.ts';
import { Site } from '../pops/site/site.ts';
import { readOrder } from '../reading/order.ts';
import { hubAccess, kafkaLoginOfSite, readJoinFile } from './join-source.ts';

/** How this machine is, for its hub. */
export interface SiteState {
	/** One run of the daemon. */
	readonly boot: string;
	/** Of the hub's orders. */
	readonly failing: number;
	readonly spool: Heartbeat['spool'];
}

export interface JoinedSiteParts {
	readonly config: { readonly baseDir: string };
	readonly log: Log;
	readonly clock: Clock;
	readonly probes: ProbeTable;
	siteState(): SiteState;
}

/** This machine as a point of presence. */
export interface JoinedSite extends Pick<Site, 'isOurs' | 'told' | 'fileRemoved' | 'look'> {
	readonly join: Join;
	/** How brokers are told who we are. */
	readonly login: KafkaLogin;
	start(): void;
	/** Tells the hub how it is. Never rejects. */
	beat(): Promise<void>;
	close(): Promise<void>;
}

/** Throws `StartError` when the join file cannot be used. */
export function joinSite(settings: PopSettings, parts: JoinedSiteParts): JoinedSite {
	const { joinFile, accept } = settings;
	const { config, log, clock, probes } = parts;
	const join = readJoinFile(joinFile);
	const site = new Site({
		...{ clock, log, baseDir: config.baseDir, name: join.name, accept },
		...{ hubKey: hubKeyOf(join, joinFile), hubKeyText: join.hub_key },
		read: (id, text) => {
			const read = readOrder(id, text, probes);
			return 'findings' in read ? { wrong: describeFindings(read.findings) } : { order: read.order };
		},
	});
	const login = kafkaLoginOfSite(join, settings, config.baseDir);
	const link = linkOf(join, settings, login);
	let toldReasons = -1;
	const beat = async () => {
		const reasonsVersion = site.reasonsVersion;
		const isNews = toldReasons !== reasonsVersion;
		try {
			await link.heartbeat({
				...{ v: 1, version, labels: join.labels, probes: [...probes.keys()], seq: site.seq },
				now: clock.wallMs() / 1000,
				...heartOf(site, parts.siteState()),
				clock: clockOf(link instanceof PopClient ? link.aheadSeconds : null),
				...(isNews ? { reasons: Object.fromEntries([...site.reasons].slice(0, reasonsMax)) } : {}),
			});
			toldReasons = reasonsVersion;
		} catch {
			// The hub may have begun anew.
			toldReasons = -1;
		}
	};
	return {
		join,
		login,
		isOurs: (id, text) => site.isOurs(id, text),
		told: (id, message) => site.told(id, message),
		fileRemoved: (id) => site.fileRemoved(id),
		look: () => {
			site.look();
			// Why an order is not measured is told at once.
			if (toldReasons >= 0 && toldReasons !== site.reasonsVersion) void beat();
		},
		beat,
		start: () => {
			site.start();
			link.start(site);
			void beat();
		},
		close: () => link.close(),
	};
}

const reasonsMax = 10_000;

function heartOf(
	site: Site,
	{ boot, failing, spool }: SiteState,
): Pick<Heartbeat, 'boot' | 'orders' | 'spool'> {
	return { boot, orders: { measured: site.measured, failing, rejected: site.reasons.size }, spool };
}

/** What keeps the clock says so there: systemd-timesyncd, chrony. */
const signsOfSync = ['/run/systemd/timesync/synchronized', '/run/chrony/chronyd.pid'];

function clockOf(aheadSeconds: number | null): Heartbeat['clock'] {
	const synced = signsOfSync.some((path) => existsSync(path));
	return aheadSeconds === null ? { synced } : { synced, offset: aheadSeconds };
}

/** Over Kafka where the hub has one. */
function linkOf(join: Join, settings: PopSettings, login: KafkaLogin): PopClient | KafkaPopLink {
	if (join.kafka !== undefined) return new KafkaPopLink({ ...join.kafka, login }, join.name);
	const access = hubAccess(settings, join);
	// What is wrong with it is told at the start.
	access();
	return new PopClient(access);
}

function hubKeyOf({ hub_key: text }: Join, path: string) {
	try {
		return publicKeyOf(text);
	} catch (error) {
		throw new StartError(`pop.join: ${path}: hub_key is no key of Ed25519`, { cause: error });
	}
}
