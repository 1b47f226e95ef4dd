/** Where each microsecond of a ping goes: in the engine, and in the program in C. */

import { systemClocks } from '../probes/icmp/engine/clocks.ts';
import { libc, Memory } from '../probes/icmp/engine/libc.ts';
import type { FromEngine, PingDone, PingRequest } from '../probes/icmp/engine/messages.ts';
import { PingLoop } from '../probes/icmp/engine/ping-loop.ts';
import { addressBytes, packAddress } from '../probes/shared/ip-address.ts';
import { loopbackTargets } from './icmp-tools.ts';

/** Microseconds of CPU a ping. */
export interface PingParts {
	/** Calls of the kernel: to send, to receive answers, to receive stamps of what was sent. */
	readonly send: number;
	readonly receive: number;
	readonly stamps: number;
	/** To fall asleep and be woken. */
	readonly sleep: number;
	/** All the rest: JavaScript, or what C does itself. */
	readonly own: number;
	readonly all: number;
}

export interface Pace {
	readonly targets: number;
	readonly pings: number;
	/** Pings a second; 0: as fast as it goes. */
	readonly rate: number;
}

const inJob = 1000;
const errorQueue = 0x2000;
const threadCpu = 3;

type Parts = { [Part in 'send' | 'receive' | 'stamps' | 'sleep']: number };

/** Of the engine, in this thread. Twice: looking at the clock around each call costs as much as some of them. */
export function partsOfEngine(pace: Pace): PingParts {
	const allSeconds = runLoop(pace, sleep);
	const seconds: Parts = { send: 0, receive: 0, stamps: 0, sleep: 0 };
	const timed = <T>(part: keyof Parts, call: () => T): T => {
		const startSeconds = cpuSeconds();
		const result = call();
		seconds[part] += cpuSeconds() - startSeconds;
		return result;
	};
	const own = { sendmmsg: libc.sendmmsg, recvmmsg: libc.recvmmsg };
	libc.sendmmsg = (...args) => timed('send', () => own.sendmmsg(...args));
	libc.recvmmsg = (fd, messages, count, flags, timeout) =>
		timed((flags & errorQueue) === 0 ? 'receive' : 'stamps', () =>
			own.recvmmsg(fd, messages, count, flags, timeout),
		);
	runLoop(pace, (restMs) => timed('sleep', () => sleep(restMs)));
	Object.assign(libc, own);
	return partsOf(seconds, allSeconds, pace.targets * pace.pings);
}

const sleeping = new Int32Array(new SharedArrayBuffer(4));

/** As the thread of the engine does. */
function sleep(restMs: number): void {
	Atomics.wait(sleeping, 0, 0, restMs);
}

/** Returns what it took, seconds of CPU. */
function runLoop(pace: Pace, wait: (restMs: number) => unknown): number {
	const done: FromEngine[] = [];
	const loop = new PingLoop({ clocks: systemClocks(), over: (result) => done.push(result) });
	const beforeSeconds = cpuSeconds();
	for (const request of requestsOf(pace)) loop.add(request);
	for (let restMs = loop.turn(); restMs !== null; restMs = loop.turn()) {
		if (restMs > 0) wait(restMs);
	}
	const allSeconds = cpuSeconds() - beforeSeconds;
	const answered = done.reduce((sum, one) => sum + answeredIn(one), 0);
	const wanted = pace.targets * pace.pings;
	if (answered !== wanted) throw new Error(`of ${wanted} pings ${answered} were answered`);
	return allSeconds;
}

function answeredIn(result: FromEngine): number {
	if ('failure' in result) throw new Error(result.failure);
	return (result as PingDone).rttSeconds.filter((rtt) => rtt > 0).length;
}

export function partsOf(seconds: Readonly<Parts>, allSeconds: number, pings: number): PingParts {
	const each = (part: number) => (part / pings) * 1e6;
	const { send, receive, stamps, sleep } = seconds;
	return {
		...{ send: each(send), receive: each(receive), stamps: each(stamps), sleep: each(sleep) },
		own: each(allSeconds - send - receive - stamps - sleep),
		all: each(allSeconds),
	};
}

/** Jobs of a thousand targets. */
export function* requestsOf({ targets, pings, rate }: Pace): Iterable<PingRequest> {
	const all = loopbackTargets(targets);
	const roundMs = rate === 0 ? 0.5 : (targets / rate) * 1000;
	for (let from = 0; from < targets; from += inJob) {
		const some = all.slice(from, from + inJob);
		const addresses = new Uint8Array(some.length * addressBytes);
		for (const [i, target] of some.entries()) packAddress(target, addresses, i * addressBytes);
		yield {
			...{ id: from, socket: { family: 4, size: 56 }, addresses, zones: null, pings },
			...{ intervalMs: roundMs, roundMs, timeoutMs: 500 },
			windowMs: Math.max(10_000, roundMs * pings * 1.3),
			burst: null,
		};
	}
}

const time = new Memory(16);

/** Of this thread. */
function cpuSeconds(): number {
	libc.clock_gettime(threadCpu, time.address);
	return (time.u32[0] as number) + (time.u32[2] as number) / 1e9;
}
