import { failureOf } from '../../../src/model/probe.ts';
import { addressBytes, addressText } from '../../shared/ip-address.ts';
import type { EarlyTargetPing } from '../../shared/worker-thread.ts';
import { type Clocks, StepWatch } from './clocks.ts';
import { DueJobs } from './due-jobs.ts';
import { sendErrorCode, sendErrorText } from './icmp-errors.ts';
import type { PingFailed } from './messages.ts';
import { KnownWays, RouterAsks } from './router-asks.ts';
import { scopesOf } from './scopes.ts';
import { TraceChannel } from './trace-channel.ts';
import { newFlow } from './trace-format.ts';
import type { TraceDone, TracedTarget, TraceRequest, TraceSocketOptions } from './trace-messages.ts';
import { reportOf } from './trace-report.ts';
import { rttOfSent } from './trace-sent.ts';
import { sourceFor } from './trace-socket.ts';
import { type TargetParts, TraceTarget } from './trace-target.ts';

export interface TraceLoopParts {
	readonly clocks: Clocks;
	readonly over: (result: TraceDone | PingFailed) => void;
	readonly early: (id: number, pings: readonly EarlyTargetPing[]) => void;
}

interface Running {
	readonly request: TraceRequest;
	readonly channel: TraceChannel;
	readonly traced: (TraceTarget | TracedTarget)[];
	readonly startMs: number;
	watched: readonly number[];
	readonly told: Set<number>;
	stopped: boolean;
}

interface Turn {
	readonly target: TraceTarget;
	readonly course: Generator<number, void, number>;
	readonly running: Running;
	dueMs: number;
}

/** So many targets have their turn before others do, and what they send rests a little. */
const turnsMax = 16;
const restMs = 1;
/** Answers are read so often, and oftener while one is waited for. */
const readMs = 50;
/** The job must be told of a target's end this long before its own; nothing is sent after the second. */
const closingShare = 0.97;
const sendingShare = 0.9;
const channelLifeMs = 5 * 60_000;

/** Traces for all jobs, turn by turn, in the thread of the engine. Never waits. */
export class TraceLoop {
	readonly #parts: TraceLoopParts;
	readonly #steps: StepWatch;
	readonly #channels = new Map<string, TraceChannel>();
	readonly #open = new Set<TraceChannel>();
	readonly #running = new Map<number, Running>();
	readonly #due = new DueJobs<Turn>(({ dueMs }) => dueMs);
	readonly #asks = new RouterAsks();
	readonly #ways = new KnownWays();
	#readMs = 0;

	constructor(parts: TraceLoopParts) {
		this.#parts = parts;
		this.#steps = new StepWatch(parts.clocks);
	}

	add(request: TraceRequest): void {
		const { clocks, over } = this.#parts;
		if (this.#running.size === 0) this.#steps.hasStepped();
		try {
			const channel = this.#channelFor(request.trace, request.port);
			this.#open.add(channel);
			const startMs = clocks.monotonicMs();
			const running = { request, channel, startMs, watched: [], told: new Set<number>(), stopped: false };
			this.#start({ ...running, traced: [] });
		} catch (error) {
			over({ id: request.id, ...failureOf(error) });
			for (const channel of this.#open) if (channel.isIdle) this.#close(channel);
		}
	}

	#start(running: Running): void {
		const { request, channel, traced, startMs } = running;
		const { addresses, zones, intervalMs, trace } = request;
		const count = addresses.length / addressBytes;
		const scopes = zones === null ? null : scopesOf(zones);
		for (let i = 0; i < count; i++) {
			const length = trace.family === 4 ? 4 : 16;
			const bytes = addresses.slice(i * addressBytes, i * addressBytes + length);
			const scope = scopes?.[i] ?? 0;
			const source = sourceFor(trace, bytes, scope);
			if (typeof source === 'number') {
				traced.push({ code: sendErrorCode(source), failure: sendErrorText(source) });
				continue;
			}
			const address = addressText(bytes, 0, trace.family);
			const target = new TraceTarget({
				...{ request, address, bytes, scope, asks: this.#asks, trunk: channel.trunk },
				flow: newFlow(Uint8Array.from([...source, ...bytes]), address),
				startMs: startMs + (i * intervalMs) / count,
				known: this.#ways.take(wayKey(request, address)),
				send: (...args) => channel.send(...args),
			} satisfies TargetParts);
			traced.push(target);
			channel.add(target);
			const course = target.course();
			course.next(startMs);
			this.#due.add({ target, course, running, dueMs: target.parts.startMs });
		}
		this.#running.set(request.id, running);
	}

	watch(id: number, targets: readonly number[]): void {
		const running = this.#running.get(id);
		if (running !== undefined) running.watched = targets;
	}

	cancel(id: number): void {
		const running = this.#running.get(id);
		if (running !== undefined) running.stopped = true;
	}

	/** Reads what has come and sends what is due. Returns in how many milliseconds to come again, null when nothing is left. */
	turn(): number | null {
		if (this.#running.size === 0) return null;
		const { clocks } = this.#parts;
		for (const channel of this.#open) channel.drain();
		const hasStepped = this.#steps.hasStepped();
		for (const channel of this.#open) channel.endTurn(hasStepped);
		this.#readMs = clocks.monotonicMs();
		const restsMs = this.#resume();
		for (const [id, running] of this.#running) {
			if (running.watched.length > 0) this.#tellEarly(id, running);
			if (this.#isOver(running)) this.#finish(id, running);
		}
		return this.#running.size === 0 ? null : Math.max(0, Math.min(restsMs, readMs));
	}

	#resume(): number {
		const { clocks } = this.#parts;
		for (let turns = 0; turns < turnsMax; turns++) {
			const nowMs = clocks.monotonicMs();
			const turn = this.#due.first();
			if (turn === null) return Number.POSITIVE_INFINITY;
			if (turn.dueMs > nowMs) return turn.dueMs - nowMs;
			const { running, course } = turn;
			const { windowMs } = running.request;
			const isLate = running.stopped || nowMs - running.startMs >= windowMs * sendingShare;
			const next = isLate ? null : course.next(nowMs);
			if (next === null || next.done === true) this.#due.removeFirst();
			else {
				// Never twice in one turn: an answer would not have been read.
				turn.dueMs = Math.max(next.value, nowMs + restMs);
				this.#due.firstHasMoved();
			}
		}
		return restMs;
	}

	#isOver({ request, traced, startMs, stopped }: Running): boolean {
		const nowMs = this.#readMs;
		if (stopped || nowMs - startMs >= request.windowMs * closingShare) return true;
		return traced.every((one) => {
			if (!(one instanceof TraceTarget)) return true;
			if (!one.isOver) return false;
			return one.sent.every(
				({ answer, isVoid, sentMs }) => answer !== null || isVoid || nowMs - sentMs > request.timeoutMs,
			);
		});
	}

	#finish(id: number, { request, channel, traced }: Running): void {
		const { clocks, over } = this.#parts;
		const { family } = request.trace;
		this.#running.delete(id);
		over({
			id,
			kind: channel.socket.kind,
			traced: traced.map((one) =>
				one instanceof TraceTarget ? reportOf(one, family, this.#readMs, clocks.baseSeconds) : one,
			),
		});
		for (const one of traced) {
			if (!(one instanceof TraceTarget)) continue;
			this.#ways.keep(wayKey(request, one.parts.address), one.way);
			channel.remove(one);
		}
		if (channel.isIdle) this.#close(channel);
	}

	#tellEarly(id: number, { request, traced, watched, told }: Running): void {
		const { clocks, early } = this.#parts;
		const pings: EarlyTargetPing[] = [];
		for (const target of watched) {
			const one = traced[target];
			if (!(one instanceof TraceTarget)) continue;
			for (const [index, sent] of one.samples.entries()) {
				const key = target * request.pings + index;
				if (sent === undefined || sent.isVoid || told.has(key)) continue;
				if (sent.answer?.kind !== 'target' && this.#readMs - sent.sentMs < request.timeoutMs) continue;
				told.add(key);
				const rttSeconds = sent.answer?.kind === 'target' ? rttOfSent(sent, request.timeoutMs) : null;
				pings.push({ target, index, rttSeconds, sentAtSeconds: clocks.baseSeconds + sent.sentNs / 1e9 });
			}
		}
		if (pings.length > 0) early(id, pings);
	}

	#channelFor(options: TraceSocketOptions, port: number): TraceChannel {
		const { clocks } = this.#parts;
		const key = JSON.stringify([Object.entries(options).sort(), port]);
		const existing = this.#channels.get(key);
		if (existing !== undefined && clocks.monotonicMs() - existing.openedMs < channelLifeMs) return existing;
		const channel = new TraceChannel(options, port, clocks);
		this.#channels.set(key, channel);
		return channel;
	}

	#close(channel: TraceChannel): void {
		this.#open.delete(channel);
		for (const [key, one] of this.#channels) if (one === channel) this.#channels.delete(key);
		channel.close();
	}
}

function wayKey({ trace, firstHop, maxHop, port }: TraceRequest, address: string): string {
	const { protocol, source = '', interface: device = '' } = trace;
	return `${protocol} ${port} ${firstHop}-${maxHop} ${source} ${device} ${address}`;
}
