import type { Config } from '../config/config.ts';
import { checkProc, checkWritable, makeBaseDir } from '../host/base-dir.ts';
import { type BaseDirLock, lockBaseDir } from '../host/base-dir-lock.ts';
import type { ProcessLog } from '../host/log.ts';
import { serviceNotify } from '../host/service-notify.ts';
import type { DaemonAnswer } from '../model/answers.ts';
import { every, everySecondOrSo, SystemClock } from '../model/clock.ts';
import { printable } from '../model/printable.ts';
import type { ProbeTable } from '../model/probe.ts';
import { caughtUp } from '../orders/known-orders.ts';
import { KeptLists } from '../orders/lists/kept-lists.ts';
import { watchBaseDir } from './base-dir-watch.ts';
import { CanaryRoom } from './canary-room.ts';
import { DiskUse } from './disk-use.ts';
import { HealthReport } from './health-report.ts';
import { LimitedLog } from './limited-log.ts';
import { LoopDelay } from './loop-delay.ts';
import { QuestionDesk } from './question-desk.ts';
import { reload } from './reload.ts';
import { Rooms } from './rooms.ts';
import { WebChild, type WebChildOptions, webOrderOf } from './web-child.ts';

export interface DaemonParts {
	readonly config: Config;
	readonly log: ProcessLog;
	readonly probes: ProbeTable;
	/** A module that exports `builtInSinks`: delivery loads it in its own thread. */
	readonly sinkModule: URL;
	/** A module that exports `builtInNotifiers`, likewise. */
	readonly notifierModule: URL;
	/** How the process of the web server is started. */
	readonly web: Pick<WebChildOptions, 'configFile' | 'program'>;
	/** Reads the config again; throws when there is something wrong with it. */
	reloadConfig(): Config;
}

/** The daemon is gone by then, come what may. */
const shutdownMs = 4500;
const reportIntervalMs = 60_000;
const reportSlackMs = 5000;
/** How soon an order that was too much for its user is looked at when there is room for it. */
const judgeAgainMs = 2000;
const judgeAgainSlackMs = 2000;

/**
 * Runs the daemon until SIGTERM or SIGINT. The only place that knows all rooms of the house.
 *
 * Resolves with the exit code. Rejects with `StartError` when it cannot be started.
 */
export async function runDaemon(parts: DaemonParts): Promise<number> {
	const { baseDir } = parts.config;
	// The C library waits 10 s for a name server that is silent, and the process cannot end before that.
	process.env['RES_OPTIONS'] ??= 'timeout:1 attempts:2';
	checkProc();
	makeBaseDir(baseDir);
	const lock = await lockBaseDir(baseDir);
	checkWritable(baseDir);
	// The folder that we were started in may be unmounted or removed; threads cannot be made in one that is gone.
	process.chdir('/');
	return new Daemon(parts, lock).run();
}

class Daemon {
	readonly #parts: DaemonParts;
	readonly #lock: BaseDirLock;
	readonly #loopDelay = new LoopDelay();
	readonly #clock = new SystemClock((ms) => this.#loopDelay.note(ms));
	readonly #startedSeconds = this.#clock.wallMs() / 1000;
	#configState: DaemonAnswer['config'] = { in_force_since: this.#startedSeconds, last_read_ok: true };
	readonly #log: LimitedLog;
	readonly #rooms: Rooms;
	readonly #disk: DiskUse;
	readonly #health: HealthReport;
	readonly #desk: QuestionDesk;
	readonly #web: WebChild;
	readonly #canaries: CanaryRoom;
	readonly #lists: KeptLists;
	readonly #notify: ReturnType<typeof serviceNotify>;
	#endWith: (exitCode: number) => void = () => {};
	readonly #ended = new Promise<number>((resolve) => {
		this.#endWith = resolve;
	});

	constructor(parts: DaemonParts, lock: BaseDirLock) {
		const { config, probes, sinkModule, notifierModule, web } = parts;
		this.#parts = parts;
		this.#lock = lock;
		this.#log = new LimitedLog(parts.log, this.#clock);
		this.#notify = serviceNotify(process.env, parts.log);
		this.#rooms = new Rooms({
			...{ config, log: this.#log, clock: this.#clock, probes, sinkModule },
			outlets: { notifiers: notifierModule.href, program: web.program },
			scanned: () => this.#disk.tell(),
			broken: () => this.#endWith(1),
		});
		this.#disk = new DiskUse(this.#rooms, this.#log, () => this.#clock.monotonicMs());
		this.#health = new HealthReport({
			...{ rooms: this.#rooms, loopDelay: this.#loopDelay, notify: this.#notify, log: this.#log },
		});
		this.#lists = new KeptLists({ baseDir: config.baseDir, probes, log: this.#log });
		this.#web = new WebChild({ baseDir: config.baseDir, ...parts.web, log: parts.log });
		const { stream, store } = this.#rooms;
		this.#canaries = new CanaryRoom({
			...{ baseDir: config.baseDir, clock: this.#clock, log: this.#log, stream, store },
		});
		this.#desk = this.#openDesk();
	}

	async run(): Promise<number> {
		const { log } = this.#parts;
		this.#listenToSignals();
		this.#disk.check();
		this.#health.showTitle();
		const cancels = this.#doNowAndThen();
		await this.#desk.open();
		this.#canaries.configure(this.#rooms.config.hub?.canaries ?? null);
		await this.#rooms.start();
		this.#keepLists();
		this.#web.configure(webOrderOf(this.#rooms.config));
		log.info(`pingmachine started in ${printable(this.#parts.config.baseDir)}`);
		this.#notify.ready(this.#health.status);

		const exitCode = await this.#ended;
		const tooLong = setTimeout(() => {
			log.error(`could not shut down within ${shutdownMs} ms`);
			process.exit(1);
		}, shutdownMs);
		this.#notify.stopping();
		this.#desk.close();
		this.#lists.close();
		for (const cancel of cancels) cancel();
		// What they brought has to be in files.
		await this.#canaries.close();
		await Promise.all([this.#rooms.stop(), this.#web.close()]);
		this.#log.flush();
		this.#lock.release();
		clearTimeout(tooLong);
		log.info('pingmachine stopped');
		return exitCode;
	}

	#keepLists(): void {
		const { targets, defaults } = this.#rooms.config;
		this.#lists.configure(targets, defaults);
	}

	#listenToSignals(): void {
		const end = () => this.#endWith(0);
		process.on('SIGTERM', end).on('SIGINT', end);
		process.on('SIGHUP', () => {
			const { log, reloadConfig } = this.#parts;
			this.#notify.reloading();
			const isRead = reload(this.#rooms, reloadConfig, log, (level) => log.setLevel(level));
			const since = isRead ? this.#clock.wallMs() / 1000 : this.#configState.in_force_since;
			this.#configState = { in_force_since: since, last_read_ok: isRead };
			this.#web.configure(webOrderOf(this.#rooms.config));
			this.#canaries.configure(this.#rooms.config.hub?.canaries ?? null);
			this.#keepLists();
			this.#notify.ready(this.#health.status);
		});
		process.on('uncaughtException', (error) => {
			this.#log.error(`a fault in pingmachine itself, please report it: ${error.stack ?? error.message}`);
			this.#endWith(1);
		});
	}

	/** Returns what ends it. */
	#doNowAndThen(): (() => void)[] {
		const clock = this.#clock;
		const { watchdogMs } = this.#notify;
		return [
			everySecondOrSo(clock, () => this.#health.showTitle()),
			every(clock, reportIntervalMs, reportSlackMs, () => this.#health.report()),
			every(clock, reportIntervalMs, reportSlackMs, () => this.#disk.check()),
			every(clock, judgeAgainMs, judgeAgainSlackMs, () => this.#rooms.judgeAgain()),
			...(watchdogMs === null
				? []
				: [every(clock, watchdogMs / 4, watchdogMs / 12, () => this.#health.feedWatchdog())]),
			watchBaseDir({
				...{ baseDir: this.#parts.config.baseDir, lock: this.#lock, clock, log: this.#log },
				takenUp: () => void this.#desk.open(),
				lost: () => this.#endWith(1),
			}),
		];
	}

	#openDesk(): QuestionDesk {
		const { book, batches, scheduler, memory, counts, stream, store, delivery, alerts } = this.#rooms;
		const sources = {
			...{ startedSeconds: this.#startedSeconds, book, batches, scheduler, memory, counts, stream, store },
			...{ delivery, alerts, pops: this.#rooms.pops.desk },
			disk: () => this.#disk.answer,
			maxAgeSeconds: () => this.#rooms.config.maxAgeSeconds,
			known: () => caughtUp(this.#rooms.watcher),
			loopDelay: () => this.#loopDelay.delays,
			config: () => this.#configState,
			web: () => this.#web.state,
			canaries: () => this.#canaries.answer,
			failed: (error: Error) =>
				this.#log.error(`could not answer a question: ${error.stack ?? error.message}`, 'question'),
		};
		return new QuestionDesk(this.#parts.config.baseDir, sources, this.#log);
	}
}
