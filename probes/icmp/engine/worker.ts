import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { systemClocks } from './clocks.ts';
import { libc } from './libc.ts';
import type { EngineWorkerData, FromEngine, PingRequest, ToEngine } from './messages.ts';
import { PingLoop } from './ping-loop.ts';
import { selfTest } from './self-test.ts';

if (parentPort === null) throw new Error('the icmp engine is to be run as a worker thread');
const port: MessagePort = parentPort;
const { posted } = workerData as EngineWorkerData;
const clocks = systemClocks();
const loop = new PingLoop({ clocks, over: report });
const sleeping = new Int32Array(new SharedArrayBuffer(4));
/** By family: why it cannot be used, or null when it can. */
const faults = new Map<4 | 6, string | null>();

const setTimerSlack = 29;
const slackNs = 10_000;
libc.prctl(setTimerSlack, slackNs, 0, 0, 0);

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
			pauseMs = loop.turn();
			if (pauseMs !== null && pauseMs > 0) Atomics.wait(posted, 0, seen, pauseMs);
		}
		if (pauseMs === null && Atomics.load(posted, 0) === seen) return;
	}
}

function take(message: ToEngine): void {
	if ('cancel' in message) loop.cancel(message.cancel);
	else start(message.ping);
}

function start(request: PingRequest): void {
	const { family } = request.socket;
	const fault = faults.get(family) ?? tested(family);
	if (fault === null) loop.add(request);
	else report({ id: request.id, failure: fault });
}

/** Once, or until it has been seen that all is well or not. */
function tested(family: 4 | 6): string | null {
	if (faults.has(family)) return null;
	const { fault, isSure } = selfTest(family, clocks, (ms) => Atomics.wait(sleeping, 0, 0, ms));
	if (isSure) faults.set(family, fault);
	return fault;
}

function report(result: FromEngine): void {
	if ('failure' in result) {
		port.postMessage(result);
		return;
	}
	const { rttSeconds, sentAtSeconds, jitterSeconds, counters, ttl, stamps, lossReasons, failures } = result;
	const arrays = [rttSeconds, sentAtSeconds, jitterSeconds, counters, ttl, stamps, lossReasons, failures];
	port.postMessage(
		result,
		arrays.map(({ buffer }) => buffer as ArrayBuffer),
	);
}
