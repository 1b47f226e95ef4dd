import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { nameThread } from '../../../src/host/thread-name.ts';
import type { EarlyTargetPing } from '../../shared/worker-thread.ts';
import { systemClocks } from './clocks.ts';
import { libc } from './libc.ts';
import type { EngineRequest, EngineResult, EngineWorkerData, PingRequest, ToEngine } from './messages.ts';
import { PingLoop } from './ping-loop.ts';
import { selfTest } from './self-test.ts';
import { keepStamping } from './stamp-keeper.ts';
import { TraceLoop } from './trace-loop.ts';

if (parentPort === null) throw new Error('the icmp engine is to be run as a worker thread');
const port: MessagePort = parentPort;
nameThread('icmp');
const { posted } = workerData as EngineWorkerData;
const clocks = systemClocks();
const parts = {
	...{ clocks, over: report },
	early: (id: number, early: readonly EarlyTargetPing[]) => port.postMessage({ id, early }),
};
const loop = new PingLoop(parts);
const traces = new TraceLoop(parts);
const sleeping = new Int32Array(new SharedArrayBuffer(4));
/** Families that are known to work here. */
const working = new Set<4 | 6>();
/** By family: why it could not be used, and until when no other test is made; monotonic milliseconds. */
const faults = new Map<4 | 6, { readonly fault: string; readonly untilMs: number }>();
/** A test that fails holds everything up for a third of a second. */
const faultHoldsMs = 1000;

const setTimerSlack = 29;
const slackNs = 10_000;
libc.prctl(setTimerSlack, slackNs, 0, 0, 0);
// Before the self-test, which waits until it is so.
keepStamping();

port.on('message', (message: ToEngine) => {
	take(message);
	run();
});

/** Until there is nothing to do. Messages are looked for meanwhile. */
function run(): void {
	for (;;) {
		const seen = Atomics.load(posted, 0);
		for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
			take(next.message as ToEngine);
		}
		let pauseMs: number | null = 0;
		while (pauseMs !== null && Atomics.load(posted, 0) === seen) {
			pauseMs = sooner(loop.turn(), traces.turn());
			if (pauseMs !== null && pauseMs > 0) Atomics.wait(posted, 0, seen, pauseMs);
		}
		if (pauseMs === null && Atomics.load(posted, 0) === seen) return;
	}
}

/** Null: there is nothing to do. */
function sooner(one: number | null, other: number | null): number | null {
	if (one === null || other === null) return one ?? other;
	return Math.min(one, other);
}

function take(message: ToEngine): void {
	if ('end' in message) {
		loop.cancel(message.end);
		traces.cancel(message.end);
	} else if ('watch' in message) {
		loop.watch(message.watch, message.targets);
		traces.watch(message.watch, message.targets);
	} else start(message.request, message.id);
}

function start(asked: EngineRequest, id: number): void {
	if ('trace' in asked) {
		traces.add({ ...asked, id });
		return;
	}
	const request: PingRequest = { ...asked, id };
	const { family } = request.socket;
	const fault = working.has(family) ? null : tested(family);
	if (fault === null) loop.add(request);
	else report({ id: request.id, failure: fault, code: 'probe_failed' });
}

/** Before each job, until it has been seen that all is well. */
function tested(family: 4 | 6): string | null {
	const known = faults.get(family);
	if (known !== undefined && clocks.monotonicMs() < known.untilMs) return known.fault;
	faults.delete(family);
	const { fault, isSure } = selfTest(family, clocks, (ms) => Atomics.wait(sleeping, 0, 0, ms));
	if (fault !== null) faults.set(family, { fault, untilMs: clocks.monotonicMs() + faultHoldsMs });
	else if (isSure) working.add(family);
	return fault;
}

function report(result: EngineResult): void {
	const { id } = result;
	if ('failure' in result || 'traced' in result) {
		port.postMessage({ id, result });
		return;
	}
	const { rttSeconds, sentAtSeconds, counters, ttl, stamps, lossReasons, failures } = result;
	const arrays = [rttSeconds, sentAtSeconds, counters, ttl, stamps, lossReasons, failures];
	port.postMessage(
		{ id, result },
		arrays.map(({ buffer }) => buffer as ArrayBuffer),
	);
}
