import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import type { CountsBook } from '../counts/counts-book.ts';
import { openDelivery } from '../delivery/delivery.ts';
import type { Delivery } from '../delivery/delivery-parts.ts';
import { Allowances } from '../engine/allowances.ts';
import { Batches } from '../engine/batches.ts';
import { closeProbes } from '../engine/close-probes.ts';
import { OrderBook } from '../engine/order-book.ts';
import { RouteTracer } from '../engine/route-tracer.ts';
import { Scheduler } from '../engine/scheduler.ts';
import { version } from '../host/version.ts';
import { Memory } from '../memory/memory.ts';
import type { Clock } from '../model/clock.ts';
import { describeFindings } from '../model/findings.ts';
import type { Log } from '../model/log.ts';
import type { Order } from '../model/order.ts';
import { identityOf } from '../model/outcome.ts';
import { factTableOf, type ProbeTable } from '../model/probe.ts';
import { isOrderFor, isTelegrafFile } from '../orders/is-order.ts';
import { readOrderFile } from '../orders/order-file.ts';
import type { OrdersScan } from '../orders/seen.ts';
import { TelegrafFiles } from '../orders/telegraf-files.ts';
import { OrdersWatcher, type OrdersWatcherOptions } from '../orders/watcher.ts';
import { OutcomeStream } from '../outcomes/stream.ts';
import { openStore } from '../store/store.ts';
import type { Store } from '../store/store-parts.ts';
import { KeptAddresses } from '../tools/kept-addresses.ts';
import type { AlertDesk } from './alert-desk.ts';
import type { OutletModules } from './alert-messages.ts';
import { historyLimitsOf, maxAgeMsOf } from './config-parts.ts';
import { diskBytesOf } from './disk-use.ts';
import { FailureLog } from './failure-log.ts';
import { tellFirstScan } from './first-scan.ts';
import { lentTools } from './lent-tools.ts';
import { limitedReading, limitsIn, releasing, userName } from './limited-orders.ts';
import { openAlertDesk } from './open-alert-desk.ts';
import { openCounts } from './open-counts.ts';
import { openPops } from './open-pops.ts';
import type { Pops } from './pops.ts';
import { doorsOfBook, storeEventsFor } from './room-doors.ts';

export interface RoomsParts {
	readonly config: Config;
	readonly log: Log;
	readonly clock: Clock;
	readonly probes: ProbeTable;
	/** A module that exports `builtInSinks`: delivery loads it in its own thread. */
	readonly sinkModule: URL;
	readonly outlets: OutletModules;
	/** The first scan of orders/ is done: what is there is known. */
	scanned(): void;
	/** Something has happened after which the daemon cannot go on. */
	broken(): void;
}

const storeCloseMs = 3000;
const deliveryCloseMs = 3000;

/** The rooms of the house, each given what it needs of the others. */
export class Rooms {
	readonly #parts: RoomsParts;
	#config: Config;
	readonly store: Store;
	readonly delivery: Delivery;
	readonly alerts: AlertDesk;
	readonly memory: Memory;
	readonly counts: CountsBook;
	readonly batches: Batches;
	readonly scheduler: Scheduler;
	readonly book: OrderBook;
	readonly #allowances: Allowances;
	readonly stream: OutcomeStream;
	readonly pops: Pops;
	readonly #keptAddresses: KeptAddresses;
	readonly #routes: RouteTracer;
	readonly #telegrafFiles: TelegrafFiles;
	readonly #telegrafWatcher: OrdersWatcher;
	readonly watcher: OrdersWatcher;
	#isTidied = false;

	constructor(parts: RoomsParts) {
		const { config, clock, probes } = parts;
		this.#parts = parts;
		this.#config = config;
		this.pops = openPops(parts, this);
		this.store = this.#openStore();
		const trace = (id: string, withinMs: number) =>
			this.#routes.now(this.book.find(id)?.live?.order ?? null, withinMs);
		this.alerts = openAlertDesk({ ...parts, trace }, this);
		this.delivery = this.#openDelivery();
		this.memory = new Memory(factTableOf(probes));
		this.counts = openCounts(parts);
		this.stream = this.#openStream();
		this.#telegrafFiles = this.#openTelegrafFiles();
		this.#telegrafWatcher = this.#watch('telegraf', isTelegrafFile, {
			changed: (file) => this.#telegrafFiles.fileChanged(file),
			removed: (id) => this.#telegrafFiles.fileRemoved(id),
			scanned: () => {},
		});
		this.#keptAddresses = this.#openKeptAddresses();
		this.#allowances = new Allowances(limitsIn(config), userName);
		this.batches = new Batches(probes, clock);
		this.#routes = new RouteTracer({ probes, clock, toolsFor: this.#toolsFor() });
		this.scheduler = this.#openScheduler();
		this.book = this.#openBook();
		this.watcher = this.#watch('orders', isOrderFor(probes), {
			changed: (file) => this.book.fileChanged(file),
			removed: (id) => {
				this.book.fileRemoved(id);
				this.pops.fileRemoved(id);
			},
			scanned: (scan) => this.#scanned(scan),
		});
	}

	get config(): Config {
		return this.#config;
	}

	/** What can change while the daemon runs, does. Throws `StartError`, and changes nothing, as `limitsIn` does. */
	configure(fresh: Config): void {
		const limitsOf = limitsIn(fresh);
		this.#config = fresh;
		this.book.maxAgeMs = maxAgeMsOf(fresh);
		this.store.limitArchive(fresh.archive);
		this.store.keepHistory(historyLimitsOf(fresh));
		this.#allowances.limitsOf = limitsOf;
		this.#keptAddresses.keepSeconds = fresh.namesKeepSeconds;
		this.delivery.configure(this.pops.sinks(fresh.sinks));
		this.alerts.configure(fresh);
	}

	async start(): Promise<void> {
		await this.pops.start();
		this.book.start();
		this.scheduler.start();
		this.alerts.start();
		this.#telegrafWatcher.start();
		this.watcher.start();
	}

	/** Takes up the orders that were too much for their users, where there is room for them now. */
	judgeAgain(): void {
		for (const id of this.#allowances.takeFitting()) this.book.judgeAgain(id);
	}

	/** Ends all jobs, and writes what is left. */
	async stop(): Promise<void> {
		await this.pops.stop();
		this.watcher.stop();
		this.#telegrafWatcher.stop();
		this.#telegrafFiles.stop();
		this.alerts.stop();
		this.book.stop();
		await this.scheduler.stop();
		for (const complaint of await closeProbes(this.#parts.probes)) this.#parts.log.warn(complaint);
		await Promise.all([
			this.store.close(storeCloseMs),
			this.delivery.close(deliveryCloseMs),
			this.#keptAddresses.close(),
			this.counts.close(),
		]);
	}

	#openStore(): Store {
		const { config, log, broken, probes } = this.#parts;
		const store = openStore({
			...{ baseDir: config.baseDir, rrdTemplate: config.rrdTemplate, facts: factTableOf(probes) },
			historyLimits: historyLimitsOf(config),
			events: storeEventsFor({ book: () => this.book, pops: this.pops, log, broken }),
		});
		store.limitArchive(config.archive);
		return store;
	}

	#openDelivery(): Delivery {
		const { config, clock, log, probes, sinkModule } = this.#parts;
		const facts = factTableOf(probes);
		const { baseDir, sinkModules: otherSinkModules, sinks } = config;
		const entries = this.pops.sinks(sinks);
		const companion = this.alerts;
		return openDelivery({
			companion,
			facts,
			baseDir,
			sinkModule,
			otherSinkModules,
			entries,
			version,
			clock,
			log,
		});
	}

	#openStream(): OutcomeStream {
		const { log } = this.#parts;
		const stream = new OutcomeStream((name, error) => {
			const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
			log.error(`a fault in ${name}, please report it: ${message}`, `subscriber ${name}`);
		});
		for (const one of [this.store, this.memory, this.counts, this.delivery, new FailureLog(log)])
			stream.subscribe(one);
		return stream;
	}

	#openTelegrafFiles(): TelegrafFiles {
		const { clock, log } = this.#parts;
		return new TelegrafFiles({
			...{ clock, log, readText: readOrderFile },
			changed: (id) => {
				const live = this.book.find(id)?.live ?? null;
				if (live !== null) this.#tellChanged(live.order);
			},
		});
	}

	#openKeptAddresses(): KeptAddresses {
		const { config, log } = this.#parts;
		const file = join(config.baseDir, 'state', 'addresses');
		const kept = new KeptAddresses({ file, problem: (message) => log.warn(message) });
		kept.keepSeconds = config.namesKeepSeconds;
		return kept;
	}

	#openScheduler(): Scheduler {
		const { clock, log } = this.#parts;
		return new Scheduler({
			...{ batches: this.batches, clock, log, toolsFor: this.#toolsFor(), early: this.stream },
			routes: this.#routes,
			identityOf: (order) => identityOf(this.#telegrafFiles.forwarded(order)),
			tell: (outcomes) => this.stream.outcomes(outcomes),
			released: (live) => this.book.released(live),
		});
	}

	#toolsFor(): ReturnType<typeof lentTools> {
		return lentTools(this.#parts, this.#keptAddresses, (probe) => this.#config.probes[probe]);
	}

	#openBook(): OrderBook {
		const { config, clock, log } = this.#parts;
		return new OrderBook(
			{
				...{ batches: this.batches, clock, log },
				...releasing(
					this.#allowances,
					doorsOfBook(this, (order) => this.#tellChanged(order)),
				),
				...{ readText: readOrderFile, describe: describeFindings },
				isMeasured: (id) => this.pops.hub?.measuredHere(id) ?? true,
				readOrder: limitedReading(
					this.#allowances,
					(id, text) => this.pops.read(id, text),
					(order) => diskBytesOf(order, this.#config),
				),
				wake: () => this.scheduler.wake(),
			},
			maxAgeMsOf(config),
		);
	}

	/** Who subscribes is told of orders with what telegraf/ says of them, and who measures them. */
	#tellChanged(order: Order): void {
		const told = this.pops.asked(order, this.#telegrafFiles.forwarded(order));
		this.stream.changed(told);
		this.pops.told(told);
	}

	#watch(
		folder: string,
		isOrder: NonNullable<OrdersWatcherOptions['isOrder']>,
		listener: OrdersWatcherOptions['listener'],
	): OrdersWatcher {
		const { config, clock, log } = this.#parts;
		return new OrdersWatcher({ root: join(config.baseDir, folder), log, clock, isOrder, listener });
	}

	#scanned(scan: OrdersScan): void {
		const { log, scanned } = this.#parts;
		if (scan.first) {
			tellFirstScan(scan, this.store, log);
			this.pops.scanned();
			scanned();
		}
		// What has no order file now was deleted while the daemon was away. A folder that cannot be read may hold it.
		if (scan.complete && !this.#isTidied) {
			this.store.keepOnly(this.book.ids());
			this.counts.keepOnly(this.book.ids());
		}
		this.#isTidied ||= scan.complete;
	}
}
