/** Packets of many jobs that leave with one call, and threads that share jobs. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClocks } from '../../../probes/icmp/engine/clocks.ts';
import { DueJobs } from '../../../probes/icmp/engine/due-jobs.ts';
import { EngineThreads } from '../../../probes/icmp/engine/engine-threads.ts';
import { errno, libc } from '../../../probes/icmp/engine/libc.ts';
import type { FromEngine } from '../../../probes/icmp/engine/messages.ts';
import { PingLoop } from '../../../probes/icmp/engine/ping-loop.ts';
import { onBusyMachine } from '../../support/busy.ts';
import { donePings, pauseThread, pingRequest } from '../../support/ping-request.ts';
import { load } from './rig.ts';
import { hosts } from './run-loop.ts';

const { makePingEngine } = (await load(
	'probes/icmp/engine/engine.js',
)) as typeof import('../../../probes/icmp/engine/engine.ts');

const rttsOf = (results: readonly FromEngine[]) => results.flatMap((one) => [...donePings(one).rttSeconds]);

describe('jobs that are due at the same time', () => {
	const own = { ...libc };
	afterEach(() => {
		Object.assign(libc, own);
	});

	/** Twenty jobs of one target each, all of them due at once. */
	function runAll(): FromEngine[] {
		const results: FromEngine[] = [];
		const loop = new PingLoop({ clocks: systemClocks(), over: (result) => results.push(result) });
		for (const [id, host] of hosts(20).entries()) {
			loop.add({ ...pingRequest([host], { pings: 3, intervalMs: 100, roundMs: 1, burst: 32 }), id });
		}
		for (let ms = loop.turn(); ms !== null; ms = loop.turn()) pauseThread(Math.min(ms, 20));
		return results;
	}

	test('leave with one call', onBusyMachine, () => {
		const lots: number[] = [];
		libc.sendmmsg = (fd, messages, count, flags) => {
			lots.push(count);
			return own.sendmmsg(fd, messages, count, flags);
		};
		expect(rttsOf(runAll())).toHaveLength(60);
		// The jobs begin within a few milliseconds of each other.
		expect(Math.max(...lots)).toBeGreaterThan(4);
	});

	test('lose nothing when queues have no room for all of them', onBusyMachine, () => {
		let calls = 0;
		let isFull = false;
		libc.sendmmsg = (fd, messages, count, flags) => {
			calls++;
			isFull = calls % 2 === 0;
			return isFull ? -1 : own.sendmmsg(fd, messages, Math.min(count, 2), flags);
		};
		libc.errno = () => (isFull ? errno.ENOBUFS : own.errno());
		const rtts = rttsOf(runAll());
		expect(rtts).toHaveLength(60);
		expect(rtts.filter((rtt) => rtt > 0)).toHaveLength(60);
	});
});

test('the heap is right again when many have moved', () => {
	fc.assert(
		fc.property(fc.array(fc.tuple(fc.nat(), fc.nat())), (times) => {
			const items = times.map(([at, later]) => ({ at, later }));
			const heap = new DueJobs<{ at: number }>(({ at }) => at);
			for (const item of items) heap.add(item);
			for (const item of items) item.at = item.later;
			heap.manyHaveMoved();
			const out: number[] = [];
			for (let first = heap.first(); first !== null; first = heap.first()) {
				out.push(first.at);
				heap.removeFirst();
			}
			expect(out).toEqual(items.map(({ later }) => later).sort((a, b) => a - b));
		}),
	);
});

describe('threads', () => {
	const made = (atMost: number) => {
		let count = 0;
		return new EngineThreads(() => count++, atMost);
	};
	const busy = new Promise<never>(() => {});

	test('there is one while it can do all', () => {
		const threads = made(4);
		for (let job = 0; job < 10; job++) void threads.run(3, () => busy);
		expect(threads.threads).toEqual([0]);
		void threads.run(1, () => busy);
		expect(threads.threads).toEqual([0, 1]);
	});

	test('those that there may be share what is too much for all, the least loaded first', () => {
		const threads = made(2);
		const taken: number[] = [];
		for (const perMs of [100, 60, 30, 30]) {
			void threads.run(perMs, (thread) => {
				taken.push(thread);
				return busy;
			});
		}
		expect(taken).toEqual([0, 1, 1, 1]);
		expect(threads.first).toBe(0);
	});

	test('while a job runs that says how many may go at a time, all others are with it', async () => {
		const threads = made(2);
		let end = () => {};
		const limited = threads.runWithAll(40, () => new Promise<void>((resolve) => (end = resolve)));
		await threads.run(40, async (thread) => expect(thread).toBe(0));
		end();
		await limited;
		void threads.run(40, () => busy);
		await threads.run(40, async (thread) => expect(thread).toBe(1));
	});

	test('a job without any time weighs as much as a thread can do', async () => {
		const threads = made(2);
		await threads.run(Number.POSITIVE_INFINITY, async () => {});
		await threads.run(1, async (thread) => expect(thread).toBe(0));
	});

	test('what is over weighs nothing, however it ended', async () => {
		const threads = made(2);
		await threads.run(29.9, async () => {});
		await expect(threads.run(29.9, () => Promise.reject(new Error('died')))).rejects.toThrow('died');
		await threads.run(29.9, async (thread) => expect(thread).toBe(0));
		expect(threads.threads).toEqual([0]);
	});

	test('each has a socket of its own, and all are answered', onBusyMachine, async () => {
		const rawSockets = () => readFileSync('/proc/self/net/raw', 'utf8').split('\n').length;
		const engine = makePingEngine(2);
		const before = rawSockets();
		const pace = { pings: 5, intervalMs: 20, roundMs: 20, burst: null };
		const jobs = [0, 1].map(() =>
			engine.ping({ ...pingRequest(hosts(1000), pace), timeoutMs: 2000 }, new AbortController().signal),
		);
		let most = 0;
		const looking = setInterval(() => {
			most = Math.max(most, rawSockets() - before);
		}, 5);
		const results = await Promise.all(jobs);
		clearInterval(looking);
		await engine.close();
		expect(most).toBeGreaterThanOrEqual(2);
		for (const result of results) {
			const rtts = rttsOf([result as FromEngine]);
			expect(rtts).toHaveLength(5000);
			expect(rtts.filter((rtt) => rtt > 0)).toHaveLength(5000);
		}
	});
});
