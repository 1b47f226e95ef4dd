import { parentPort, workerData } from 'node:worker_threads';
import { loadPlugIn } from '../host/plug-in-module.ts';
import { nameThread } from '../host/thread-name.ts';
import { systemClock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import type { OrderIdentity } from '../model/outcome.ts';
import { RepeatLimiter } from '../model/repeat-limiter.ts';
import type { AnySink, SinkTable } from '../model/sink.ts';
import { unpackOutcome } from '../outcomes/packed.ts';
import type { Companion, OpenCompanion } from './companion.ts';
import { Couriers } from './couriers.ts';
import type { DeliveryReport, DeliveryRequest, DeliveryWorkerData } from './messages.ts';
import { Pulse } from './pulse.ts';

/** While something waits or goes on. When nothing does, the other thread only has to see that this one lives. */
const tickIntervalMs = 500;

if (parentPort === null) throw new Error('delivery-worker is to be run as a worker thread');
const port = parentPort;
nameThread('deliveries');
const {
	sinkModule,
	otherSinkModules,
	spoolFolder,
	version,
	pulse: shared,
	idleTickMs,
	entries,
	facts,
	companion: beside,
} = workerData as DeliveryWorkerData;
const pulse = new Pulse(shared);
pulse.beat();

function report(one: DeliveryReport): void {
	port.postMessage(one);
}

const tell = (level: keyof Log) => (message: string) => report({ about: 'log', level, message });
const log: Log = { error: tell('error'), warn: tell('warn'), info: tell('info'), debug: tell('debug') };

const faults = new RepeatLimiter(log, systemClock);
let orders = new Map<number, OrderIdentity>();
let epoch = 0;
let statsSent = '';
let tickDueMs = 0;
let cancelTick = () => {};

function orderOf(number: number): OrderIdentity {
	const order = orders.get(number);
	if (order === undefined) throw new Error(`there is no order ${number}`);
	return order;
}

function deliver({ orders: news, numbers, packed }: DeliveryRequest & { verb: 'deliver' }): void {
	pulse.take(packed.length);
	if (tickDueMs > systemClock.monotonicMs() + tickIntervalMs) tickAfter(tickIntervalMs);
	const unwanted: number[] = [];
	for (const [number, order] of news) {
		orders.set(number, order);
		if (!couriers.isWanted(order) && companion?.isWanted(order) !== true) unwanted.push(number);
	}
	for (const [index, one] of packed.entries()) {
		const outcome = unpackOutcome(one, orderOf(numbers[index] ?? -1));
		couriers.accept(outcome, one);
		companion?.accept(outcome);
	}
	if (unwanted.length > 0) report({ about: 'unwanted', epoch, numbers: unwanted });
}

async function close(graceMs: number): Promise<void> {
	await Promise.all([companion?.close(graceMs), couriers.close(graceMs)]);
	sendStats();
	faults.flush();
	report({ about: 'closed' });
}

/** Returns whether anything has changed since the last time. */
function sendStats(): boolean {
	const stats = couriers.stats();
	const text = JSON.stringify(stats);
	if (text === statsSent) return false;
	statsSent = text;
	report({ about: 'stats', stats });
	return true;
}

function tick(): void {
	pulse.beat();
	couriers.tick();
	const isBusy =
		sendStats() || couriers.stats().some(({ queued, state }) => queued > 0 || state !== 'working');
	tickAfter(isBusy ? tickIntervalMs : idleTickMs);
}

function tickAfter(delayMs: number): void {
	cancelTick();
	tickDueMs = systemClock.monotonicMs() + delayMs;
	cancelTick = systemClock.after(delayMs, tick);
}

const { builtInSinks } = (await import(sinkModule)) as { readonly builtInSinks: SinkTable };
const sinks = new Map(builtInSinks);
for (const path of otherSinkModules) {
	// Its shape was checked when the config was read.
	const loaded = await loadPlugIn(path);
	if ('fault' in loaded) log.error(`${path}: ${loaded.fault}`);
	else {
		const sink = loaded.plugIn as AnySink;
		sinks.set(sink.name, sink);
	}
}
const companion = beside === null ? null : await openBeside(beside.module, beside.data);

async function openBeside(module: string, data: unknown): Promise<Companion> {
	const { openCompanion } = (await import(module)) as { readonly openCompanion: OpenCompanion };
	const post = (message: unknown) => report({ about: 'companion', message });
	return openCompanion(data, { clock: systemClock, log, post });
}

const couriers = new Couriers({
	sinks,
	spoolFolder,
	version,
	facts,
	clock: systemClock,
	log,
	random: Math.random,
	atDisk: (action) => pulse.atDisk(action),
});
// A socket of one sink that fails while nobody listens must not end the others.
process.on('uncaughtException', (error) => {
	faults.limited('fault', 'error', `a fault in a sink, please report it: ${error.stack ?? error.message}`);
});
couriers.configure(entries);
sendStats();
tick();
port.on('message', (request: DeliveryRequest) => {
	switch (request.verb) {
		case 'deliver':
			deliver(request);
			break;
		case 'forget':
			for (const number of request.numbers) orders.delete(number);
			break;
		case 'renumber':
			epoch = request.epoch;
			orders = new Map();
			break;
		case 'configure':
			couriers.configure(request.entries);
			sendStats();
			break;
		case 'companion':
			companion?.hear(request.messages);
			break;
		case 'close':
			void close(request.graceMs);
			break;
	}
});
