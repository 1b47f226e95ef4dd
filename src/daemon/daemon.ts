import { join } from 'node:path';
import { changedKeys } from '../config/changed-keys.ts';
import type { Config } from '../config/config.ts';
import { openDelivery } from '../delivery/delivery.ts';
import { allDropped, describeSinks } from '../delivery/sink-stats.ts';
import { Allowances } from '../engine/allowances.ts';
import { Batches } from '../engine/batches.ts';
import { closeProbes } from '../engine/close-probes.ts';
import { OrderBook } from '../engine/order-book.ts';
import { Scheduler } from '../engine/scheduler.ts';
import { checkProc, checkWritable, makeBaseDir } from '../host/base-dir.ts';
import { lockBaseDir } from '../host/base-dir-lock.ts';
import { DiskSpace } from '../host/disk-space.ts';
import type { ProcessLog } from '../host/log.ts';
import { serviceNotify } from '../host/service-notify.ts';
import { version } from '../host/version.ts';
import { Memory } from '../memory/memory.ts';
import { openQuestionSocket, type QuestionSocket } from '../memory/question-socket.ts';
import { every, everySecondOrSo, SystemClock } from '../model/clock.ts';
import { describeFindings } from '../model/findings.ts';
import { gigabytes } from '../model/gigabytes.ts';
import type { Order } from '../model/order.ts';
import { identityOf } from '../model/outcome.ts';
import { factTableOf, type ProbeTable } from '../model/probe.ts';
import { RepeatLimiter } from '../model/repeat-limiter.ts';
import { isOrderFor, isTelegrafFile } from '../orders/is-order.ts';
import { readOrderFile } from '../orders/order-file.ts';
import { TelegrafFiles } from '../orders/telegraf-files.ts';
import { OrdersWatcher } from '../orders/watcher.ts';
import { OutcomeStream } from '../outcomes/stream.ts';
import { readOrder } from '../reading/order.ts';
import { mainRrdBytes } from '../store/main-rrd-shape.ts';
import { openStore } from '../store/store.ts';
import { KeptAddresses } from '../tools/kept-addresses.ts';
import { makeResolveNames } from '../tools/resolve-names.ts';
import { makeRunCommand } from '../tools/run-command.ts';
import { watchBaseDir } from './base-dir-watch.ts';
import { FailureLog } from './failure-log.ts';
import { limitedReading, limitsIn, releasing, userName } from './limited-orders.ts';
import { LoopDelay } from './loop-delay.ts';
import { questionsFor } from './questions.ts';

/** Messages that differ in numbers and in what stands after a colon are of one kind. */
function kindOf(message: string): string {
	return (message.split(/:| for /)[0] ?? '').replaceAll(/\d+/g, '');
}

export interface DaemonParts {
	readonly config: Config;
	readonly log: ProcessLog;
	readonly probes: ProbeTable;
	/** A module that exports `builtInSinks`: delivery loads it in its own thread. */
	readonly sinkModule: URL;
	/** Reads the config again; throws when there is something wrong with it. */
	reloadConfig(): Config;
}

function maxAgeMsOf({ maxAgeSeconds }: Config): number {
	return maxAgeSeconds === null ? Number.POSITIVE_INFINITY : maxAgeSeconds * 1000;
}

/** The daemon is gone by then, come what may. */
const shutdownMs = 4500;
const storeCloseMs = 3000;
const deliveryCloseMs = 3000;
const storeHungMs = 60_000;
const reportIntervalMs = 60_000;
const reportSlackMs = 5000;
/** How soon an order that was too much for its user is looked at when there is room for it. */
const judgeAgainMs = 2000;
const judgeAgainSlackMs = 2000;
const recountMs = 10_000;

/**
 * Runs the daemon until SIGTERM or SIGINT. The only place that wires the rooms of the house together.
 *
 * Resolves with the exit code. Throws `StartError` when it cannot be started.
 */
export async function runDaemon(parts: DaemonParts): Promise<number> {
	const { log, probes } = parts;
	let { config } = parts;
	// The C library waits 10 s for a name server that is silent, and the process cannot end before that.
	process.env['RES_OPTIONS'] ??= 'timeout:1 attempts:2';
	const loopDelay = new LoopDelay();
	const clock = new SystemClock((ms) => loopDelay.note(ms));
	checkProc();
	makeBaseDir(config.baseDir);
	const lock = await lockBaseDir(config.baseDir);
	checkWritable(config.baseDir);
	// The folder that we were started in may be unmounted or removed; threads cannot be made in one that is gone.
	process.chdir('/');

	const limiter = new RepeatLimiter(log, clock);
	const notify = serviceNotify(process.env, log);
	let endWith: (exitCode: number) => void = () => {};
	const ended = new Promise<number>((resolve) => {
		endWith = resolve;
	});
	const startedSeconds = clock.wallMs() / 1000;

	const store = openStore({
		baseDir: config.baseDir,
		rrdTemplate: config.rrdTemplate,
		events: {
			enrolled: (id, lastSlotSeconds) => book.enrolled(id, lastSlotSeconds),
			revived: (id) => log.info(`revived archived order: ${id}`),
			archived: (id) => book.expiryOver(id),
			kept: (id) => book.expiryOver(id),
			stuck: (id) => book.expiryFailed(id),
			dropped: (id, ageSeconds) =>
				log.info(`removed from the archive: ${id} (archived ${Math.round(ageSeconds / 3600)} hours ago)`),
			problem: (message) => log.error(message),
			failed: (error) => {
				log.error(`the store ended: ${error.stack ?? error.message}`);
				endWith(1);
			},
		},
	});
	store.limitArchive(config.archive);
	const facts = factTableOf(probes);
	const delivery = openDelivery({
		facts,
		baseDir: config.baseDir,
		sinkModule: parts.sinkModule,
		otherSinkModules: config.sinkModules,
		entries: config.sinks,
		version,
		clock,
		log,
	});
	const stream = new OutcomeStream((subscriber, error) => {
		const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
		limiter.limited(
			`subscriber ${subscriber}`,
			'error',
			`a fault in ${subscriber}, please report it: ${message}`,
		);
	});
	const memory = new Memory(facts);
	stream.subscribe(store);
	stream.subscribe(memory);
	stream.subscribe(delivery);
	stream.subscribe(new FailureLog((reason, message) => limiter.limited(kindOf(reason), 'warn', message)));
	const telegrafFiles = new TelegrafFiles({
		clock,
		log,
		readText: readOrderFile,
		changed: (id) => {
			const live = book.find(id)?.live ?? null;
			if (live !== null) stream.changed(telegrafFiles.forwarded(live.order));
		},
	});
	const telegrafWatcher = new OrdersWatcher({
		root: join(config.baseDir, 'telegraf'),
		log,
		clock,
		isOrder: isTelegrafFile,
		listener: {
			changed: (file) => telegrafFiles.fileChanged(file),
			removed: (id) => telegrafFiles.fileRemoved(id),
			scanned: () => {},
		},
	});
	const batches = new Batches(probes, clock);
	const runCommand = makeRunCommand();
	const keptAddresses = new KeptAddresses({
		file: join(config.baseDir, 'state', 'addresses'),
		problem: (message) => log.warn(message),
	});
	keptAddresses.keepSeconds = config.namesKeepSeconds;
	const resolve = makeResolveNames({ clock, kept: keptAddresses });
	const scheduler = new Scheduler({
		batches,
		clock,
		log: {
			...log,
			warn: (message) => limiter.limited(kindOf(message), 'warn', message),
		},
		toolsFor: (name) => ({
			settings: config.probes[name],
			version,
			clock,
			runCommand,
			resolve,
			note: () => {},
			measuredAt: () => {},
			log: (message) => limiter.limited(kindOf(message), 'info', message),
		}),
		identityOf: (order) => identityOf(telegrafFiles.forwarded(order)),
		tell: (outcomes) => stream.outcomes(outcomes),
		released: (live) => book.released(live),
	});
	const allowances = new Allowances(limitsIn(config), userName);
	const rrdBytesOf = ({ rrdTemplate, stepSeconds, pings }: Order) =>
		mainRrdBytes(rrdTemplate ?? config.rrdTemplate, stepSeconds, pings);
	const book = new OrderBook(
		{
			batches,
			clock,
			log,
			...releasing(allowances, {
				store,
				stream: {
					changed: (order) => stream.changed(telegrafFiles.forwarded(order)),
					gone: (id, why) => stream.gone(id, why),
				},
			}),
			readText: readOrderFile,
			readOrder: limitedReading(allowances, (id, text) => readOrder(id, text, probes), rrdBytesOf),
			describe: describeFindings,
			wake: () => scheduler.wake(),
		},
		maxAgeMsOf(config),
	);
	let isTidied = false;
	const watcher = new OrdersWatcher({
		root: join(config.baseDir, 'orders'),
		log,
		clock,
		isOrder: isOrderFor(probes),
		listener: {
			changed: (file) => book.fileChanged(file),
			removed: (id) => book.fileRemoved(id),
			scanned: (scan) => {
				if (scan.first) {
					log.debug(`first scan done: ${scan.files} files in ${Math.round(scan.elapsedMs)} ms`);
					tellDiskUse();
					const startedMs = performance.now() - scan.elapsedMs;
					const told = () =>
						log.debug(
							`all orders of the first scan are enrolled after ${Math.round(performance.now() - startedMs)} ms`,
						);
					store.flush().then(told, () => {});
				}
				// What has no order file now was deleted while the daemon was away. A folder that cannot be read may hold it.
				if (scan.complete && !isTidied) store.keepOnly(book.ids());
				isTidied ||= scan.complete;
			},
		},
	});

	const diskSpace = new DiskSpace(config.baseDir, log);
	void diskSpace.check();

	const status = () => `${book.live} orders measured, ${book.rejected} rejected`;
	let title = '';
	const showTitle = () => {
		const now = `pingmachine [orders: ${book.live}]`;
		if (now !== title) process.title = now;
		title = now;
	};
	showTitle();
	const cancels = [
		everySecondOrSo(clock, showTitle),
		every(clock, reportIntervalMs, reportSlackMs, report),
		every(clock, reportIntervalMs, reportSlackMs, () => void diskSpace.check()),
		every(clock, judgeAgainMs, judgeAgainSlackMs, () => {
			for (const id of allowances.takeFitting()) book.judgeAgain(id);
		}),
	];
	cancels.push(
		watchBaseDir({
			...{ baseDir: config.baseDir, lock, clock, log },
			takenUp: () => {
				questionSocket?.close();
				void answerQuestions().then((socket) => {
					questionSocket = socket;
				});
			},
			lost: () => endWith(1),
		}),
	);
	if (notify.watchdogMs !== null) {
		cancels.push(every(clock, notify.watchdogMs / 4, notify.watchdogMs / 12, feedWatchdog));
	}

	let rrdSize = { bytes: 0, countedMs: Number.NEGATIVE_INFINITY };

	/** Of all main.rrd when they are made, bytes. There may be many, so they are not counted at every question. */
	function mainRrdsSize(): number {
		const nowMs = clock.monotonicMs();
		if (nowMs < rrdSize.countedMs + recountMs) return rrdSize.bytes;
		let bytes = 0;
		for (const [, , live] of book) {
			if (live === null) continue;
			bytes += rrdBytesOf(live.order);
		}
		rrdSize = { bytes, countedMs: nowMs };
		return bytes;
	}

	function tellDiskUse(): void {
		if (book.live === 0) return;
		const size = gigabytes(mainRrdsSize());
		log.info(`orders measured: ${book.live}; their main.rrd take ${size} of disk when all are made`);
	}

	let reportedTrouble = 0;
	function report(): void {
		const { queued, lagMs, dropped, lastResultErrors, rrdErrors, rrdRefused } = store.stats();
		const { failed, skipped, late, overrun } = scheduler.counters;
		const sinks = delivery.stats();
		const lost = sinks.reduce((sum, sink) => sum + allDropped(sink.dropped), 0);
		const trouble =
			failed + skipped + late + overrun + dropped + lastResultErrors + rrdErrors + rrdRefused + lost;
		const level = trouble > reportedTrouble ? 'info' : 'debug';
		reportedTrouble = trouble;
		const { p50, p99, max } = loopDelay.delays;
		const ms = (seconds: number) => (seconds * 1000).toFixed(1);
		const sinksLine = sinks.length === 0 ? '' : `${describeSinks(sinks)}; `;
		log[level](
			`${status()}; slots since the start: ${scheduler.counters.measured} measured, ${failed} failed, ` +
				`${skipped} skipped, ${late} late, ${overrun} overrun; results not written: ${dropped + lastResultErrors}, ` +
				`rows not written: ${rrdErrors + rrdRefused}; store: ${queued} waiting, lag ${Math.round(lagMs)} ms; ` +
				`${sinksLine}` +
				`main-thread delay p50 ${ms(p50)} p99 ${ms(p99)} max ${ms(max)} ms`,
		);
		loopDelay.reset();
	}

	function feedWatchdog(): void {
		const { lagMs } = store.stats();
		const hung =
			lagMs > storeHungMs
				? `the store has been waiting for the disk for ${Math.round(lagMs / 1000)} s`
				: null;
		const stuck = scheduler.stuck() ?? hung;
		if (stuck === null) notify.alive(status());
		else log.error(`${stuck}: not feeding the watchdog`);
	}

	function reload(): void {
		notify.reloading();
		try {
			const fresh = parts.reloadConfig();
			const { applied, needRestart } = changedKeys(config, fresh);
			// What needs a restart is told each time until there is one.
			const { baseDir, user, logFormat } = config;
			config = { ...fresh, baseDir, user, logFormat };
			log.setLevel(fresh.logLevel);
			book.maxAgeMs = maxAgeMsOf(fresh);
			store.limitArchive(fresh.archive);
			allowances.limitsOf = limitsIn(fresh);
			keptAddresses.keepSeconds = fresh.namesKeepSeconds;
			delivery.configure(fresh.sinks);
			const nothing = needRestart.length === 0 ? 'nothing changed' : 'nothing else changed';
			log.info(`read the config again: ${applied.length === 0 ? nothing : `changed ${applied.join(', ')}`}`);
			if (needRestart.length > 0) log.warn(`restart pingmachine for the new ${needRestart.join(', ')}`);
		} catch (error) {
			log.error(`the config stays as it was: ${(error as Error).message}`);
		}
		notify.ready(status());
	}

	/** Answers those who ask through the base directory; measuring goes on without. */
	async function answerQuestions(): Promise<QuestionSocket | null> {
		const questions = questionsFor({
			...{ startedSeconds, book, batches, scheduler, memory, stream, store, delivery },
			disk: () => ({ main_rrd: mainRrdsSize(), free: diskSpace.freeBytes }),
			maxAgeSeconds: () => config.maxAgeSeconds,
			loopDelay: () => loopDelay.delays,
			failed: (error) =>
				limiter.limited('question', 'error', `could not answer a question: ${error.stack ?? error.message}`),
		});
		try {
			return await openQuestionSocket(config.baseDir, questions);
		} catch (error) {
			log.warn(`${(error as Error).message}. pingmachine explain and status do without`);
			return null;
		}
	}

	async function shutDown(): Promise<void> {
		notify.stopping();
		questionSocket?.close();
		for (const cancel of cancels) cancel();
		watcher.stop();
		telegrafWatcher.stop();
		telegrafFiles.stop();
		book.stop();
		await scheduler.stop();
		for (const complaint of await closeProbes(probes)) log.warn(complaint);
		await Promise.all([store.close(storeCloseMs), delivery.close(deliveryCloseMs), keptAddresses.close()]);
		limiter.flush();
		lock.release();
	}

	const onTermination = () => endWith(0);
	process.on('SIGTERM', onTermination).on('SIGINT', onTermination).on('SIGHUP', reload);
	process.on('uncaughtException', (error) => {
		log.error(`a fault in pingmachine itself, please report it: ${error.stack ?? error.message}`);
		endWith(1);
	});
	let questionSocket = await answerQuestions();
	book.start();
	scheduler.start();
	telegrafWatcher.start();
	watcher.start();
	log.info('pingmachine started');
	notify.ready(status());

	const exitCode = await ended;
	const tooLong = setTimeout(() => {
		log.error(`could not shut down within ${shutdownMs} ms`);
		process.exit(1);
	}, shutdownMs);
	await shutDown();
	clearTimeout(tooLong);
	log.info('pingmachine stopped');
	return exitCode;
}
