import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { AlertSettings, FiringAlert } from '../alerts/room-parts.ts';
import { ruleContextOf } from '../alerts/rule-context.ts';
import type { Config } from '../config/config.ts';
import type { CompanionDesk } from '../delivery/companion.ts';
import type { SinkStats } from '../delivery/sink-stats.ts';
import { isOwnRule, type PartStanding, type Rule } from '../model/alert.ts';
import { type Clock, every } from '../model/clock.ts';
import { errorCode } from '../model/errno.ts';
import type { FactTable } from '../model/facts.ts';
import type { Log } from '../model/log.ts';
import type { Mute } from '../model/mute.ts';
import type { Order } from '../model/order.ts';
import { identityOf } from '../model/outcome.ts';
import { familyOf, hostOf } from '../model/route-source.ts';
import { KeptFiles } from '../orders/kept-files.ts';
import { readOrderFile } from '../orders/order-file.ts';
import { OrdersWatcher } from '../orders/watcher.ts';
import type { StreamEvent } from '../outcomes/subscriber.ts';
import { readMute } from '../reading/mute.ts';
import { readRule, ruleNameOf } from '../reading/rule.ts';
import type {
	AlertOrder,
	AlertReport,
	AlertThreadData,
	OutletModules,
	OutletSettings,
} from './alert-messages.ts';
import { alertSettingsOf, outletSettingsOf } from './config-parts.ts';
import { courierStanding } from './part-standings.ts';

export interface AlertDeskParts {
	readonly baseDir: string;
	readonly clock: Clock;
	readonly log: Log;
	readonly facts: FactTable;
	readonly settings: AlertSettings;
	readonly outlets: OutletSettings;
	readonly modules: OutletModules;
	/** How the parts of the daemon are, notifiers apart. Asked for every few seconds, where a rule is about them. */
	standings(): readonly PartStanding[];
	/** Whether measuring goes on. */
	isMeasuring(): boolean;
	/** To the rules; they may need a thread now. `areRules`: other rules may be for other orders. */
	tell(messages: readonly AlertOrder[], areRules?: boolean): void;
	/** Appends lines to the file `alerts` of an order. */
	save(id: string, lines: readonly string[]): void;
	/** Pings of an order are wanted early. Returns what ends that. */
	watch(id: string): () => void;
	/** Traces the way to an order at once; null where that cannot be done. */
	trace(id: string, withinMs: number): Promise<unknown>;
}

/** How often the heartbeat hears that measuring goes on. */
const pulseMs = 4000;
/** Changes of many files are told together. */
const settleMs = 50;

/** The half of the alerts that is in the main thread: it watches the files of rules and mutes, and knows the orders. */
export class AlertDesk implements CompanionDesk {
	readonly module = new URL('./alert-thread.js', import.meta.url);
	readonly #parts: AlertDeskParts;
	readonly #rules: KeptFiles<Rule>;
	readonly #mutes: KeptFiles<Mute>;
	readonly #watchers: readonly OrdersWatcher[];
	readonly #orders = new Map<string, Order>();
	readonly #watched = new Map<string, () => void>();
	#settings: AlertSettings;
	#outlets: OutletSettings;
	#notifiers: readonly SinkStats[] = [];
	#cancelPulse: () => void = () => {};
	/** The folders have been looked at: what is not there is not there. */
	#areRulesKnown = false;
	/** There are rules, or were: what fires by one that is gone has to be ended. */
	#hadRules = false;
	#firing: readonly FiringAlert[] = [];
	#cancelSettle: (() => void) | null = null;

	constructor(parts: AlertDeskParts) {
		this.#parts = parts;
		this.#settings = parts.settings;
		this.#outlets = parts.outlets;
		const { clock, log, facts } = parts;
		const context = ruleContextOf(facts);
		const common = { clock, log, readText: readOrderFile, changed: () => this.#settle() };
		this.#rules = new KeptFiles<Rule>({
			...{ ...common, folder: 'alerts' },
			read: (id, text) => {
				const read = readRule(id, text, context);
				return 'rule' in read ? { value: read.rule } : read;
			},
		});
		this.#mutes = new KeptFiles<Mute>({
			...{ ...common, folder: 'mutes' },
			read: (id, text) => {
				const read = readMute(id, text, Math.floor(clock.wallMs() / 1000));
				return 'mute' in read ? { value: read.mute } : read;
			},
		});
		this.#watchers = [this.#watch('alerts', this.#rules), this.#watch('mutes', this.#mutes)];
	}

	get data(): AlertThreadData {
		const { baseDir, facts, modules: outlets } = this.#parts;
		return { baseDir, facts, outlets };
	}

	/** What fires, as of a second ago. */
	get firing(): readonly FiringAlert[] {
		return this.#firing;
	}

	/** How the notifiers are doing, as of a second ago. */
	get notifiers(): readonly SinkStats[] {
		const wanted = new Set(this.#outlets.notifiers.map(({ name }) => name));
		return this.#notifiers.filter(({ name }) => wanted.has(name));
	}

	start(): void {
		this.#cancelPulse = every(this.#parts.clock, pulseMs, pulseMs / 2, () => {
			if (this.#outlets.heartbeat !== null && this.#parts.isMeasuring())
				this.#parts.tell([{ about: 'pulse' }]);
			if ([...this.#rules.values().values()].some(isOwnRule)) this.#tellStandings();
		});
		for (const watcher of this.#watchers) watcher.start();
	}

	stop(): void {
		this.#cancelPulse();
		this.#cancelSettle?.();
		for (const watcher of this.#watchers) watcher.stop();
		this.#rules.stop();
		this.#mutes.stop();
	}

	configure(config: Config): void {
		const settings = alertSettingsOf(config);
		if (JSON.stringify(settings) !== JSON.stringify(this.#settings)) {
			this.#settings = settings;
			this.#parts.tell([{ about: 'settings', settings }]);
		}
		this.#setOutlets({ ...outletSettingsOf(config), standby: this.#outlets.standby });
	}

	/** Another hub tells in our place, but those that are told by all. */
	set standby(standby: OutletSettings['standby']) {
		this.#setOutlets({ ...this.#outlets, standby });
	}

	#setOutlets(outlets: OutletSettings): void {
		if (JSON.stringify(outlets) === JSON.stringify(this.#outlets)) return;
		this.#outlets = outlets;
		// With a heartbeat all orders matter.
		this.#parts.tell([{ about: 'outlets', outlets }], true);
	}

	// ---- As the companion of the sinks ----

	isNeeded(): boolean {
		const { notifiers, heartbeat } = this.#outlets;
		return this.#hadRules || notifiers.length > 0 || heartbeat !== null;
	}

	messageOf(event: StreamEvent, isHeard: boolean): AlertOrder | null {
		switch (event.about) {
			case 'changed':
				this.#orders.set(event.order.id, event.order);
				return isHeard ? orderMessage(event.order, this.#parts.facts) : null;
			case 'gone':
				this.#orders.delete(event.id);
				return { about: 'gone', id: event.id };
			case 'early': {
				if (!this.#watched.has(event.order.id)) return null;
				const pings = event.early.map(({ index, rttSeconds }) => ({ index, isLost: rttSeconds === null }));
				return { about: 'early', id: event.order.id, slot: event.slot, pings };
			}
			default:
				return null;
		}
	}

	first(): readonly AlertOrder[] {
		return [
			{ about: 'settings', settings: this.#settings },
			{ about: 'outlets', outlets: this.#outlets },
			...(this.#areRulesKnown ? [this.#rulesMessage()] : []),
			{ about: 'mutes', mutes: [...this.#mutes.values().values()] },
			...Array.from(this.#orders.values(), (order) => orderMessage(order, this.#parts.facts)),
		];
	}

	hear(message: unknown): void {
		const report = message as AlertReport;
		switch (report.about) {
			case 'save':
				this.#parts.save(report.id, report.lines);
				break;
			case 'watch':
				for (const id of report.ids) this.#watchEarly(id, report.isWanted);
				break;
			case 'trace':
				this.#trace(report.id, report.withinMs);
				break;
			case 'removeMutes':
				for (const name of report.names) this.#removeMute(name);
				break;
			case 'notifiers':
				this.#notifiers = report.stats;
				break;
			case 'firing':
				this.#firing = report.firing;
				break;
		}
	}

	#watch(folder: string, files: KeptFiles<Rule> | KeptFiles<Mute>): OrdersWatcher {
		const { baseDir, clock, log } = this.#parts;
		return new OrdersWatcher({
			...{ root: join(baseDir, folder), log, clock },
			listener: {
				changed: (file) => files.fileChanged(file),
				removed: (id) => files.fileRemoved(id),
				scanned: ({ complete }) => {
					if (folder !== 'alerts' || !complete || this.#areRulesKnown) return;
					this.#areRulesKnown = true;
					this.#settle();
				},
			},
		});
	}

	#tellStandings(): void {
		const notifiers = this.notifiers.map((one) => courierStanding('notifier', one));
		const standings = [...this.#parts.standings(), ...notifiers];
		this.#parts.tell([{ about: 'standings', standings }]);
	}

	#settle(): void {
		this.#cancelSettle ??= this.#parts.clock.after(settleMs, () => {
			this.#cancelSettle = null;
			const mutes: AlertOrder = { about: 'mutes', mutes: [...this.#mutes.values().values()] };
			const rules = this.#areRulesKnown ? [this.#rulesMessage()] : [];
			this.#hadRules ||= rules.some((one) => one.rules.length + one.unread.length > 0);
			this.#parts.tell([mutes, ...rules], rules.length > 0);
		});
	}

	/** Of two files with one name the first holds. */
	#rulesMessage(): AlertOrder & { readonly about: 'rules' } {
		const rules = new Map<string, Rule>();
		for (const [file, rule] of this.#rules.values()) {
			if (!rules.has(rule.name)) rules.set(rule.name, rule);
			else
				this.#parts.log.warn(`alerts/${file}: there is another rule of this name, which holds. Rename one`);
		}
		return { about: 'rules', rules: [...rules.values()], unread: this.#rules.unread().map(ruleNameOf) };
	}

	#watchEarly(id: string, isWanted: boolean): void {
		if (!isWanted) {
			this.#watched.get(id)?.();
			this.#watched.delete(id);
		} else if (!this.#watched.has(id)) this.#watched.set(id, this.#parts.watch(id));
	}

	#trace(id: string, withinMs: number): void {
		const told = (path: unknown) => {
			const hops = Array.isArray(path) ? path.map((hop) => (typeof hop === 'string' ? hop : null)) : null;
			this.#parts.tell([{ about: 'traced', id, path: hops }]);
		};
		this.#parts.trace(id, withinMs).then(told, () => told(null));
	}

	/** Only acknowledgements come here, which pingmachine wrote. */
	#removeMute(name: string): void {
		if (this.#mutes.values().get(name)?.alert === undefined) return;
		try {
			unlinkSync(join(this.#parts.baseDir, 'mutes', name));
		} catch (error) {
			if (errorCode(error) !== 'ENOENT')
				this.#parts.log.warn(`mutes/${name} is over and cannot be removed: ${(error as Error).message}`);
		}
		this.#mutes.fileRemoved(name);
	}
}

function orderMessage(order: Order, facts: FactTable): AlertOrder {
	const { stepSeconds, pings, alerts = [], parents = [], note, link } = order;
	const traces = facts.get(order.probe)?.some(({ kind }) => kind === 'path') === true;
	const watched = {
		...{ identity: identityOf(order), stepSeconds, pings, alerts, parents, traces },
		...{ host: hostOf(order), family: familyOf(order) },
		hasRoute: traces || order.routeSeconds !== undefined,
		...(note === undefined ? {} : { note }),
		...(link === undefined ? {} : { link }),
	};
	return { about: 'order', order: watched };
}
