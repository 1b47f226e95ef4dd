import type { Config } from '../config/config.ts';
import type { Standby } from '../delivery/notices/standby.ts';
import { StartError } from '../host/start-error.ts';
import type { Clock } from '../model/clock.ts';
import { every, everySecondOrSo } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import type { Order } from '../model/order.ts';
import type { Outcome } from '../model/outcome.ts';
import { hubFolder } from '../model/pop.ts';
import type { ProbeTable } from '../model/probe.ts';
import type { SinkEntry } from '../model/sink-entry.ts';
import { isElsewhere } from '../model/where.ts';
import { heartbeatMs } from '../pops/heartbeat.ts';
import { Hub } from '../pops/hub/hub.ts';
import { loadHubKey } from '../pops/hub/registry.ts';
import type { Hubs } from '../pops/hubs/hubs.ts';
import { HubServer } from '../pops/links/https/hub-server.ts';
import { type ReadOrder, readOrder } from '../reading/order.ts';
import { openHubs } from './hubs.ts';
import { type JoinedSite, joinSite, type SiteState } from './joined-site.ts';
import { kafkaHubLink, kafkaResultsSink } from './kafka-links.ts';
import { openPopDesk, type PopDesk } from './pop-desk.ts';

export interface PopsParts {
	readonly config: Config;
	readonly log: Log;
	readonly clock: Clock;
	readonly probes: ProbeTable;
	/** Other points of presence measure an order now. */
	moved(order: Order): void;
	outcomes(outcomes: readonly Outcome[]): void;
	flush(): Promise<void>;
	/** All have measured an order that were asked to do so once. */
	measuredOnce(id: string): void;
	/** Why an order, or what is `ID/@POP`, is not measured; null: it is. */
	reason(id: string, message: string | null): void;
	/** Another hub tells notifiers in our place, or does not. */
	standby(standby: Standby): void;
	/** How this machine is, for its hub. */
	siteState(): SiteState;
}

const inHubFolder = `${hubFolder}/`;

/** Points of presence: this machine as a hub, as one of them, both, or neither. */
export class Pops {
	readonly #parts: PopsParts;
	readonly hub: Hub | null;
	/** What the socket is asked; null: this is no hub. */
	readonly desk: PopDesk | null;
	#server: HubServer | null = null;
	readonly #site: JoinedSite | null;
	/** Null: there is no other hub. */
	#hubs: Hubs | null = null;
	readonly #texts = new WeakMap<Order, { readonly text: string; readonly isTaken: boolean }>();
	#key: ReturnType<typeof loadHubKey> | null = null;
	#cancels: readonly (() => void)[] = [];

	/** Throws `StartError`. */
	constructor(parts: PopsParts) {
		const { config } = parts;
		this.#parts = parts;
		const opened = config.hub === null ? null : this.#openHub(config.hub);
		this.hub = opened?.hub ?? null;
		this.desk = opened?.desk ?? null;
		this.#site = config.pop === null ? null : joinSite(config.pop, parts);
	}

	/** Rejects with `StartError`. */
	async start(): Promise<void> {
		const { config, clock, log } = this.#parts;
		const { hub } = this;
		const site = this.#site;
		site?.start();
		this.#cancels = [
			...(hub === null ? [] : [everySecondOrSo(clock, () => hub.look())]),
			...this.#startHubs(),
			...(site === null
				? []
				: [
						everySecondOrSo(clock, () => site.look()),
						every(clock, heartbeatMs, heartbeatMs / 20, () => site.beat()),
					]),
		];
		if (hub === null || config.hub === null) return;
		if (config.hub.kafka !== null) {
			const mayTell = () => this.#hubs?.isLeading ?? true;
			await hub.open(kafkaHubLink(config.hub.kafka, { baseDir: config.baseDir, log, mayTell }));
		}
		if (config.hub.listen === null) return;
		const { listen, tls } = config.hub;
		try {
			this.#server = new HubServer({ ...listen, tls, log });
			await hub.open(this.#server);
		} catch (error) {
			const where = `hub.listen: ${listen.host} port ${listen.port}`;
			throw new StartError(`${where}: ${(error as Error).message}`, { cause: error });
		}
	}

	#startHubs(): (() => void)[] {
		const { config, clock, log, standby } = this.#parts;
		const { hub } = this;
		if (hub === null || config.hub === null || this.#key === null) return [];
		const options = {
			settings: config.hub,
			key: this.#key,
			baseDir: config.baseDir,
			clock,
			log,
			hub,
			standby,
		};
		const hubs = openHubs(options);
		this.#hubs = hubs;
		if (hubs === null) return [];
		hubs.start();
		return [
			everySecondOrSo(clock, () => hubs.look()),
			every(clock, heartbeatMs, heartbeatMs / 20, () => hubs.beat()),
		];
	}

	async stop(): Promise<void> {
		for (const cancel of this.#cancels) cancel();
		await Promise.all([this.hub?.close(), this.#site?.close(), this.#hubs?.close()]);
	}

	/** All order files have been read once. */
	scanned(): void {
		this.hub?.ready();
		this.#hubs?.ready();
	}

	/** The sinks of the config, and the way to our hub. */
	sinks(entries: readonly SinkEntry[]): readonly SinkEntry[] {
		const { config } = this.#parts;
		if (config.pop === null) return entries;
		const { kafka, name } = this.#site?.join ?? {};
		if (this.#site === null || kafka === undefined || name === undefined)
			return [...entries, hubSink(config.pop)];
		return [...entries, kafkaResultsSink(kafka, name, this.#site.login, hubLimits)];
	}

	/** As `readOrder`; what lies below `orders/@hub/` has to be as the hub sent it. */
	read(id: string, text: string): ReadOrder {
		const isHubs = id.startsWith(inHubFolder);
		if (isHubs && this.#site?.isOurs(id.slice(inHubFolder.length), text) !== true)
			return { findings: [{ message: notOurs }] };
		const read = readOrder(id, text, this.#parts.probes);
		if ('findings' in read) return read;
		if (isHubs) return { ...read, order: asHere(read.order) };
		const { order } = read;
		if (order.where === undefined) return read;
		if (this.hub === null && isElsewhere(order)) return { findings: [{ key: 'where', message: noHub }] };
		const isTaken = this.#hubs?.taken.has(id, text) === true;
		const told = isTaken ? asTaken(order) : order;
		this.#texts.set(told, { text, isTaken });
		return { ...read, order: told };
	}

	/** `shown`: the same order as others are told of it; returned with who measures it. */
	asked(order: Order, shown: Order): Order {
		if (this.hub === null) return shown;
		const { text = '', isTaken = false } = this.#texts.get(order) ?? {};
		if (order.where === undefined) this.#hubs?.gone(order.id);
		else if (!isTaken) this.#hubs?.asked(order.id, text);
		return this.hub.asked(shown, text);
	}

	/** All know of it. */
	told(order: Order): void {
		if (this.hub === null || order.where === undefined) return;
		if (order.pops?.length === 0 && isElsewhere(order)) this.#parts.reason(order.id, noneFits);
	}

	gone(id: string): void {
		this.hub?.gone(id);
		this.#hubs?.gone(id);
	}

	/** What is told of an order of the hub goes back to it; null: it is measured. */
	rejected(id: string, message: string | null): void {
		if (id.startsWith(inHubFolder)) this.#site?.told(id.slice(inHubFolder.length), message);
	}

	fileRemoved(id: string): void {
		this.#hubs?.taken.fileRemoved(id);
		if (id.startsWith(inHubFolder)) this.#site?.fileRemoved(id.slice(inHubFolder.length));
	}

	/** Throws `StartError`. */
	#openHub(settings: NonNullable<Config['hub']>): { hub: Hub; desk: PopDesk } {
		const { keyFile, validForSeconds } = settings;
		const { config, clock, log, moved, outcomes, flush, reason, measuredOnce } = this.#parts;
		const stateDir = `${config.baseDir}/state`;
		const key = loadHubKey(stateDir, keyFile);
		this.#key = key;
		const hub = new Hub({
			...{ clock, log, stateDir, key, validForSeconds },
			moved: (order) => {
				moved(order);
				if (order.pops?.length !== 0) reason(order.id, null);
				this.told(order);
			},
			...{ outcomes, flush, reason, measuredOnce },
		});
		const { baseDir } = config;
		const port = () => this.#server?.port ?? 0;
		const changed = (name: string) => this.#hubs?.changedPop(name, hub.registry.get(name));
		const others = () => this.#hubs?.answer ?? null;
		return { hub, desk: openPopDesk({ hub, settings, baseDir, hubKey: key, port, changed, others }) };
	}
}

const notOurs =
	'no hub has sent it as it is: only the hub that this machine is a point of presence of writes there. Move it away';
const noHub =
	'asks for points of presence, and this pingmachine is no hub. Write hub: into its config, or take where: out';
const noneFits =
	'no point of presence fits what where: asks for. Add one with pingmachine pop add, or correct where:';

/** It was written at another hub: it is measured by points of presence alone, and ends when it ends there. */
function asTaken(order: Order): Order {
	const { where } = order;
	return {
		...order,
		expiresSeconds: null,
		...(where === undefined ? {} : { where: { ...where, here: false } }),
	};
}

/** It is measured here, whatever the hub's file says, and as long as the hub says so. */
function asHere(order: Order): Order {
	const { where: _elsewhere, ...here } = order;
	return { ...here, expiresSeconds: null };
}

const dayHours = 24;
const hubLimits: SinkEntry['limits'] = {
	...{ queueMax: 50_000, batchMax: 1000, batchWaitMs: 1000, timeoutMs: 20_000 },
	...{ spoolMaxBytes: 4e9, spoolMaxAgeMs: 31 * dayHours * 3_600_000 },
};

function hubSink({ joinFile, login }: NonNullable<Config['pop']>): SinkEntry {
	const { tls_ca_file, tls_cert_file, tls_key_file, tls_verify } = login;
	const written = { join: joinFile, tls_ca_file, tls_cert_file, tls_key_file, tls_verify };
	const settings = Object.fromEntries(Object.entries(written).filter(([, value]) => value !== undefined));
	return {
		...{ name: 'hub', type: 'hub', settings },
		filter: { ids: [`${hubFolder}/**`], users: null, probes: null },
		limits: hubLimits,
	};
}
